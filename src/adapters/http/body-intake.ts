import type { IncomingMessage } from 'node:http'
import { readBody, type BodyOutcome } from './body.ts'
import { createByteGate, type GatePlace } from './byte-gate.ts'
import type { HttpLimits } from './limits.ts'

/** `waited_too_long`: there was no room for so long that nobody waits for an answer any more. */
export type IntakeOutcome = BodyOutcome | { readonly ok: false, readonly code: 'waited_too_long' }

/** Takes bodies in, no more at a time than memory allows. */
export interface BodyIntake {
  /** Calls `done` exactly once; the body's bytes count as in flight until `done` has returned. */
  readonly read: (
    request: IncomingMessage, declaredBytes: number | undefined, done: (outcome: IntakeOutcome) => void
  ) => void
  readonly inFlightBytes: () => number
  /** Bodies that wait unread. */
  readonly waiting: () => number
}

/** Until there is room for a body nobody listens for it, so that it stays with its sender. */
export function createBodyIntake (limits: HttpLimits): BodyIntake {
  const gate = createByteGate(limits)
  return {
    inFlightBytes: gate.inFlightBytes,
    waiting: gate.waiting,
    read: (request, declaredBytes, done) => {
      const reading = { limitBytes: limits.bodyBytes, timeoutMs: limits.bodyTimeoutMs, declaredBytes }
      let started = false
      let stopWaiting = (): void => {}
      const start = (place: GatePlace): void => {
        started = true
        stopWaiting()
        readBody(request, reading, (outcome) => {
          try { done(outcome) } finally { place.leave() }
        })
      }
      // A chunked body may grow to the limit, so room is kept for all of it.
      const place = gate.enter(declaredBytes ?? limits.bodyBytes, start)
      if (started) return
      stopWaiting = watchWaiting(request, limits.maxWaitMs, (code) => {
        place.leave()
        done({ ok: false, code })
      })
    }
  }
}

/** Calls `giveUp` when the time is up or the caller has gone, unless the returned function was called before. */
function watchWaiting (
  request: IncomingMessage, waitMs: number, giveUp: (code: 'waited_too_long' | 'gone') => void
): () => void {
  const stop = (): void => {
    clearTimeout(timer)
    request.off('close', onGone)
  }
  const onGone = (): void => {
    stop()
    giveUp('gone')
  }
  const timer = setTimeout(() => {
    stop()
    giveUp('waited_too_long')
  }, waitMs)
  request.once('close', onGone)
  return stop
}
