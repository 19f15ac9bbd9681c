import t from 'tap'
import { createExplainWorkload, imagePod, type ExplainSettings } from '../../src/app/explain-workload.ts'
import type { Secret } from '../../src/core/kubernetes.ts'
import { parseYaml } from '../helpers/ask.ts'
import { createMemoryView } from '../helpers/memory-view.ts'

const view = createMemoryView({
  configuration: {
    credentials: [
      { name: 'acme-quay' },
      { name: 'empty' },
      { name: 'narrow', namespaces: ['team-a', 'closed', 'lab'], targets: ['target'] },
      { name: 'broken', namespaces: ['team-a'] },
      { name: 'over', retired: true, targets: ['target'] }
    ]
  },
  coverage: {
    'acme-quay': ['quay.io/acme'],
    empty: [{ key: 'empty.example.com', usable: false }],
    narrow: ['narrow.example.com'],
    broken: [],
    over: ['over.example.com']
  },
  namespaces: {
    'team-a': { 'pullpass.dev/inject': 'enabled' },
    'team-b': { 'pullpass.dev/inject': 'enabled' },
    lab: { 'pullpass.dev/inject': 'shadow' },
    closed: {},
    target: {}
  },
  serviceAccounts: { 'team-a/default': ['empty'], 'team-a/builder': ['mine'] }
})

const mine: Secret = {
  namespace: 'team-a',
  name: 'mine',
  type: 'kubernetes.io/dockerconfigjson',
  data: new Map([['.dockerconfigjson', Buffer.from('{"auths":{"ghcr.io":{"username":"u","password":"p"}}}')]])
}

// What the namespace keeps itself under the name of a credential that it is not offered.
const kept: Secret = { ...mine, namespace: 'closed', name: 'narrow' }

const settings: ExplainSettings = {
  view,
  namespace: 'team-a',
  assumeEmptyAccounts: false,
  parseYaml,
  secret: (namespace, name) => [mine, kept].find((one) => one.namespace === namespace && one.name === name)
}
const explain = createExplainWorkload(settings)

const workflow = (image: string, account?: string) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { generateName: 'w-' },
  spec: { templates: [{ container: { image, command: ['x'] } }], ...account === undefined ? {} : { serviceAccountName: account } }
})

const verdicts = [
  { name: 'a template of a Workflow is known at run time', object: workflow('{{inputs.parameters.image}}'), answer: { verdict: 'templated', repository: null, candidates: [] } },
  { name: 'braces in a Pod are an invalid image', object: imagePod('{{x}}'), answer: { verdict: 'fails', error: { code: 'image_invalid' } } },
  { name: 'an entry without a login pulls nothing', object: imagePod('empty.example.com/a'), answer: { verdict: 'no_login', candidates: [{ secret: 'empty', usable: false }] } },
  { name: 'a secret of the namespace counts where the account lists it', object: workflow('ghcr.io/a/b', 'builder'), answer: { verdict: 'listed', candidates: [{ secret: 'mine', key: 'ghcr.io', usable: true }] } },
  { name: 'an account that is not known leaves the object as it is', object: workflow('quay.io/acme/a', 'ghost'), answer: { verdict: 'anonymous', added: [], reason: 'account_unknown', shadow: false } },
  { name: 'what is added comes behind what the account gives', object: workflow('quay.io/acme/a', 'builder'), answer: { verdict: 'added', added: ['mine', 'acme-quay'], path: 'spec.templates[0].container.image' } },
  { name: 'a list of its own hides what the account gives', object: { ...imagePod('ghcr.io/a/b'), spec: { containers: [{ image: 'ghcr.io/a/b' }], serviceAccountName: 'builder', imagePullSecrets: [{ name: 'x' }] } }, answer: { verdict: 'anonymous', unknownSecrets: ['x'] } }
]

for (const { name, object, answer } of verdicts) {
  t.test(name, async (t) => { t.match(explain(object), [answer]) })
}

const listing = (namespace: string, secret: string, image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace },
  spec: { containers: [{ image }], imagePullSecrets: [{ name: secret }] }
})

const copies = [
  { name: 'a namespace that opted in and is offered it has the copy', object: listing('team-a', 'narrow', 'narrow.example.com/a'), answer: { verdict: 'listed', unknownSecrets: [] } },
  { name: 'shadow mode decides as if the copy existed', object: listing('lab', 'narrow', 'narrow.example.com/a'), answer: { verdict: 'listed', unknownSecrets: [] } },
  { name: 'a target has the copy without opting in', object: listing('target', 'narrow', 'narrow.example.com/a'), answer: { verdict: 'listed', unknownSecrets: [] } },
  { name: 'a namespace that is not offered it has no copy', object: listing('team-b', 'narrow', 'narrow.example.com/a'), answer: { verdict: 'anonymous', candidates: [], unknownSecrets: ['narrow'] } },
  { name: 'a namespace that did not opt in has no copy', object: listing('closed', 'acme-quay', 'quay.io/acme/a'), answer: { verdict: 'anonymous', candidates: [], unknownSecrets: ['acme-quay'] } },
  { name: 'a namespace that did not opt in has what it keeps under that name', object: listing('closed', 'narrow', 'ghcr.io/a/b'), answer: { verdict: 'listed', candidates: [{ secret: 'narrow', key: 'ghcr.io' }] } },
  { name: 'a credential whose source is no good has no copy', object: listing('team-a', 'broken', 'ghcr.io/a/b'), answer: { verdict: 'anonymous', unknownSecrets: ['broken'] } },
  { name: 'a retired credential has no copy, not in its targets either', object: listing('target', 'over', 'over.example.com/a'), answer: { verdict: 'anonymous', unknownSecrets: ['over'] } },
  { name: 'a namespace that was not seen has no copy', object: listing('nowhere', 'acme-quay', 'quay.io/acme/a'), answer: { verdict: 'anonymous', unknownSecrets: ['acme-quay'], reasonText: 'the namespace is not in the manifests' } }
]

for (const { name, object, answer } of copies) {
  t.test(name, async (t) => { t.match(explain(object), [answer]) })
}

t.test('a namespace in shadow mode is told what it would get', async (t) => {
  const answers = createExplainWorkload({ ...settings, assumeEmptyAccounts: true })({ ...imagePod('quay.io/acme/a'), metadata: { namespace: 'lab' } })
  t.match(answers, [{ verdict: 'added', added: ['acme-quay'], shadow: true, candidates: [{ secret: 'acme-quay' }] }])
})

t.test('what is no object of a known kind names no image', async (t) => {
  for (const object of [null, 5, [], {}, { kind: 'ConfigMap', apiVersion: 'v1' }, { kind: 'Pod', apiVersion: 'v1' }]) {
    t.same(explain(object), [])
  }
})

t.test('the kind of a list counts for items that do not say theirs', async (t) => {
  const answers = explain({ spec: { containers: [{ image: 'quay.io/acme/a' }] } }, { apiVersion: 'v1', kind: 'Pod' })
  t.match(answers, [{ verdict: 'added', object: { kind: 'Pod', namespace: 'team-a' } }])
})
