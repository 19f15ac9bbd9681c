import { applyPatch } from 'rfc6902'
import { parse } from 'yaml'
import type { AdmissionMode, AdmissionOutcome } from '../../src/app/admission.ts'
import { createAdmit } from '../../src/app/admit.ts'
import { decodeAdmissionReview, encodeAdmissionReview, type AdmissionRequest } from '../../src/core/admission-review.ts'
import { asRecord, member, memberAt, type UnknownRecord } from '../../src/core/kubernetes.ts'
import type { ClusterView } from '../../src/app/ports.ts'

/** Asks a view about an AdmissionReview or about a request alone. An error of ours is thrown, not swallowed. */
export function ask (view: ClusterView, review: unknown, mode: AdmissionMode = 'mutate'): Asked {
  const decoded = decodeAdmissionReview(review)
  if (!decoded.ok) throw new Error(decoded.problem)
  const outcome = createAdmit({ view, createYamlParser: () => parseYaml })(decoded.request, mode)
  if (outcome.error !== undefined) throw new Error('admission failed', { cause: outcome.error })
  const answer = encodeAdmissionReview(decoded.apiVersion, decoded.request.uid, outcome)
  return { request: decoded.request, outcome, review: withDecodedPatch(answer) }
}

/** What came of asking. */
export interface Asked {
  readonly request: AdmissionRequest
  readonly outcome: AdmissionOutcome
  /** The AdmissionReview that is sent back, its patch decoded. */
  readonly review: unknown
}

/** YAML or JSON text as a value; undefined if it is neither. */
export function parseYaml (text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' })
  } catch {
    return undefined
  }
}

/** The object with an outcome's patch applied by another library than ours; the object itself stays as it is. */
export function applied (object: unknown, { patch }: Pick<AdmissionOutcome, 'patch'>): UnknownRecord {
  const copy = structuredClone(object)
  const failed = applyPatch(copy, [...patch]).filter((error) => error !== null)
  if (failed.length > 0) throw new Error(`the patch does not apply: ${failed.map(String).join(', ')}`)
  return asRecord(copy) ?? {}
}

/** The object without the list that is patched, to show that nothing else differs. */
export function withoutList (object: unknown, listPath: readonly string[]): unknown {
  const copy = structuredClone(object)
  const owner = memberAt(copy, listPath.slice(0, -1))
  const name = listPath.at(-1)
  if (typeof owner === 'object' && owner !== null && name !== undefined) Reflect.deleteProperty(owner, name)
  return copy
}

function withDecodedPatch (answer: unknown): unknown {
  const response = asRecord(member(answer, 'response')) ?? {}
  const { patch } = response
  if (typeof patch !== 'string') return answer
  const decoded: unknown = JSON.parse(Buffer.from(patch, 'base64').toString('utf8'))
  return { ...asRecord(answer), response: { ...response, patch: decoded } }
}
