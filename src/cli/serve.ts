import { Command, Option } from 'commander'
import { exitCodes, PullpassError } from '../core/errors.ts'
import { parseListenAddress } from './address.ts'
import type { CommandDefinition } from './command.ts'
import { addFactOptions } from './options.ts'
import type { ServeFlags } from './serve-flags.ts'

const helpText = `
Examples:
  pullpass serve --manifests examples/cluster --development-certificates certs/dev --listen 127.0.0.1:8443
  pullpass serve --manifests /etc/pullpass --tls-cert-file tls.crt --tls-private-key-file tls.key

The admission server answers POST /mutate and /shadow over HTTPS; the status server GET /livez, /readyz and /metrics
over plain HTTP (docs/http.md). SIGTERM drains and ends with 0; a second signal ends at once.`

/** `pullpass serve`: the webhook. */
export const serveCommand: CommandDefinition = (io, finish) => addFactOptions(new Command('serve'))
  .description('answer AdmissionReviews: the mutating webhook')
  .option('--listen <host:port>', 'address of the admission server', ':8443')
  .option('--status-listen <host:port>', 'address of the status server', ':8080')
  .option('--tls-cert-file <file>', 'certificate, PEM, reloaded when it changes')
  .option('--tls-private-key-file <file>', 'its private key, PEM')
  .option('--client-ca-file <file>', 'demand a client certificate of one of these authorities')
  .addOption(new Option('--tls-min-version <version>', 'oldest TLS version').choices(['1.2', '1.3']).default('1.2'))
  .option('--development-certificates <dir>', 'instead of TLS files: make a certificate for localhost here and use it')
  .option('--drain-seconds <seconds>', 'how long calls are still served after SIGTERM', '10')
  .addOption(new Option('--log-level <level>', 'least level that is logged').choices(['error', 'warn', 'info', 'debug']).default('info'))
  .addHelpText('after', helpText)
  .action(async (flags: ServeFlags) => {
    checkFlags(flags)
    const { serve } = await import('./serve-run.ts')
    await serve({ ...flags, ...readAddresses(flags), drainMs: readDrain(flags.drainSeconds) }, io)
    finish(exitCodes.ready)
  })

function checkFlags (flags: ServeFlags): void {
  if (flags.manifests === undefined) {
    throw new PullpassError('usage_invalid', 'serve: name a folder with --manifests; facts from a live cluster come with a later version')
  }
  const named = [flags.tlsCertFile, flags.tlsPrivateKeyFile].filter((file) => file !== undefined).length
  if (flags.developmentCertificates === undefined ? named !== 2 : named !== 0) {
    throw new PullpassError('usage_invalid', 'serve: name --tls-cert-file and --tls-private-key-file, or else --development-certificates')
  }
}

function readAddresses (flags: ServeFlags): Record<'admission' | 'status', ReturnType<typeof parseListenAddress>> {
  return { admission: parseListenAddress(flags.listen, '--listen'), status: parseListenAddress(flags.statusListen, '--status-listen') }
}

function readDrain (text: string): number {
  const seconds = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || seconds > 600) {
    throw new PullpassError('usage_invalid', `--drain-seconds: ${JSON.stringify(text)} is no number of seconds from 0 to 600`)
  }
  return seconds * 1000
}
