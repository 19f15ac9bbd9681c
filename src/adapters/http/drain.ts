import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface DrainTiming {
  /** How long calls are still served after the first stop. */
  readonly drainMs: number
  /** How long answers under way may take after that. */
  readonly closeMs: number
}

/** The end of a server that loses no call. */
export interface Drain {
  /** True from the first stop on: readiness is off and every answer closes its connection. */
  readonly isDraining: () => boolean
  /** Drains and closes; called again while that goes on, it ends everything at once. Both promises resolve. */
  readonly stop: () => Promise<void>
}

/**
 * Ends a server in four steps: not ready, go on serving for `drainMs`, take no more connections, wait at most
 * `closeMs` for what is being answered. Only the first step is seen by callers who keep to their load balancer.
 */
export function createDrain (server: Server, timing: DrainTiming): Drain {
  const hurry = new AbortController()
  const sockets = trackSockets(server)
  let ended: Promise<void> | undefined

  async function end (): Promise<void> {
    if (!server.listening) return
    await pauseUnless(hurry.signal, timing.drainMs)
    await closeServer(server, sockets, { closeMs: timing.closeMs, hurry: hurry.signal })
  }

  return {
    isDraining: () => ended !== undefined,
    stop: () => {
      if (ended === undefined) ended = end()
      else hurry.abort()
      return ended
    }
  }
}

/** Sockets as TCP sees them: Node's own list leaves out those whose TLS handshake is not done. */
function trackSockets (server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => { sockets.delete(socket) })
  })
  return sockets
}

async function closeServer (
  server: Server, sockets: ReadonlySet<Socket>, limit: { closeMs: number, hurry: AbortSignal }
): Promise<void> {
  const closed = Promise.withResolvers<void>()
  server.close(() => { closed.resolve() })
  const finished = new AbortController()
  const overdue = pauseUnless(AbortSignal.any([limit.hurry, finished.signal]), limit.closeMs)
  await Promise.race([closed.promise, overdue])
  finished.abort()
  for (const socket of sockets) socket.destroy()
  await closed.promise
}

async function pauseUnless (signal: AbortSignal, ms: number): Promise<void> {
  try {
    await pause(ms, undefined, { signal })
  } catch {
    // Aborted: the pause is over early, which is what the signal is for.
  }
}
