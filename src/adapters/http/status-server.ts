import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fastify, type FastifyInstance } from 'fastify'
import type { Registry } from '@prometheus-io/client'
import { createDrain } from './drain.ts'
import { nodeServerOptions, type HttpLimits } from './limits.ts'
import { listen } from './listen.ts'
import { refusalBody, refusals } from './refusal.ts'

/** One thing that is not ready yet: a short name that stays, and a sentence that says what is missing. */
export interface NotReady {
  readonly check: string
  readonly message: string
}

export interface StatusServerParts {
  /** Empty when ready; asked at every probe. While the admission server drains, that is one of the reasons. */
  readonly notReady: () => readonly NotReady[]
  readonly registry: Registry
  readonly limits: HttpLimits
}

export interface StatusServer {
  /** An empty host means every address, port 0 any free one; rejects with `listen_failed`. */
  readonly listen: (host: string, port: number) => Promise<AddressInfo>
  readonly server: Server
  /** Closes at once, so it comes after the admission server's `stop`. */
  readonly stop: () => Promise<void>
}

/** Probes and metrics over plain HTTP: GET /livez, /readyz and /metrics. */
export function createStatusServer (parts: StatusServerParts): StatusServer {
  const { limits } = parts
  const options = nodeServerOptions(limits)
  const app = fastify({
    http: options,
    requestTimeout: options.requestTimeout,
    keepAliveTimeout: options.keepAliveTimeout,
    maxRequestsPerSocket: limits.maxRequestsPerSocket,
    logger: false
  })
  addRoutes(app, parts)
  app.server.maxConnections = limits.statusMaxConnections
  const drain = createDrain(app.server, { drainMs: 0, closeMs: limits.closeMs })
  return {
    listen: async (host, port) => {
      await app.ready()
      return await listen(app.server, { host, port, backlog: limits.backlog })
    },
    server: app.server,
    stop: drain.stop
  }
}

const statusPaths: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics'])

function addRoutes (app: FastifyInstance, { notReady, registry }: StatusServerParts): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => { done(null) })
  app.get('/livez', (_request, reply) => { reply.send({ alive: true }) })
  app.get('/readyz', (_request, reply) => {
    const reasons = notReady()
    reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons })
  })
  app.get('/metrics', async (_request, reply) => {
    const text = await registry.metrics()
    return await reply.type(registry.contentType).send(text)
  })
  app.setNotFoundHandler((request, reply) => {
    const known = statusPaths.has(request.url.split('?', 1)[0] ?? '')
    if (known) reply.header('Allow', 'GET, HEAD')
    const code = known ? 'method_not_allowed' : 'path_unknown'
    const message = known ? undefined : 'there is nothing at this path; ask for /livez, /readyz or /metrics'
    reply.code(refusals[code].status).type('application/json').send(refusalBody(code, message))
  })
}
