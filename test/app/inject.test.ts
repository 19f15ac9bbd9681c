import t from 'tap'
import { createInject, listObjects, type InjectSettings } from '../../src/app/inject.ts'
import { kinds } from '../../src/kinds/index.ts'
import { asRecord, member } from '../../src/core/kubernetes.ts'
import { parseYaml } from '../helpers/ask.ts'
import { createMemoryView, type MemoryFacts } from '../helpers/memory-view.ts'

const facts: MemoryFacts = {
  configuration: {
    credentials: [
      { name: 'acme-quay' },
      { name: 'labelled', namespaces: { by: 'label', selector: [{ key: 'tier', operator: 'Exists', values: [] }] } }
    ]
  },
  coverage: { 'acme-quay': ['quay.io/acme'], labelled: ['quay.io/labelled'] },
  namespaces: {
    'team-a': { 'pullpass.dev/inject': 'enabled' },
    shadowed: { 'pullpass.dev/inject': 'shadow' },
    plain: {}
  },
  serviceAccounts: {
    'team-a/default': ['default-dockercfg-abcde'],
    'shadowed/default': [],
    'team-a/strict': { imagePullSecrets: [], enforcesMountableSecrets: true }
  },
  optInBy: 'labels'
}

function injectWith (settings: Partial<InjectSettings> = {}, changed: MemoryFacts = {}) {
  const view = createMemoryView({ ...facts, ...changed })
  return createInject({ view, namespace: 'team-a', assumeEmptyAccounts: false, parseYaml, ...settings })
}

const podSpec = { containers: [{ name: 'main', image: 'quay.io/acme/app', command: ['run'] }] }
const workflowSpec = { entrypoint: 'main', templates: [{ name: 'main', container: podSpec.containers[0] }] }

/** An object of a kind with one image, and its spec given some more fields. */
function objectOf (kind: string, fields: object = {}, metadata: object = { namespace: 'team-a' }): Record<string, unknown> {
  const found = kinds.find((candidate) => candidate.kind === kind)
  if (found === undefined) throw new Error(`unknown kind ${kind}`)
  const { group, version } = found.resource
  const specs: Record<string, object> = {
    Pod: { ...podSpec, ...fields },
    Workflow: { ...workflowSpec, ...fields },
    WorkflowTemplate: { ...workflowSpec, ...fields },
    ClusterWorkflowTemplate: { ...workflowSpec, ...fields },
    CronWorkflow: { workflowSpec: { ...workflowSpec, ...fields } },
    CronJob: { jobTemplate: { spec: { template: { spec: { ...podSpec, ...fields } } } } }
  }
  const spec = specs[kind] ?? { template: { spec: { ...podSpec, ...fields } } }
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind, metadata: { name: 'web', ...metadata }, spec }
}

const listPaths: Record<string, string> = {
  Pod: 'spec', Workflow: 'spec', WorkflowTemplate: 'spec', ClusterWorkflowTemplate: 'spec', CronWorkflow: 'spec.workflowSpec', CronJob: 'spec.jobTemplate.spec.template.spec'
}

for (const { kind } of kinds) {
  t.test(`${kind} gets the account's names first, then its own`, async (t) => {
    const result = injectWith()(objectOf(kind))
    t.match(result, {
      outcome: 'injected',
      object: { kind, name: 'web', namespace: 'team-a' },
      listPath: [...(listPaths[kind] ?? 'spec.template.spec').split('.'), 'imagePullSecrets'],
      list: 'absent',
      names: ['default-dockercfg-abcde', 'acme-quay']
    })
  })

  t.test(`${kind} with an account that is not known is refused`, async (t) => {
    const object = objectOf(kind, { serviceAccountName: 'nobody' })
    t.match(injectWith()(object), { outcome: 'refused', unknownAccounts: ['nobody'], decision: { reason: 'account_unknown' } })
    t.match(injectWith({ assumeEmptyAccounts: true })(object), { outcome: 'injected', names: ['acme-quay'] })
  })

  t.test(`${kind} whose list has an item keeps what it has, whatever the account`, async (t) => {
    const object = objectOf(kind, { serviceAccountName: 'nobody', imagePullSecrets: [{ name: 'own' }] })
    t.match(injectWith()(object), { outcome: 'injected', list: 'present', names: ['acme-quay'] })
  })

  t.test(`${kind} is left alone where its setting is off, and only there`, async (t) => {
    const family = kind.includes('Workflow') ? 'workflows' : 'pods'
    const other = family === 'pods' ? 'workflows' : 'pods'
    const configured = (setting: string): MemoryFacts =>
      ({ configuration: { ...facts.configuration, injection: { [setting]: false } } })
    t.match(injectWith({}, configured(family))(objectOf(kind)), { outcome: 'unchanged', decision: { reason: 'kind_disabled' } })
    t.match(injectWith({}, configured(other))(objectOf(kind)), { outcome: 'injected' })
  })
}

const rows = [
  { name: 'another kind', object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }, expected: 'unsupported_resource' },
  { name: 'a kind of another group', object: { ...objectOf('Deployment'), apiVersion: 'example.com/v1' }, expected: 'unsupported_resource' },
  { name: 'no object at all', object: 'text', expected: 'unsupported_resource' },
  { name: 'a namespace without the label', object: objectOf('Pod', {}, { namespace: 'plain' }), expected: 'namespace_not_opted_in' },
  { name: 'a namespace that the view does not hold', object: objectOf('Pod', {}, { namespace: 'gone' }), expected: 'namespace_not_opted_in' },
  { name: 'an object without spec', object: { apiVersion: 'v1', kind: 'Pod' }, expected: 'object_malformed' },
  { name: 'an object that opted out', object: objectOf('Pod', {}, { labels: { 'pullpass.dev/inject': 'disabled' } }), expected: 'opted_out' },
  { name: 'a list that is none', object: objectOf('Pod', { imagePullSecrets: 'x' }), expected: 'list_malformed' },
  { name: 'a list that has the name', object: objectOf('Pod', { imagePullSecrets: [{ name: 'acme-quay' }] }), expected: 'already_present' },
  { name: 'a public image', object: objectOf('Pod', { containers: [{ image: 'nginx' }] }), expected: 'no_match' },
  { name: 'an account that allows only its own secrets', object: objectOf('Pod', { serviceAccountName: 'strict' }), expected: 'account_restricts_secrets' },
  { name: 'a templated account', object: objectOf('Workflow', { serviceAccountName: '{{x}}' }), expected: 'account_templated' },
  { name: 'a workflowTemplateRef', object: objectOf('Workflow', { workflowTemplateRef: { name: 'x' } }), expected: 'workflow_template_ref' }
]

for (const { name, object, expected } of rows) {
  t.test(`${name} is left unchanged, with its reason`, async (t) => {
    t.match(injectWith()(object), { outcome: 'unchanged', decision: { action: 'skip', reason: expected } })
  })
}

t.test('a namespace in shadow mode is left unchanged, with the decision', async (t) => {
  const result = injectWith()(objectOf('Deployment', {}, { namespace: 'shadowed' }))
  t.match(result, { outcome: 'unchanged', decision: { action: 'inject', additions: [{ name: 'acme-quay' }] } })
})

t.test('the object\'s own namespace counts before the given one', async (t) => {
  const inject = injectWith({ namespace: 'plain' })
  t.equal(inject(objectOf('Pod', {}, { namespace: 'team-a' })).outcome, 'injected')
  t.match(inject(objectOf('Pod', {}, {})), { outcome: 'unchanged', object: { namespace: 'plain' } })
})

t.test('a ClusterWorkflowTemplate has no namespace: the given one counts', async (t) => {
  const object = objectOf('ClusterWorkflowTemplate', {}, { namespace: 'plain' })
  t.match(injectWith()(object), { outcome: 'injected', object: { namespace: 'team-a' } })
})

t.test('a name to be generated stands for the name', async (t) => {
  const { kind, apiVersion, spec } = objectOf('Job')
  t.match(injectWith()({ kind, apiVersion, spec, metadata: { generateName: 'job-' } }), { object: { name: 'job-' } })
  t.match(injectWith()({ kind, apiVersion, spec }), { object: { name: '' } })
})

t.test('a shadow opt-in and an account that is not known is no refusal', async (t) => {
  const object = objectOf('Pod', { serviceAccountName: 'nobody' }, { namespace: 'shadowed' })
  t.match(injectWith()(object), { outcome: 'unchanged', decision: { reason: 'account_unknown' } })
})

t.test('a rule about labels asks the labels that the view holds', async (t) => {
  const object = objectOf('Pod', { containers: [{ image: 'quay.io/labelled/app' }] })
  t.match(injectWith()(object), { decision: { reason: 'no_match' } })
  const namespaces = { 'team-a': { 'pullpass.dev/inject': 'enabled', tier: 'x' } }
  t.match(injectWith({}, { namespaces })(object), { names: ['default-dockercfg-abcde', 'labelled'] })
})

t.test('a document is one object, or the items of its List with their paths', async (t) => {
  const paths = (value: unknown) => listObjects(value).map(({ path }) => path.join('.'))
  t.same(paths({ kind: 'Pod', items: [] }), [''])
  t.same(paths({ kind: 'List', items: 'none' }), [''])
  t.same(paths({ kind: 'List', items: [] }), [])
  t.same(paths({ kind: 'List', items: [{ kind: 'Pod' }, { kind: 'List', items: [1, 2] }] }), ['items.0', 'items.1.items.0', 'items.1.items.1'])
  t.same(paths(null), [''])
})

t.test('items of a typed list have its kind', async (t) => {
  const { spec, metadata } = objectOf('Deployment')
  const list = { apiVersion: 'apps/v1', kind: 'DeploymentList', items: [{ spec, metadata }] }
  const inject = injectWith()
  const [found] = listObjects(list)
  t.match(inject(found?.object, found?.implied), { outcome: 'injected', object: { kind: 'Deployment' } })
  t.match(inject(found?.object), { outcome: 'unchanged', object: { kind: '' } })
})

t.test('no object is changed by deciding about it', async (t) => {
  const object = objectOf('Deployment')
  const before = structuredClone(object)
  injectWith()(object)
  t.strictSame(object, before)
  t.ok(asRecord(member(object, 'spec')))
})
