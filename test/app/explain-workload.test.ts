import t from 'tap'
import { createExplainWorkload, imagePod, type ExplainSettings } from '../../src/app/explain-workload.ts'
import type { Secret } from '../../src/core/kubernetes.ts'
import { parseYaml } from '../helpers/ask.ts'
import { createMemoryView } from '../helpers/memory-view.ts'

const view = createMemoryView({
  configuration: { credentials: [{ name: 'acme-quay' }, { name: 'empty' }] },
  coverage: { 'acme-quay': ['quay.io/acme'], empty: [{ key: 'empty.example.com', usable: false }] },
  namespaces: { 'team-a': { 'pullpass.dev/inject': 'enabled' } },
  serviceAccounts: { 'team-a/default': ['empty'], 'team-a/builder': ['mine'] }
})

const mine: Secret = {
  namespace: 'team-a',
  name: 'mine',
  type: 'kubernetes.io/dockerconfigjson',
  data: new Map([['.dockerconfigjson', Buffer.from('{"auths":{"ghcr.io":{"username":"u","password":"p"}}}')]])
}

const settings: ExplainSettings = {
  view,
  namespace: 'team-a',
  assumeEmptyAccounts: false,
  parseYaml,
  secret: (namespace, name) => namespace === 'team-a' && name === 'mine' ? mine : undefined
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

t.test('what is no object of a known kind names no image', async (t) => {
  for (const object of [null, 5, [], {}, { kind: 'ConfigMap', apiVersion: 'v1' }, { kind: 'Pod', apiVersion: 'v1' }]) {
    t.same(explain(object), [])
  }
})

t.test('the kind of a list counts for items that do not say theirs', async (t) => {
  const answers = explain({ spec: { containers: [{ image: 'quay.io/acme/a' }] } }, { apiVersion: 'v1', kind: 'Pod' })
  t.match(answers, [{ verdict: 'added', object: { kind: 'Pod', namespace: 'team-a' } }])
})
