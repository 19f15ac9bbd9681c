import type { IncomingMessage } from 'node:http'
import { createServer, type Server as HttpsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { fastify, type FastifyInstance } from 'fastify'
import type { Admit, AdmissionMode } from '../../app/admission.ts'
import { member } from '../../core/kubernetes.ts'
import type { Log } from '../log.ts'
import type { AdmissionMetrics } from '../metrics.ts'
import { createAdmissionRoute, type AdmissionRoute } from './admission-route.ts'
import { createDrain } from './drain.ts'
import { nodeServerOptions, type HttpLimits } from './limits.ts'
import { listen } from './listen.ts'
import { refusalBody, refusals, type RefusalCode } from './refusal.ts'

/** Where each mode is served; the two entries of the webhook configuration point here. */
export const admissionPaths = { mutate: '/mutate', shadow: '/shadow' } as const satisfies Record<AdmissionMode, string>

export interface AdmissionServerParts {
  readonly admit: Admit
  readonly log: Log
  readonly metrics: AdmissionMetrics
  /** Key, certificate, client CA and TLS versions, as `node:https` takes them. */
  readonly tls: ServerOptions
  readonly limits: HttpLimits
}

export interface AdmissionServer {
  /** An empty host means every address, port 0 any free one; rejects with `listen_failed`. */
  readonly listen: (host: string, port: number) => Promise<AddressInfo>
  /** For `setSecureContext` when the certificate changes. */
  readonly server: HttpsServer
  /** True from the first `stop` on: readiness must then be off. */
  readonly isDraining: () => boolean
  /** Drains, then closes; a second call ends everything at once. */
  readonly stop: () => Promise<void>
  readonly inFlightBytes: () => number
  /** Bodies that wait unread. */
  readonly waiting: () => number
}

/** The HTTPS server that the API server calls: POST /mutate and POST /shadow, whatever the query. */
export function createAdmissionServer (parts: AdmissionServerParts): AdmissionServer {
  const { limits, metrics } = parts
  const log = parts.log.child({ component: 'admission' })
  let isDraining = (): boolean => false
  const route = createAdmissionRoute({ ...parts, log, isDraining: () => isDraining() })
  metrics.watchInFlight(route.inFlight, route.inFlightBytes)
  const app = createApp({ ...parts, log }, route)
  const drain = createDrain(app.server, limits)
  isDraining = drain.isDraining
  refuseTheRest(app, route)
  return {
    listen: async (host, port) => {
      await app.ready()
      return await listen(app.server, { host, port, backlog: limits.backlog })
    },
    server: app.server,
    isDraining: drain.isDraining,
    stop: drain.stop,
    inFlightBytes: route.inFlightBytes,
    waiting: route.waiting
  }
}

type HttpsApp = FastifyInstance<HttpsServer>

/**
 * Reviews go straight to their route: finding one of two paths, and the objects that Fastify makes for a request and a
 * reply, would be a tenth of what an admission costs. Fastify answers whatever else is asked.
 */
function createApp ({ tls, limits, metrics, log }: AdmissionServerParts, route: AdmissionRoute): HttpsApp {
  const options = { ...tls, ...nodeServerOptions(limits), handshakeTimeout: limits.handshakeTimeoutMs }
  const modes = new Map<string, AdmissionMode>((['mutate', 'shadow'] as const).map((mode) => [admissionPaths[mode], mode]))
  return fastify({
    serverFactory: (otherwise) => {
      const server = createServer(options, (request, response) => {
        const mode = request.method === 'POST' ? modes.get(pathOf(request)) : undefined
        if (mode === undefined) otherwise(request, response)
        else route.serve({ request, response }, mode)
      })
      server.maxConnections = limits.maxConnections
      server.maxRequestsPerSocket = limits.maxRequestsPerSocket
      return server
    },
    exposeHeadRoutes: false,
    logger: false,
    clientErrorHandler: (error, socket) => { handleClientError(error, socket, { log, metrics }) }
  })
}

/** The API server appends `?timeout=`. */
function pathOf ({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

/** Everything but a review is refused, each thing with its own code (docs/http.md). */
function refuseTheRest (app: HttpsApp, route: AdmissionRoute): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => { done(null) })
  const known: ReadonlySet<string> = new Set(Object.values(admissionPaths))
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    const path = pathOf(request.raw)
    if (known.has(path)) reply.raw.setHeader('Allow', 'POST')
    route.refuse({ request: request.raw, response: reply.raw }, known.has(path) ? 'method_not_allowed' : 'path_unknown')
  })
  app.setErrorHandler((_error, request, reply) => {
    // Fastify itself refuses only a Content-Type that it can't parse.
    reply.hijack()
    route.refuse({ request: request.raw, response: reply.raw }, 'content_type_unsupported')
  })
}

const clientErrors: ReadonlyMap<unknown, RefusalCode> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 'headers_timeout'],
  ['HPE_HEADER_OVERFLOW', 'headers_too_large']
])

/** Node reports broken HTTP, timeouts and failed TLS handshakes here; a reset connection is nobody's concern. */
function handleClientError (
  error: unknown, socket: Duplex, { log, metrics }: Pick<AdmissionServerParts, 'log' | 'metrics'>
): void {
  const code = String(member(error, 'code'))
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    metrics.handshakeFailed()
    // An alert is the caller's verdict on our certificate: with a wrong caBundle every admission ends here.
    log[code.includes('ALERT') ? 'warn' : 'debug']({ reason: code }, 'tls handshake failed')
    socket.destroy()
  } else if (code === 'ECONNRESET') {
    socket.destroy()
  } else {
    const refusal = clientErrors.get(code) ?? 'http_malformed'
    if (answerRaw(socket, refusal)) metrics.refused(refusal)
  }
}

/** Answers below HTTP, where Node has no response object to offer; false where nothing can be written any more. */
function answerRaw (socket: Duplex, code: RefusalCode): boolean {
  if (socket.destroyed || !socket.writable) {
    socket.destroy()
    return false
  }
  const body = refusalBody(code)
  const head = `HTTP/1.1 ${refusals[code].status} Refused\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`
  socket.end(head + body, () => { socket.destroy() })
  return true
}
