import t from 'tap'
import fc from 'fast-check'
import { decodeAdmissionReview, encodeAdmissionReview } from '../../src/core/admission-review.ts'

const envelope = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }
const pods = { group: '', version: 'v1', resource: 'pods' }

t.test('a whole request is read', async (t) => {
  const request = {
    uid: 'u1', resource: pods, subResource: 'status', operation: 'CREATE', namespace: 'team', name: 'a', dryRun: true, object: { spec: {} }
  }
  t.strictSame(decodeAdmissionReview({ ...envelope, request }), { ok: true, apiVersion: 'admission.k8s.io/v1', request })
})

t.test('what is absent or of a wrong type reads as empty', async (t) => {
  const empty = {
    uid: 'u1', resource: { group: '', version: '', resource: '' }, subResource: '', operation: '', namespace: '', name: '', dryRun: false
  }
  const wrong = { uid: 'u1', resource: 'pods', subResource: 1, operation: null, namespace: [], name: {}, dryRun: 'true', object: [1] }
  for (const request of [{ uid: 'u1' }, wrong, { uid: 'u1', object: null }]) {
    t.strictSame(decodeAdmissionReview({ ...envelope, request }), { ok: true, apiVersion: 'admission.k8s.io/v1', request: empty })
  }
})

t.test('v1beta1 is answered in its own version', async (t) => {
  const body = { ...envelope, apiVersion: 'admission.k8s.io/v1beta1', request: { uid: 'u1' } }
  t.match(decodeAdmissionReview(body), { ok: true, apiVersion: 'admission.k8s.io/v1beta1' })
})

const refused: ReadonlyArray<readonly [name: string, body: unknown, problem: RegExp]> = [
  ['null', null, /kind AdmissionReview/],
  ['a list', [envelope], /kind AdmissionReview/],
  ['another kind', { ...envelope, kind: 'Pod', request: { uid: 'u' } }, /kind AdmissionReview/],
  ['another version', { ...envelope, apiVersion: 'admission.k8s.io/v2', request: { uid: 'u' } }, /admission.k8s.io\/v1/],
  ['a version that is no text', { ...envelope, apiVersion: 1, request: { uid: 'u' } }, /admission.k8s.io\/v1/],
  ['no request', envelope, /no request.uid/],
  ['a null request', { ...envelope, request: null }, /no request.uid/],
  ['an empty uid', { ...envelope, request: { uid: '' } }, /no request.uid/],
  ['a numeric uid', { ...envelope, request: { uid: 1 } }, /no request.uid/]
]

for (const [name, body, problem] of refused) {
  t.test(`a body that cannot be answered: ${name}`, async (t) => { t.match(decodeAdmissionReview(body), { ok: false, problem }) })
}

t.test('E.3 an answer that changes nothing carries neither patch nor patchType', async (t) => {
  t.strictSame(encodeAdmissionReview('admission.k8s.io/v1', 'u1', { patch: [], warnings: [], auditAnnotations: {} }),
    { ...envelope, response: { uid: 'u1', allowed: true } })
})

t.test('E.3 patch and patchType stand together, the patch as base64 of an array', async (t) => {
  const patch = [{ op: 'add', path: '/spec/imagePullSecrets', value: [{ name: 'a' }] }] as const
  const review = encodeAdmissionReview('admission.k8s.io/v1', 'u1', { patch, warnings: ['w'], auditAnnotations: { k: 'v' } })
  t.strictSame(review, {
    ...envelope,
    response: {
      uid: 'u1',
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
      warnings: ['w'],
      auditAnnotations: { k: 'v' }
    }
  })
})

t.test('no JSON makes the decoder throw', async () => {
  const anything = fc.jsonValue()
  const request = fc.oneof(anything, fc.record({ uid: anything, resource: anything, object: anything }))
  const body = fc.oneof(anything, request.map((request) => ({ ...envelope, request })))
  fc.assert(fc.property(body, (body) => typeof decodeAdmissionReview(body).ok === 'boolean'), { numRuns: 500 })
})
