import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import type { AdmissionMode } from '../../src/app/admission.ts'
import { asText, member } from '../../src/core/kubernetes.ts'
import type { JsonPatchOperation } from '../../src/core/json-patch.ts'
import { kinds } from '../../src/kinds/index.ts'
import type { WorkloadKind } from '../../src/kinds/workload-kind.ts'
import { applied, ask, withoutList } from '../helpers/ask.ts'
import { createMemoryView, type MemoryFacts } from '../helpers/memory-view.ts'

/** `request.json`: the `request` of an AdmissionReview; what is absent is filled in, and `mode` is the path called. */
interface CaseRequest extends Readonly<Record<string, unknown>> {
  readonly object: unknown
  readonly mode?: AdmissionMode
}

/** `expected.json`. Absent: no patch, no warning, nothing left out, the annotations that the patch or reason gives. */
interface CaseExpected {
  readonly reason: string
  readonly patch?: readonly JsonPatchOperation[]
  readonly warnings?: readonly string[]
  readonly leftOut?: readonly unknown[]
  readonly auditAnnotations?: Readonly<Record<string, string>>
}

const everyKindHas = [
  'match', 'no-match', 'already-present', 'unknown-image', 'no-list-yet', 'account-restricts-secrets'
]

const folder = new URL('../cases/', import.meta.url)
const admitted = kinds.filter(({ handled }) => handled !== 'offline')
const folderOf = ({ kind }: WorkloadKind): string => kind.toLowerCase()

t.test('a folder of cases belongs to a kind that the webhook handles', async (t) => {
  t.same(globSync('*', { cwd: folder }).toSorted(), admitted.map(folderOf).toSorted())
})

for (const kind of admitted) {
  const cases = globSync('*', { cwd: new URL(`${folderOf(kind)}/`, folder) }).toSorted()

  t.test(`${kind.kind} has the cases that every kind has`, async (t) => {
    t.same(everyKindHas.filter((name) => !cases.includes(name)), [])
  })

  for (const name of cases) testCase(kind, name)
}

function testCase (kind: WorkloadKind, name: string): void {
  const read = (file: string): unknown =>
    JSON.parse(readFileSync(new URL(`${folderOf(kind)}/${name}/${file}.json`, folder), 'utf8'))
  const { mode = 'mutate', ...request } = read('request') as CaseRequest
  const view = createMemoryView(read('cluster') as MemoryFacts)
  const expected = read('expected') as CaseExpected
  const reviewOf = (object: unknown) => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: '1', resource: kind.resource, operation: 'CREATE', namespace: 'team-a', ...request, object }
  })

  t.test(`${kind.kind}: ${name}`, async (t) => {
    const { outcome } = ask(view, reviewOf(request.object), mode)
    const { reason, patch = [], warnings = [], leftOut = [], auditAnnotations = annotationsOf(expected) } = expected
    t.same({
      reason: outcome.decision.reason,
      patch: outcome.patch,
      warnings: outcome.warnings,
      leftOut: outcome.decision.leftOut,
      auditAnnotations: outcome.auditAnnotations
    }, { reason, patch, warnings, leftOut, auditAnnotations })
    t.equal(outcome.decision.action, reason === 'images_covered' ? 'inject' : 'skip')
  })

  if (expected.patch === undefined) return

  t.test(`${kind.kind}: ${name} differs in nothing but the list, and is not patched again`, async (t) => {
    const object = applied(request.object, ask(view, reviewOf(request.object)).outcome)
    const list = ['spec', 'imagePullSecrets']
    t.strictSame(withoutList(object, list), withoutList(request.object, list))
    t.same(ask(view, reviewOf(object)).outcome.patch, [])
  })
}

function annotationsOf ({ reason, patch = [] }: CaseExpected): Record<string, string> {
  if (patch.length === 0) return { skipped: reason }
  const names = patch.flatMap(({ value }) => [value].flat()).map((item) => asText(member(item, 'name')) ?? '')
  return Object.fromEntries(names.map((name) => [`added.${name}`, name]))
}
