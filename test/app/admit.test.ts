import fc from 'fast-check'
import t from 'tap'
import type { AdmissionMode } from '../../src/app/admission.ts'
import { createAdmit } from '../../src/app/admit.ts'
import type { ClusterView } from '../../src/app/ports.ts'
import { decodeAdmissionReview, type AdmissionRequest } from '../../src/core/admission-review.ts'
import { kinds } from '../../src/kinds/index.ts'
import { applied, ask, parseYaml, withoutList } from '../helpers/ask.ts'
import { createMemoryView } from '../helpers/memory-view.ts'

const view = createMemoryView({
  configuration: { credentials: [{ name: 'acme-quay', companions: ['sso'] }, { name: 'sso' }, { name: 'hub' }] },
  coverage: { 'acme-quay': ['quay.io/acme'], sso: ['sso.example.com'], hub: ['https://index.docker.io/v1/'] },
  namespaces: { 'team-a': {} },
  serviceAccounts: { 'team-a/default': ['default-dockercfg-abcde'] }
})

const podObject = (imagePullSecrets?: unknown) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app' },
  spec: { containers: [{ name: 'app', image: 'quay.io/acme/app' }], ...imagePullSecrets === undefined ? {} : { imagePullSecrets } }
})

const reviewOf = (object: unknown, resource: object = { group: '', version: 'v1', resource: 'pods' }) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: 'u-1', resource, operation: 'CREATE', namespace: 'team-a', object }
})

function requestOf (object: unknown): AdmissionRequest {
  const decoded = decodeAdmissionReview(reviewOf(object))
  if (!decoded.ok) throw new Error(decoded.problem)
  return decoded.request
}

t.test('an error of ours', async (t) => {
  const broken: ReadonlyArray<{ name: string, view: ClusterView, parse?: () => never, object?: unknown }> = [
    { name: 'in the configuration', view: { ...view, configuration: () => { throw new Error('broken') } } },
    { name: 'in the coverage', view: { ...view, coverage: () => { throw new Error('broken') } } },
    { name: 'in the labels', view: { ...view, namespaceLabels: () => { throw new Error('broken') } } },
    { name: 'in the account', view: { ...view, serviceAccount: () => { throw new Error('broken') } } }
  ]
  for (const mode of ['mutate', 'shadow'] satisfies AdmissionMode[]) {
    for (const { name, view } of broken) {
      t.test(`${name} (${mode}) admits the object as it was and says what failed`, async (t) => {
        const admit = createAdmit({ view, createYamlParser: () => parseYaml })
        t.match(admit(requestOf(podObject()), mode), {
          decision: { action: 'skip', reason: 'internal_error', leftOut: [] },
          patch: [],
          warnings: [],
          auditAnnotations: { skipped: 'internal_error' },
          error: { message: 'broken' }
        })
      })
    }
  }
})

t.test('an error is forgotten with the next request', async (t) => {
  let fails = true
  const flaky: ClusterView = {
    ...view,
    coverage: () => {
      if (fails) throw new Error('broken')
      return view.coverage()
    }
  }
  const admit = createAdmit({ view: flaky, createYamlParser: () => parseYaml })
  t.equal(admit(requestOf(podObject()), 'mutate').decision.reason, 'internal_error')
  fails = false
  t.equal(admit(requestOf(podObject()), 'mutate').decision.reason, 'images_covered')
})

t.test('the same request has the same answer, and the request stays as it is', async (t) => {
  const review = reviewOf(podObject([{ name: 'mine' }]))
  const before = structuredClone(review)
  t.same(ask(view, review).review, ask(view, review).review)
  t.same(review, before)
})

t.test('the answer to a v1beta1 review is a v1beta1 review', async (t) => {
  const { review } = ask(view, { ...reviewOf(podObject()), apiVersion: 'admission.k8s.io/v1beta1' })
  t.match(review, { apiVersion: 'admission.k8s.io/v1beta1', response: { uid: 'u-1', allowed: true, patchType: 'JSONPatch' } })
})

// F34
const edges = [
  { name: 'absent', list: undefined, added: [{ name: 'acme-quay' }, { name: 'sso' }] },
  { name: 'null', list: null, added: [{ name: 'acme-quay' }, { name: 'sso' }] },
  { name: 'empty', list: [], added: [{ name: 'acme-quay' }, { name: 'sso' }] },
  { name: 'an empty item', list: [{}], added: [{ name: 'acme-quay' }, { name: 'sso' }] },
  { name: 'an empty name', list: [{ name: '' }], added: [{ name: 'acme-quay' }, { name: 'sso' }] },
  { name: 'one of the names', list: [{ name: 'acme-quay' }], added: [{ name: 'sso' }] },
  { name: 'both names', list: [{ name: 'sso' }, { name: 'acme-quay' }], added: [] },
  { name: 'the same name twice', list: [{ name: 'acme-quay' }, { name: 'acme-quay' }], added: [{ name: 'sso' }] },
  { name: 'a thousand names', list: Array.from({ length: 1000 }, (_, i) => ({ name: `s-${i}` })), added: [{ name: 'acme-quay' }, { name: 'sso' }] }
]

for (const { name, list, added } of edges) {
  t.test(`a list with ${name} keeps its items, in order, and gets what is missing behind them`, async (t) => {
    const object = podObject(list)
    const { outcome } = ask(view, reviewOf(object))
    t.strictSame(applied(object, outcome)['spec'], { ...object.spec, imagePullSecrets: [...list ?? [], ...added] })
    t.notOk(outcome.patch.some(({ op }) => op !== 'add'))
  })
}

const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('quay.io/acme/app', 'nginx', '{{workflow.parameters.p}}', '{{', 'QUAY', '', 'acme-quay') },
  fc.string()
)
const fields = ['spec', 'metadata', 'containers', 'initContainers', 'volumes', 'image', 'reference', 'imagePullSecrets', 'name',
  'templates', 'steps', 'dag', 'tasks', 'inline', 'container', 'script', 'sidecars', 'podSpecPatch', 'serviceAccountName',
  'arguments', 'parameters', 'value', 'labels', 'annotations', 'ownerReferences', 'hooks', 'templateRef', 'templateDefaults',
  'containerSet', 'executorPlugins', 'command', '__proto__', 'constructor', 'toString', 'artifactGC', 'podMetadata']
const { hostile } = fc.letrec<{ hostile: unknown }>((tie) => ({
  hostile: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.oneof(hostileText, fc.constantFrom(null, true, 0, -1, 1e99), fc.jsonValue()),
    fc.array(tie('hostile'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...fields), tie('hostile'), { maxKeys: 6 })
  )
}))
const hostileObject = fc.oneof(hostile, hostile.map((spec) => ({ spec })),
  hostile.map((containers) => ({ spec: { containers } })), hostile.map((templates) => ({ spec: { templates } })),
  fc.tuple(hostile, hostile).map(([imagePullSecrets, metadata]) => ({ ...podObject(imagePullSecrets), metadata })),
  fc.tuple(hostile, hostile).map(([imagePullSecrets, templates]) => ({
    spec: {
      imagePullSecrets, templates: [templates, { container: { image: 'quay.io/acme/app', command: ['x'] } }]
    }
  }))).map((value): unknown => JSON.parse(JSON.stringify(value)))
const admitted = kinds.filter(({ handled }) => handled !== 'offline')

t.test('any JSON as an object is admitted, its patch applies, changes the list alone and is not given twice', async (t) => {
  let patched = 0
  fc.assert(fc.property(hostileObject, fc.constantFrom(...admitted), (object, { resource }) => {
    const { outcome, review } = ask(view, reviewOf(object, resource))
    if (!JSON.stringify(review).includes('"allowed":true')) return false
    if (outcome.patch.length === 0) return true
    patched += 1
    const after = applied(object, outcome)
    const list = ['spec', 'imagePullSecrets']
    if (JSON.stringify(withoutList(after, list)) !== JSON.stringify(withoutList(object, list))) return false
    return ask(view, reviewOf(after, resource)).outcome.patch.length === 0
  }), { numRuns: 2000 })
  t.ok(patched > 100, 'the patched case is met often enough to count')
})

t.test('an object nested thousands of levels deep is read', async (t) => {
  const steps = (depth: number): unknown =>
    JSON.parse('{"steps":[[{"inline":'.repeat(depth) + '{}' + '}]]}'.repeat(depth))
  const object = { spec: { templates: [steps(3000), { container: { image: 'quay.io/acme/app', command: ['x'] } }] } }
  const resource = { group: 'argoproj.io', version: 'v1alpha1', resource: 'workflows' }
  t.equal(ask(view, reviewOf(object, resource)).outcome.decision.reason, 'images_covered')
})

t.test('what is no AdmissionReview is refused with what was expected', async (t) => {
  const bodies = [undefined, null, [], 'x', {}, { kind: 'AdmissionReview' }, { ...reviewOf({}), kind: 'Pod' },
    { ...reviewOf({}), apiVersion: 'admission.k8s.io/v2' }, { ...reviewOf({}), request: {} }]
  for (const body of bodies) t.match(decodeAdmissionReview(body), { ok: false, problem: /AdmissionReview/ })
})
