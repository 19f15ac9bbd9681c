import type { Server as HttpsServer, ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { fastify, type FastifyInstance, type onRequestHookHandler } from 'fastify'
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
  const app = createApp({ ...parts, log })
  const drain = createDrain(app.server, limits)
  const route = createAdmissionRoute({ ...parts, log, isDraining: drain.isDraining })
  metrics.watchInFlight(route.inFlight, route.inFlightBytes)
  addRoutes(app, route)
  app.server.maxConnections = limits.maxConnections
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

function createApp ({ tls, limits, metrics, log }: AdmissionServerParts): HttpsApp {
  const options = nodeServerOptions(limits)
  return fastify({
    https: { ...tls, ...options, handshakeTimeout: limits.handshakeTimeoutMs },
    // Fastify writes these two over what the https options say.
    requestTimeout: options.requestTimeout,
    keepAliveTimeout: options.keepAliveTimeout,
    maxRequestsPerSocket: limits.maxRequestsPerSocket,
    bodyLimit: limits.bodyBytes,
    exposeHeadRoutes: false,
    routerOptions: { querystringParser: () => ({}) },
    logger: false,
    clientErrorHandler: (error, socket) => { handleClientError(error, socket, { log, metrics }) }
  })
}

/** Fastify finds the route; body and answer are ours (see body.ts and docs/http.md for why). */
function addRoutes (app: HttpsApp, route: AdmissionRoute): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => { done(null) })
  for (const mode of ['mutate', 'shadow'] as const) {
    const url = admissionPaths[mode]
    // A hook that never calls on takes the call over before Fastify spends time on its Content-Type.
    const onRequest: onRequestHookHandler = (request, reply, _next) => {
      reply.hijack()
      route.serve({ request: request.raw, response: reply.raw }, mode)
    }
    app.route({ method: 'POST', url, onRequest, handler: () => {} })
  }
  const known: ReadonlySet<string> = new Set(Object.values(admissionPaths))
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    const path = request.url.split('?', 1)[0] ?? ''
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
