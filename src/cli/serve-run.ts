import type { AddressInfo } from 'node:net'
import { createAdmissionServer, type AdmissionServer } from '../adapters/http/admission-server.ts'
import { httpLimits } from '../adapters/http/limits.ts'
import { createStatusServer, type NotReady } from '../adapters/http/status-server.ts'
import { createLog, openLogStream, type Log, type LogStream } from '../adapters/log.ts'
import type { LoadedManifests } from '../adapters/manifests/load.ts'
import { watchManifests, type WatchedManifests } from '../adapters/manifests/watch.ts'
import { collectProcessMetrics, createMetrics, type Metrics } from '../adapters/metrics.ts'
import { findOwnNamespace } from '../adapters/own-namespace.ts'
import { loadCertificate, requireCertificate } from '../adapters/tls/certificate-files.ts'
import type { CertificateFiles, CertificateSource, LoadedCertificate } from '../adapters/tls/certificate-files.ts'
import { CertificateReloader } from '../adapters/tls/certificate-reloader.ts'
import { ensureDevelopmentBundle } from '../adapters/tls/development-bundle.ts'
import { buildTlsOptions } from '../adapters/tls/tls-options.ts'
import { createYamlParser } from '../adapters/yaml.ts'
import { createAdmit } from '../app/admit.ts'
import type { Clock, ClusterView } from '../app/ports.ts'
import { PullpassError, type Problem } from '../core/errors.ts'
import { kinds } from '../kinds/index.ts'
import type { ListenAddress } from './address.ts'
import type { CommandIo } from './command.ts'
import type { ServeFlags } from './serve-flags.ts'
import { programVersion } from './version.ts'

interface ServeOptions extends ServeFlags {
  readonly admission: ListenAddress
  readonly status: ListenAddress
  readonly drainMs: number
}

const developmentHosts = ['localhost', '127.0.0.1', '::1'] as const

/**
 * Serves until `io.stopped`, then drains. In this order: configuration and facts, probes (not ready), certificate,
 * webhook, ready; and back: not ready, drain, close, stop the watches, flush the log.
 */
export async function serve (options: ServeOptions, io: CommandIo): Promise<void> {
  const clock: Clock = { now: io.now }
  const logStream = openOutput(io)
  const log = createLog({ level: options.logLevel, version: programVersion, destination: logStream })
  const build = { version: programVersion, commit: '' }
  const metrics = createMetrics({ build, resources: kinds.map(({ resource }) => resource) })
  collectProcessMetrics(metrics.registry)
  const watched = await watchFolder(options, { log, metrics, clock })
  try {
    const files = await findCertificateFiles(options, clock)
    const source = { files, policy: { tls13Only: options.tlsMinVersion === '1.3' }, clock }
    await serveView(watched.view, { options, io, log, metrics, source })
  } finally {
    await watched.close()
    logStream.flushSync()
  }
}

interface Serving {
  readonly options: ServeOptions
  readonly io: CommandIo
  readonly log: Log
  readonly metrics: Metrics
  readonly source: CertificateSource
}

async function serveView (view: ClusterView, { options, io, log, metrics, source }: Serving): Promise<void> {
  const limits = httpLimits({ drainMs: options.drainMs })
  const serving = await loadCertificate(source)
  const certificate = requireCertificate(serving)
  const admit = createAdmit({ view, createYamlParser })
  const tls = buildTlsOptions(source.policy, certificate.material)
  const admission = createAdmissionServer({ admit, log, metrics: metrics.admission, tls, limits })
  let listening = false
  const notReady = (): NotReady[] => findNotReady(admission, listening)
  const status = createStatusServer({ registry: metrics.registry, limits, notReady })
  const reloader = createReloader(admission, serving, { log, metrics, source })
  try {
    const statusAddress = await status.listen(options.status.host, options.status.port)
    metrics.certificateLoaded('serving', certificate.facts.notAfter)
    await reloader.start()
    const address = await admission.listen(options.admission.host, options.admission.port)
    listening = true
    const addresses = { listen: formatAddress(address), statusListen: formatAddress(statusAddress) }
    log.info({ component: 'serve', ...addresses }, 'serving')
    const { developmentCertificates: folder } = options
    if (folder !== undefined) io.stderr.write(developmentHint(address, folder))
    await aborted(io.stopped)
    log.info({ component: 'serve', drainMs: options.drainMs }, 'draining')
  } finally {
    await admission.stop()
    await reloader.close()
    await status.stop()
    log.info({ component: 'serve' }, 'stopped')
  }
}

function findNotReady (admission: AdmissionServer, listening: boolean): NotReady[] {
  if (admission.isDraining()) return [{ check: 'draining', message: 'the server is shutting down' }]
  return listening ? [] : [{ check: 'listening', message: 'the admission server does not listen yet' }]
}

function createReloader (
  admission: AdmissionServer,
  serving: LoadedCertificate,
  { log, metrics, source }: Pick<Serving, 'log' | 'metrics' | 'source'>
): CertificateReloader {
  const component = 'certificate'
  return new CertificateReloader({
    source,
    serving,
    swap: (tls) => { admission.server.setSecureContext(tls) },
    onReload: ({ notAfter }) => {
      metrics.certificateLoaded('serving', notAfter)
      log.info({ component, notAfter }, 'certificate reloaded')
    },
    onRefused: ({ reason, file, message }) => {
      metrics.certificateRefused('serving')
      log.error({ component, reason, file }, `certificate refused, the old one goes on serving: ${message}`)
    }
  })
}

async function watchFolder (
  options: ServeOptions,
  { log, metrics, clock }: { readonly log: Log, readonly metrics: Metrics, readonly clock: Clock }
): Promise<WatchedManifests> {
  const { manifests = '', config } = options
  const ownNamespace = await findOwnNamespace(options.ownNamespace)
  const component = 'manifests'
  const accept = (loaded: LoadedManifests): void => {
    const configuration = loaded.view.configuration()
    metrics.credentialsConfigured(configuration.credentials.map(({ name }) => name))
    metrics.configurationReloaded('success', clock.now())
    for (const { file, line, message } of loaded.warnings) log.warn({ component, file, line }, message)
    for (const { credential, code: reason, message } of loaded.view.findings) {
      log.warn({ component, credential, reason }, message)
    }
    log.info({ component, credentials: configuration.credentials.length }, 'configuration in force')
  }
  const refuse = (problems: readonly Problem[]): void => {
    metrics.configurationReloaded('failure', clock.now())
    for (const { file, line, column, message } of problems) {
      log.error({ component, file, line, column }, `not reloaded, the last good state stays in force: ${message}`)
    }
  }
  const result = await watchManifests(
    { path: manifests, ownNamespace, ...(config === undefined ? {} : { configFile: config }) },
    { onReload: accept, onRefused: refuse })
  if (!result.ok) {
    const { problems } = result
    throw new PullpassError('manifests_invalid', `reading ${manifests}: ${problems.length} problem(s); correct them and start again`, { problems })
  }
  accept(result.watched.loaded)
  return result.watched
}

async function findCertificateFiles (options: ServeOptions, clock: Clock): Promise<CertificateFiles> {
  const { tlsCertFile, tlsPrivateKeyFile, clientCaFile, developmentCertificates } = options
  const client = clientCaFile === undefined ? {} : { clientAuthorityFile: clientCaFile }
  if (tlsCertFile !== undefined && tlsPrivateKeyFile !== undefined) {
    return { certificateFile: tlsCertFile, privateKeyFile: tlsPrivateKeyFile, ...client }
  }
  const bundle = await ensureDevelopmentBundle(developmentCertificates ?? '', developmentHosts, clock)
  return { ...bundle, ...client }
}

/** Straight to the descriptor in the program, which is much faster than a stream; to the stream elsewhere. */
function openOutput ({ stdout }: CommandIo): LogStream {
  if ('fd' in stdout && typeof stdout.fd === 'number') return openLogStream(stdout.fd)
  return { write: (line) => { stdout.write(line) }, flushSync: () => {} }
}

function developmentHint (address: AddressInfo, folder: string): string {
  const url = `https://localhost:${address.port}/mutate`
  return [
    '', 'Try it (another terminal, same folder):',
    `  curl --silent --cacert ${folder}/ca.crt --header 'content-type: application/json' \\`,
    `    --data @examples/review.json ${url}`, '', ''
  ].join('\n')
}

function formatAddress ({ address, family, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
}

async function aborted (signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => { signal.addEventListener('abort', () => { resolve() }, { once: true }) })
}
