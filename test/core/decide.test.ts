import t from 'tap'
import { decide, type AdmissionFacts } from '../../src/core/decide.ts'
import { addedNames } from '../../src/core/decision.ts'
import { compileOffered } from '../../src/core/offered-credentials.ts'
import type { PullScope } from '../../src/core/pull-scope.ts'
import { listOf, makeAccount, makeFacts, makeOffered, makeRule, makeScope } from '../helpers/builders.ts'

const quay = makeOffered({ acme: ['quay.io/acme'] })
const image = ['quay.io/acme/app']
const facts = makeFacts(quay)

/** `inject a b`, or `skip reason`. */
function outcome (scope: PullScope, facts: AdmissionFacts): string {
  const decision = decide(scope, facts)
  return decision.action === 'skip' ? `skip ${decision.reason}` : `inject ${addedNames(decision).join(' ')}`
}

const nothing = compileOffered({ offered: [], unknown: [] }, new Map())
const pending = compileOffered({ offered: [makeRule('a')], unknown: [] }, new Map())
const unknown = compileOffered({ offered: [], unknown: [makeRule('a')] }, new Map())
const unsure = compileOffered({ offered: [makeRule('a')], unknown: [makeRule('b')] }, new Map())
const restricting = [makeAccount('default', ['linked'], true)]

const rows: ReadonlyArray<readonly [name: string, scope: PullScope, facts: AdmissionFacts, expected: string]> = [
  ['a match is injected', makeScope(image), facts, 'inject acme'],
  ['D1 what the account gave stands in the list, ours is appended', makeScope(image, listOf('foo', 'bar')), facts, 'inject acme'],
  ['D3 an item without a name is an item', makeScope(image, { list: 'present', hasItems: true }), facts, 'inject acme'],
  ['D4 an empty list of a Pod', makeScope(image, listOf()), facts, 'inject acme'],
  ['D5 an account that enforces its list', makeScope(image), makeFacts(quay, restricting), 'skip account_restricts_secrets'],
  ['D5 unless it lists the name', makeScope(image), makeFacts(quay, [makeAccount('default', ['acme'], true)]), 'inject acme'],
  ['an account that is not known forbids nothing', makeScope(image), makeFacts(quay, []), 'inject acme'],
  ['D6 mirror pod', makeScope(image, { mirrorPod: true }), facts, 'skip mirror_pod'],
  ['opted out, before anything else', makeScope(image, { optedOut: true, mirrorPod: true, list: 'malformed' }), facts, 'skip opted_out'],
  ['F21 a list that is none', makeScope(image, { list: 'malformed' }), facts, 'skip list_malformed'],
  ['no image', makeScope([]), facts, 'skip no_images'],
  ['D13 images that cannot be parsed', makeScope(['', ' quay.io/acme/app', '{{x}}']), facts, 'skip no_match'],
  ['one that cannot be parsed beside one that can', makeScope(['', ...image]), facts, 'inject acme'],
  ['nothing matches', makeScope(['ghcr.io/x']), facts, 'skip no_match'],
  ['nothing is offered', makeScope(image), makeFacts(nothing), 'skip no_match'],
  ['the plan of a copy is pending', makeScope(image), makeFacts(pending), 'skip coverage_pending'],
  ['the labels of the namespace are not known', makeScope(image), makeFacts(unknown), 'skip namespace_unknown'],
  ['labels before plans', makeScope(image), makeFacts(unsure), 'skip namespace_unknown'],
  ['one image listed, the other left out', makeScope(['quay.io/acme/a', 'ghcr.io/acme-x/b'], listOf('acme')),
    makeFacts(makeOffered({ acme: ['quay.io/acme'], g: ['ghcr.io/acme'] })), 'skip partial_segment'],
  ['listed already', makeScope(image, listOf('x', 'acme')), facts, 'skip already_present'],
  ['D10 listed thrice', makeScope(image, listOf('acme', 'acme', 'acme')), facts, 'skip already_present'],
  ['a part of a segment', makeScope(['quay.io/acme-x/app']), facts, 'skip partial_segment'],
  ['a Hub login that would be hidden', makeScope(['nginx'], listOf('h')),
    makeFacts(makeOffered({ d: ['docker.io'], h: ['https://index.docker.io/v1/'] })), 'skip already_present'],
  ['workflowTemplateRef', makeScope(image, { references: { workflowTemplateRef: true, templateRef: false } }), facts,
    'skip workflow_template_ref'],
  ['workflowTemplateRef where the configuration allows it',
    makeScope(image, { references: { workflowTemplateRef: true, templateRef: false } }),
    makeFacts(quay, [], { injection: { workflowTemplateRef: true, argoReadsSecrets: false } }), 'inject acme']
]

for (const [name, scope, facts, expected] of rows) {
  t.test(name, async (t) => { t.equal(outcome(scope, facts), expected) })
}

t.test('a decision tells keys, images and what was left out', async (t) => {
  const offered = makeOffered({ acme: ['quay.io/acme'], part: ['quay.io/ac'] })
  t.strictSame(decide(makeScope(image), makeFacts(offered)), {
    action: 'inject',
    reason: 'images_covered',
    additions: [{ name: 'acme', key: 'quay.io/acme', images: ['quay.io/acme/app'] }],
    inherited: [],
    leftOut: [{ name: 'part', reason: 'partial_segment', image: 'quay.io/acme/app' }]
  })
})

t.test('a skip keeps what was left out', async (t) => {
  t.strictSame(decide(makeScope(image), makeFacts(quay, restricting)).leftOut,
    [{ name: 'acme', reason: 'account_restricts_secrets', image: 'quay.io/acme/app' }])
})
