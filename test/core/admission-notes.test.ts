import t from 'tap'
import { planAuditAnnotations, planWarnings } from '../../src/core/admission-notes.ts'
import { skip, type Decision } from '../../src/core/decision.ts'
import { makeScope } from '../helpers/builders.ts'

function inject (...names: string[]): Decision {
  const additions = names.map((name) => ({ name, images: [] }))
  return { action: 'inject', reason: 'images_covered', additions, inherited: [], leftOut: [] }
}

const restricted = skip('account_restricts_secrets', [
  { name: 'acme', reason: 'account_restricts_secrets', image: 'quay.io/a' },
  { name: 'hub', reason: 'hides_hub_login', image: 'docker.io/a/b' }
])

t.test('an image that cannot be pulled is warned about, an empty or templated one is not', async (t) => {
  t.strictSame(planWarnings(makeScope(['quay.io/App', '', '{{x}}', 'quay.io/app']), skip('no_match')),
    ['pullpass: spec.containers[0].image cannot be pulled: the repository must be lower case'])
})

t.test('a name that an account forbids is warned about, other names left out are not', async (t) => {
  const scope = makeScope(['quay.io/a'], { accounts: [{ name: 'builder' }, { templated: '{{x}}' }] })
  const [warning, ...rest] = planWarnings(scope, restricted)
  t.match(warning, /^pullpass: acme not added, link it to service account builder, which enforces/)
  t.strictSame(rest, [])
})

t.test('an object that a controller made gets no warning', async (t) => {
  t.strictSame(planWarnings(makeScope(['quay.io/App'], { controlled: true }), restricted), [])
})

t.test('at most three warnings of at most 120 printable characters', async (t) => {
  const images = makeScope(['A', 'B', 'C', 'D']).images.map((use) => ({ ...use, path: `spec.ü\n${use.path}.${'x'.repeat(100)}` }))
  const warnings = planWarnings(makeScope([], { images }), restricted)
  t.equal(warnings.length, 3)
  for (const warning of warnings) {
    t.equal(warning.length, 120)
    t.match(warning, /^pullpass: spec\.\?\?spec[\x20-\x7e]*\.\.\.$/)
  }
})

t.test('the reason of a skip is an annotation', async (t) => {
  t.strictSame(planAuditAnnotations(skip('no_match'), 'added'), { skipped: 'no_match' })
})

t.test('each name has a key of its own', async (t) => {
  t.strictSame(planAuditAnnotations(inject('acme-quay', 'b.c'), 'added'), { 'added.acme-quay': 'acme-quay', 'added.b.c': 'b.c' })
  t.strictSame(planAuditAnnotations(inject('a'), 'would-add'), { 'would-add.a': 'a' })
})

const long = 'n'.repeat(58)
const keys: ReadonlyArray<readonly [name: string, prefix: 'added' | 'would-add', expected: RegExp]> = [
  ['n'.repeat(57), 'added', /^added\.n{57}$/],
  [long, 'added', /^added\.n{48}-[0-9a-f]{8}$/],
  ['n'.repeat(54), 'would-add', /^would-add\.n{44}-[0-9a-f]{8}$/],
  ['a/b c', 'added', /^added\.a-b-c-[0-9a-f]{8}$/],
  ['ends-in-', 'added', /^added\.ends-in--[0-9a-f]{8}$/]
]

for (const [name, prefix, expected] of keys) {
  t.test(`audit key of ${prefix} ${name}`, async (t) => {
    const [entry, ...rest] = Object.entries(planAuditAnnotations(inject(name), prefix))
    t.strictSame(rest, [])
    t.match(entry?.[0], expected)
    t.ok((entry?.[0].length ?? 99) <= 63)
    t.equal(entry?.[1], name, 'the value is the whole name')
  })
}

t.test('shortened names that begin alike are told apart', async (t) => {
  t.equal(Object.keys(planAuditAnnotations(inject(`${long}a`, `${long}b`), 'added')).length, 2)
})
