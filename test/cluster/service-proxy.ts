/** Plays a Kubernetes Service on loopback: new connections go to its endpoints in turn, open ones stay as they are. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Transform, type TransformCallback } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { askUntil } from './bounded.ts'

/**
 * What goes wrong with a connection.
 *
 * | kind | what happens |
 * |---|---|
 * | delay | each piece, in both directions, comes so much later |
 * | cut | both ends are reset as soon as the server has answered more than so many bytes |
 * | half-close | the server is told that the caller sends no more after so many bytes; answers still pass |
 * | freeze | it is taken, and nothing ever passes |
 */
export type Fault =
  | { readonly kind: 'delay', readonly ms: number }
  | { readonly kind: 'cut' | 'half-close', readonly afterBytes: number }
  | { readonly kind: 'freeze' }

export interface ServiceProxy {
  /** Of 127.0.0.1. */
  readonly port: number
  /** Gives the endpoint, a port of 127.0.0.1, its share of new connections as soon as it is ready; bounded. */
  readonly addWhenReady: (endpoint: number, isReady: () => Promise<boolean>) => Promise<void>
  /** Takes it away as late as a cluster does after SIGTERM: one second. */
  readonly removeLate: (endpoint: number) => Promise<void>
  /** How many connections an endpoint was given. */
  readonly given: (endpoint: number) => number
  /** Of connections opened from now on; undefined: none. */
  readonly setFault: (fault: Fault | undefined) => void
  /** Resets every connection, on both sides. */
  readonly resetAll: () => void
  readonly close: () => Promise<void>
}

const removalMs = 1000

interface Pair {
  readonly caller: Socket
  readonly server: Socket
}

/** Starts one without endpoints: until there is one, connections are reset, as a cluster does. */
export async function startServiceProxy (): Promise<ServiceProxy> {
  const endpoints: number[] = []
  const given = new Map<number, number>()
  const pairs = new Set<Pair>()
  let fault: Fault | undefined
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (caller) => {
    const endpoint = endpoints.shift()
    if (endpoint === undefined) {
      caller.resetAndDestroy()
      return
    }
    endpoints.push(endpoint)
    given.set(endpoint, (given.get(endpoint) ?? 0) + 1)
    const pair = { caller, server: connect({ port: endpoint, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }) }
    pairs.add(pair)
    watchEnds(pair, () => { pairs.delete(pair) })
    join(pair, fault)
  })
  const resetAll = (): void => { for (const pair of pairs) resetPair(pair) }
  return {
    port: await listenOnLoopback(listener),
    addWhenReady: async (endpoint, isReady) => {
      await askUntil(isReady, `endpoint ${endpoint} is not ready`)
      endpoints.push(endpoint)
    },
    removeLate: async (endpoint) => {
      await pause(removalMs)
      endpoints.splice(0, endpoints.length, ...endpoints.filter((one) => one !== endpoint))
    },
    given: (endpoint) => given.get(endpoint) ?? 0,
    setFault: (next) => { fault = next },
    resetAll,
    close: async () => {
      const closed = once(listener.close(), 'close')
      resetAll()
      await closed
    }
  }
}

async function listenOnLoopback (listener: Server): Promise<number> {
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  return (listener.address() as AddressInfo).port
}

/** An error of one end is told to the other as a reset; both closed, the pair is gone. */
function watchEnds ({ caller, server }: Pair, onGone: () => void): void {
  for (const [end, other] of [[caller, server], [server, caller]] as const) {
    end.on('error', () => { other.resetAndDestroy() })
    end.on('close', () => { if (other.destroyed) onGone() })
  }
}

function resetPair ({ caller, server }: Pair): void {
  caller.resetAndDestroy()
  // One that is still connecting has nobody to send a reset to.
  if (server.connecting) server.destroy()
  else server.resetAndDestroy()
}

function join (pair: Pair, fault: Fault | undefined): void {
  const { caller, server } = pair
  switch (fault?.kind) {
    case undefined:
      caller.pipe(server).pipe(caller)
      break
    case 'delay':
      caller.pipe(createDelay(fault.ms)).pipe(server).pipe(createDelay(fault.ms)).pipe(caller)
      break
    case 'cut':
      caller.pipe(server).pipe(createMeter(fault.afterBytes, () => { resetPair(pair) })).pipe(caller)
      break
    case 'half-close':
      caller.pipe(createMeter(fault.afterBytes, (meter) => { meter.push(null) })).pipe(server).pipe(caller)
      break
    case 'freeze':
      // Nobody reads: what the ends send fills the system's buffers.
  }
}

function createDelay (ms: number): Transform {
  return new Transform({
    transform (piece: Buffer, _encoding, done: TransformCallback) { setTimeout(() => { done(null, piece) }, ms) }
  })
}

/** Passes bytes on; when more than `limit` have come, tells once and passes nothing more. */
function createMeter (limit: number, onOver: (meter: Transform) => void): Transform {
  let room = limit
  return new Transform({
    transform (piece: Buffer, _encoding, done: TransformCallback) {
      const before = room
      room -= piece.length
      if (before > 0) this.push(piece.subarray(0, before))
      if (before >= 0 && room < 0) onOver(this)
      done()
    }
  })
}
