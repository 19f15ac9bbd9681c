import { asRecord, asText, member, type UnknownRecord } from './kubernetes.ts'
import type { JsonPatchOperation } from './json-patch.ts'

export interface GroupVersionResource {
  readonly group: string
  readonly version: string
  readonly resource: string
}

/** What a webhook call asks, read from `request` of an AdmissionReview (semantics E.2). */
export interface AdmissionRequest {
  readonly uid: string
  readonly resource: GroupVersionResource
  /** Empty for the main resource. */
  readonly subResource: string
  /** CREATE, UPDATE, DELETE or CONNECT; empty if the review has none. */
  readonly operation: string
  readonly namespace: string
  /** Empty where the API server has yet to generate it. */
  readonly name: string
  readonly dryRun: boolean
  /** Absent on DELETE, and where the review holds something that is no object. */
  readonly object?: UnknownRecord
}

/** A review that can be answered, with the `apiVersion` that the answer must repeat; or why it can't be. */
export type DecodedReview =
  | { readonly ok: true, readonly apiVersion: string, readonly request: AdmissionRequest }
  | { readonly ok: false, readonly problem: string }

const reviewVersions: ReadonlySet<unknown> = new Set(['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'])

/** Reads a parsed body. Only what an answer cannot do without is refused: version, kind, uid. */
export function decodeAdmissionReview (body: unknown): DecodedReview {
  const apiVersion = member(body, 'apiVersion')
  const uid = asText(member(member(body, 'request'), 'uid'))
  if (member(body, 'kind') !== 'AdmissionReview' || typeof apiVersion !== 'string' || !reviewVersions.has(apiVersion)) {
    return { ok: false, problem: 'expected a JSON object of kind AdmissionReview, apiVersion admission.k8s.io/v1' }
  }
  if (uid === undefined) return { ok: false, problem: 'the AdmissionReview has no request.uid to answer to' }
  return { ok: true, apiVersion, request: readRequest(uid, member(body, 'request')) }
}

function readRequest (uid: string, request: unknown): AdmissionRequest {
  const resource = member(request, 'resource')
  const text = (value: unknown): string => asText(value) ?? ''
  const object = asRecord(member(request, 'object'))
  return {
    uid,
    resource: {
      group: text(member(resource, 'group')),
      version: text(member(resource, 'version')),
      resource: text(member(resource, 'resource'))
    },
    subResource: text(member(request, 'subResource')),
    operation: text(member(request, 'operation')),
    namespace: text(member(request, 'namespace')),
    name: text(member(request, 'name')),
    dryRun: member(request, 'dryRun') === true,
    ...(object === undefined ? {} : { object })
  }
}

/** What is said back beside "allowed", which is always true (design §5.7). */
export interface AdmissionAnswer {
  readonly patch: readonly JsonPatchOperation[]
  readonly warnings: readonly string[]
  /** Keys without the webhook's name, which the API server puts in front. */
  readonly auditAnnotations: Readonly<Record<string, string>>
}

/** The AdmissionReview to send back: `patch` and `patchType` stand together or not at all (semantics E.3). */
export function encodeAdmissionReview (apiVersion: string, uid: string, answer: AdmissionAnswer): object {
  const { patch, warnings, auditAnnotations } = answer
  return {
    apiVersion,
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: true,
      ...(patch.length === 0 ? {} : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(Object.keys(auditAnnotations).length === 0 ? {} : { auditAnnotations })
    }
  }
}
