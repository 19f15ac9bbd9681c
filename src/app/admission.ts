import type { AdmissionAnswer, AdmissionRequest } from '../core/admission-review.ts'
import type { Decision } from '../core/decision.ts'

/** `mutate` injects; `shadow` decides and reports as if, and changes nothing (design §2). */
export type AdmissionMode = 'mutate' | 'shadow'

/** A decision with what is answered because of it. */
export interface AdmissionOutcome extends AdmissionAnswer {
  readonly decision: Decision
  /** What failed, with reason `internal_error`; absent otherwise. */
  readonly error?: unknown
}

/** Decides one request. Never throws: an error of ours is an outcome with reason `internal_error`. */
export type Admit = (request: AdmissionRequest, mode: AdmissionMode) => AdmissionOutcome
