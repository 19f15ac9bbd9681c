import t from 'tap'
import { decide, type AdmissionFacts } from '../../src/core/decide.ts'
import { addedNames } from '../../src/core/decision.ts'
import type { PullScope } from '../../src/core/pull-scope.ts'
import { listOf, makeAccount, makeFacts, makeImages, makeOffered, makeScope, type KeyTable } from '../helpers/builders.ts'

const hub = 'https://index.docker.io/v1/'
const image = ['quay.io/acme/app']

function later (
  offered: KeyTable,
  accounts = [makeAccount('default')],
  injection = { workflowTemplateRef: false, argoReadsSecrets: false }
): AdmissionFacts {
  return makeFacts(makeOffered(offered), accounts, { inheritsLater: true, injection })
}

/** `inherited + additions`, or `skip reason`. */
function outcome (scope: PullScope, facts: AdmissionFacts): string {
  const decision = decide(scope, facts)
  if (decision.action === 'skip') return `skip ${decision.reason}`
  return `${decision.inherited.join(' ')} + ${decision.additions.map(({ name }) => name).join(' ')}`
}

const acme = { acme: ['quay.io/acme'] }
const two = [{ name: 'default' }, { name: 'builder' }]

const rows: ReadonlyArray<readonly [name: string, scope: PullScope, facts: AdmissionFacts, expected: string]> = [
  ['an account without secrets', makeScope(image), later(acme), ' + acme'],
  ['an empty list is inherited into as an absent one', makeScope(image, listOf()), later(acme, [makeAccount('default', ['x'])]), 'x + acme'],
  ['the names of every account come first, each once', makeScope(image, { accounts: two }),
    later(acme, [makeAccount('default', ['x', 'y']), makeAccount('builder', ['y', 'z'])]), 'x y z + acme'],
  ['a list with an item is the choice of its author', makeScope(image, listOf('mine')), later(acme, [makeAccount('default', ['x'])]), ' + acme'],
  ['a list with a nameless item too', makeScope(image, { list: 'present', hasItems: true }), later(acme, [makeAccount('default', ['x'])]), ' + acme'],
  ['every account has it', makeScope(image, { accounts: two }),
    later(acme, [makeAccount('default', ['acme']), makeAccount('builder', ['x', 'acme'])]), 'skip already_present'],
  ['only one account has it', makeScope(image, { accounts: two }),
    later(acme, [makeAccount('default', ['acme']), makeAccount('builder', ['x'])]), 'acme x + '],
  ['an account is not known', makeScope(image, { accounts: two }), later(acme), 'skip account_unknown'],
  ['one account has it, the other is not known', makeScope(image, { accounts: two }),
    later(acme, [makeAccount('default', ['acme'])]), 'skip account_unknown'],
  ['no account is known', makeScope(image), later(acme, []), 'skip account_unknown'],
  ['an account is templated', makeScope(image, { accounts: [...two, { templated: '{{x}}' }] }), later(acme), 'skip account_templated'],
  ['a templateRef', makeScope(image, { references: { workflowTemplateRef: false, templateRef: true } }), later(acme), 'skip template_ref'],
  ['an account that forbids what another gives', makeScope(image, { accounts: two }),
    later(acme, [makeAccount('default', ['x']), makeAccount('builder', ['acme'], true)]), 'skip account_restricts_secrets'],
  ['an account that forbids the addition', makeScope(image), later(acme, [makeAccount('default', [], true)]), 'skip account_restricts_secrets'],
  ['with nothing to add no obstacle is named', makeScope(['ghcr.io/x'], { accounts: [{ templated: '{{x}}' }] }), later(acme), 'skip no_match'],
  ['a Hub login of the account is not hidden', makeScope(['nginx']),
    later({ d: ['docker.io'], h: [hub] }, [makeAccount('default', ['h'])]), 'skip already_present'],
  ['a Hub login of one account is not hidden by an addition', makeScope(['nginx'], { accounts: two }),
    later({ d: ['docker.io'], h: [hub] }, [makeAccount('default', ['h']), makeAccount('builder')]), 'h + '],
  ['a Hub login of one account is not hidden by that of another', makeScope(['nginx', ...image], { accounts: two }),
    later({ ...acme, d: ['docker.io'], h: [hub] }, [makeAccount('default', ['h']), makeAccount('builder', ['d'])]), 'skip hides_hub_login']
]

for (const [name, scope, facts, expected] of rows) {
  t.test(name, async (t) => { t.equal(outcome(scope, facts), expected) })
}

t.test('what is left out stands beside an obstacle', async (t) => {
  const decision = decide(makeScope(image), later({ ...acme, part: ['quay.io/ac'] }, []))
  t.match(decision, { action: 'skip', reason: 'account_unknown', leftOut: [{ name: 'part', reason: 'partial_segment' }] })
})

/** Truth table of isLookupAtRisk: what needs a look-up, whether the account carries a secret, what Argo may read. */
const risks = [
  { name: 'uncovered only', lookups: ['nginx'], secrets: [], argoReadsSecrets: false, atRisk: true },
  { name: 'uncovered and templated', lookups: ['nginx', '{{x}}'], secrets: [], argoReadsSecrets: false, atRisk: true },
  { name: 'templated only', lookups: ['{{x}}'], secrets: [], argoReadsSecrets: false, atRisk: true },
  { name: 'uncovered only, Argo may read', lookups: ['nginx'], secrets: [], argoReadsSecrets: true, atRisk: false },
  { name: 'uncovered only, account carries a secret', lookups: ['nginx'], secrets: ['x'], argoReadsSecrets: false, atRisk: false },
  { name: 'covered only', lookups: ['quay.io/acme/b'], secrets: [], argoReadsSecrets: false, atRisk: false },
  { name: 'both', lookups: ['nginx', 'quay.io/acme/b'], secrets: [], argoReadsSecrets: false, atRisk: false },
  { name: 'none', lookups: [], secrets: [], argoReadsSecrets: false, atRisk: false }
]

for (const { name, lookups, secrets, argoReadsSecrets, atRisk } of risks) {
  t.test(`F9a look-ups: ${name}`, async (t) => {
    const scope = makeScope([], { images: [...makeImages(image), ...makeImages(lookups, true)] })
    const facts = later(acme, [makeAccount('default', secrets)], { workflowTemplateRef: false, argoReadsSecrets })
    const decision = decide(scope, facts)
    t.equal(decision.reason, atRisk ? 'argo_lookup_at_risk' : 'images_covered')
    t.strictSame(addedNames(decision), atRisk ? [] : [...secrets, 'acme'])
  })
}

t.test('a list that is there puts no look-up at risk', async (t) => {
  const scope = makeScope([], { ...listOf('x'), images: [...makeImages(image), ...makeImages(['nginx'], true)] })
  t.equal(decide(scope, later(acme)).action, 'inject')
})
