import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { exitCodes, PullpassError } from '../core/errors.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import type { ShowOptions } from './certs-show.ts'

interface GenerateOptions {
  readonly out: string
  readonly host: readonly string[]
  readonly days: string
  readonly force: boolean
}

const secondsADay = 86_400
const longestDays = 3650

const generateExamples = `
  pullpass certs generate
  pullpass certs generate --host pullpass.pullpass.svc --host 10.0.0.5 --days 7 --out /tmp/pullpass-certs`

const showExamples = `
  pullpass certs show certs/dev/tls.crt --key certs/dev/tls.key
  kubectl get secret pullpass-tls -o jsonpath='{.data.tls\\.crt}' | base64 -d | pullpass certs show - -o json`

const groupHelp = `
Examples:${generateExamples}${showExamples}`

const generateHelp = `
Examples:${generateExamples}

Exit codes: 0 written, 2 wrong flags, or files that must not or cannot be written.`

const showHelp = `
Examples:${showExamples}

Exit codes: 0 good, 1 expired, not yet valid, without a name or with a key that does not fit, 2 not readable.`

/** `pullpass certs`: makes serving certificates for development, shows what is in a certificate. */
export const certsCommand: CommandDefinition = (io, finish) => {
  const command = new Command('certs').description('make a certificate for development, or show one')
  command.addHelpText('after', groupHelp)
  command.command('generate')
    .description('make a certificate authority, and a serving certificate of it; the key of the authority is not kept')
    .option('--out <dir>', 'folder for ca.crt, tls.crt and tls.key', join('certs', 'dev'))
    .option('--host <name...>', 'DNS name or IP address that callers use; repeatable', ['localhost', '127.0.0.1', '::1'])
    .option('--days <n>', 'how long both certificates are valid', '30')
    .option('--force', 'replace files that are there', false)
    .addHelpText('after', generateHelp)
    .action(async (options: GenerateOptions) => {
      await generate(io, options)
      finish(exitCodes.ready)
    })
  command.command('show')
    .description('show names, dates and issuer of every certificate in a PEM file')
    .argument('<file>', 'PEM file; - reads standard input')
    .option('--key <file>', 'tell whether this private key fits the first certificate')
    .addOption(new Option('-o, --output <form>', 'form of the result').choices(['table', 'json']).default('table'))
    .addHelpText('after', showHelp)
    .action(async (file: string, options: ShowOptions) => {
      const { showCertificates } = await import('./certs-show.ts')
      finish(await showCertificates(io, file, options))
    })
  return command
}

async function generate (io: CommandIo, options: GenerateOptions): Promise<void> {
  const lifetimeSeconds = parseDays(options.days) * secondsADay
  const folder = resolve(io.workingDirectory, options.out)
  const replace = options.force
  const { checkBundleFolder, writeBundle } = await import('../adapters/tls/certificate-output.ts')
  const { createAuthority, isCertificateHost, issueServingCertificate } =
    await import('../adapters/tls/development-authority.ts')
  for (const host of options.host) {
    if (!isCertificateHost(host)) throw usage(`--host ${JSON.stringify(host)} is neither a DNS name nor an IP address`)
  }
  // Before the keys are made, so that a refusal comes at once.
  await checkBundleFolder(folder, { replace })
  const now = io.now()
  const authority = await createAuthority({ commonName: 'Pullpass development CA', now, lifetimeSeconds })
  const bundle = await issueServingCertificate(authority, { hosts: options.host, now, lifetimeSeconds })
  const files = await writeBundle(folder, bundle, { replace })
  const { authorityFile, certificateFile, privateKeyFile } = files
  io.stdout.write(`${[authorityFile, certificateFile, privateKeyFile].join('\n')}\n`)
  io.stderr.write([
    `valid for ${options.host.join(', ')}, ${options.days} days; for development only`,
    `serve: pullpass serve --tls-cert-file ${certificateFile} --tls-private-key-file ${privateKeyFile}`,
    `call:  curl --cacert ${authorityFile} https://${urlHost(options.host[0])}:8443/`,
    ''
  ].join('\n'))
}

function parseDays (text: string): number {
  const days = Number(text)
  if (/^\d+$/.test(text) && days >= 1 && days <= longestDays) return days
  throw usage(`--days ${JSON.stringify(text)} is no whole number from 1 to ${longestDays}`)
}

function urlHost (host = 'localhost'): string {
  return host.includes(':') ? `[${host}]` : host
}

function usage (finding: string): PullpassError {
  return new PullpassError('usage_invalid', `cannot make certificates: ${finding}; see pullpass certs generate --help`)
}
