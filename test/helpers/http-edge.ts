import { request as httpsRequest, type Agent } from 'node:https'
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdmissionServer, type AdmissionServer } from '../../src/adapters/http/admission-server.ts'
import { httpLimits, type HttpLimits } from '../../src/adapters/http/limits.ts'
import { createLog, type LogLevel } from '../../src/adapters/log.ts'
import { createMetrics, type Metrics } from '../../src/adapters/metrics.ts'
import type { Admit, AdmissionOutcome } from '../../src/app/admission.ts'

export const injecting: AdmissionOutcome = {
  decision: {
    action: 'inject',
    reason: 'images_covered',
    additions: [{ name: 'acme-quay', key: 'quay.io/acme', images: ['quay.io/acme/app:1'] }],
    inherited: [],
    leftOut: []
  },
  patch: [{ op: 'add', path: '/spec/imagePullSecrets', value: [{ name: 'acme-quay' }] }],
  warnings: ['look here'],
  auditAnnotations: { 'added.acme-quay': 'acme-quay' }
}

export const skipping: AdmissionOutcome = {
  decision: { action: 'skip', reason: 'no_match', leftOut: [] },
  patch: [],
  warnings: [],
  auditAnnotations: {}
}

export function makeReview (request: object = {}, rest: object = {}) {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace: 'team-a',
      object: { spec: { containers: [{ name: 'app', image: 'quay.io/acme/app:1' }] } },
      ...request
    },
    ...rest
  }
}

export interface Edge {
  readonly server: AdmissionServer
  readonly metrics: Metrics
  readonly address: AddressInfo
  /** What was logged so far. */
  readonly logText: () => string
  readonly logLines: () => Array<Record<string, unknown>>
}

export interface EdgeOptions {
  readonly tls: { readonly key: string, readonly cert: string }
  readonly admit?: Admit
  readonly limits?: Partial<HttpLimits>
  readonly level?: LogLevel
}

const knownResources = [{ group: '', resource: 'pods' }, { group: 'argoproj.io', resource: 'workflows' }]

/** A running admission server on a free port of the loopback interface; the caller stops it. */
export async function startEdge (options: EdgeOptions): Promise<Edge> {
  const { tls, admit = () => injecting, limits = {}, level = 'debug' } = options
  const lines: string[] = []
  const log = createLog({ level, version: '0.0.0-test', destination: { write: (line: string) => { lines.push(line) } } })
  const metrics = createMetrics({ build: { version: '0.0.0-test', commit: 'none' }, resources: knownResources })
  metrics.credentialsConfigured(['acme-quay'])
  const server = createAdmissionServer({
    admit,
    log,
    metrics: metrics.admission,
    tls: { key: tls.key, cert: tls.cert },
    limits: httpLimits({ drainMs: 0, ...limits })
  })
  const address = await server.listen('127.0.0.1', 0)
  return {
    server,
    metrics,
    address,
    logText: () => lines.join(''),
    logLines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}

export interface CallOptions {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  /** Objects go as JSON. */
  readonly body?: object | string | Buffer
  readonly agent?: Agent
  readonly plain?: boolean
}

export interface CallAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** One call; rejects when the connection fails before there is an answer. */
export async function call (address: AddressInfo, options: CallOptions = {}): Promise<CallAnswer> {
  const { method = 'POST', path = '/mutate?timeout=5s', headers = {}, body = '' } = options
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const sent: RequestOptions & { rejectUnauthorized: boolean } = {
    host: '127.0.0.1',
    port: address.port,
    method,
    path,
    rejectUnauthorized: false,
    headers: { ...(method === 'GET' ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }), ...headers },
    ...(options.agent === undefined ? { agent: false } : { agent: options.agent })
  }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = options.plain === true ? httpRequest(sent, resolve) : httpsRequest(sent, resolve)
  // A refusal may come while the body is still being sent; the answer counts.
  request.on('error', reject)
  request.end(bytes)
  const response = await promise
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(piece as Buffer)
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(pieces).toString() }
}
