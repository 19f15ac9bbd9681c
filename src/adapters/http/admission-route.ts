import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Admit, AdmissionMode, AdmissionOutcome } from '../../app/admission.ts'
import { decodeAdmissionReview, encodeAdmissionReview, type AdmissionRequest } from '../../core/admission-review.ts'
import { addedNames } from '../../core/decision.ts'
import type { Log } from '../log.ts'
import type { AdmissionMetrics } from '../metrics.ts'
import { createBodyIntake } from './body-intake.ts'
import { parseJsonBody, readBodyHead } from './body.ts'
import type { HttpLimits } from './limits.ts'
import { discardRest, refusalBody, refusals, sendJson, type RefusalCode } from './refusal.ts'

export interface AdmissionRouteParts {
  readonly admit: Admit
  readonly log: Log
  readonly metrics: AdmissionMetrics
  readonly limits: HttpLimits
  /** True once the server drains: every answer then closes its connection. */
  readonly isDraining: () => boolean
}

/** One HTTP request and what is to be written back. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

export interface AdmissionRoute {
  /** Answers one POST whose body nobody has touched. */
  readonly serve: (call: Call, mode: AdmissionMode) => void
  /** Answers with an error and throws the body away. */
  readonly refuse: (call: Call, code: RefusalCode) => void
  readonly inFlight: () => number
  readonly inFlightBytes: () => number
  /** Bodies that wait unread. */
  readonly waiting: () => number
}

interface Exchange {
  readonly call: Call
  readonly mode: AdmissionMode
  readonly startedAt: number
}

/** The way of one review: headers, room for the body, body, decision, answer, one log line. */
export function createAdmissionRoute (parts: AdmissionRouteParts): AdmissionRoute {
  const { limits, metrics, isDraining } = parts
  const intake = createBodyIntake(limits)
  let inFlight = 0

  function refuse ({ request, response }: Call, code: RefusalCode, detail?: string): void {
    metrics.refused(code)
    parts.log.debug({ reason: code }, 'call refused')
    sendJson(response, { status: refusals[code].status, body: refusalBody(code, detail), close: isDraining() })
    discardRest(request, limits.lingerMs)
  }

  function serve (call: Call, mode: AdmissionMode): void {
    const exchange = { call, mode, startedAt: performance.now() }
    const head = readBodyHead(call.request.headers, limits.bodyBytes)
    if (!head.ok) return refuse(call, head.code)
    inFlight += 1
    intake.read(call.request, head.declaredBytes, (outcome) => {
      inFlight -= 1
      if (outcome.ok) answerBody(exchange, outcome.bytes)
      else if (outcome.code !== 'gone') refuse(call, outcome.code)
    })
  }

  function answerBody ({ call, mode, startedAt }: Exchange, bytes: Buffer): void {
    const body = parseJsonBody(bytes, limits.nestingLevels)
    if (!body.ok) return refuse(call, body.code)
    const review = decodeAdmissionReview(body.value)
    if (!review.ok) return refuse(call, 'review_invalid', review.problem)
    const { request } = review
    const outcome = parts.admit(request, mode)
    const answer = JSON.stringify(encodeAdmissionReview(review.apiVersion, request.uid, outcome))
    sendJson(call.response, { status: 200, body: answer, close: isDraining() })
    const durationMs = performance.now() - startedAt
    metrics.observe({ request, outcome, durationSeconds: durationMs / 1000 })
    logAdmission(parts.log, { request, mode, outcome, durationMs })
  }

  return { serve, refuse, inFlight: () => inFlight, inFlightBytes: intake.inFlightBytes, waiting: intake.waiting }
}

interface AdmissionLine {
  readonly request: AdmissionRequest
  readonly mode: AdmissionMode
  readonly outcome: AdmissionOutcome
  readonly durationMs: number
}

/**
 * One line for each admission, at its end.
 *
 * | decision | level |
 * |---|---|
 * | inject (in shadow mode too) | info: a change made, or one that would be |
 * | skip, internal_error | error: someone must act |
 * | skip, any other reason | debug |
 */
function logAdmission (log: Log, line: AdmissionLine): void {
  const { request, outcome, outcome: { decision } } = line
  const level = decision.action === 'inject' ? 'info' : decision.reason === 'internal_error' ? 'error' : 'debug'
  if (!log.isLevelEnabled(level)) return
  const { group, resource } = request.resource
  log[level]({
    uid: cut(request.uid),
    resource: cut(group === '' ? resource : `${resource}.${group}`),
    operation: cut(request.operation),
    namespace: cut(request.namespace),
    name: cut(request.name),
    decision: decision.action,
    reason: decision.reason,
    secretNames: addedNames(decision),
    dryRun: request.dryRun,
    durationMs: Math.round(line.durationMs * 1000) / 1000,
    mode: line.mode,
    ...(outcome.error === undefined ? {} : { err: outcome.error })
  }, 'admission decided')
}

/** Kubernetes names end at 253 characters; what a stranger sends in their place need not fill the log. */
function cut (text: string): string {
  return text.length <= 253 ? text : text.slice(0, 253)
}
