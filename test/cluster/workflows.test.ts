import t from 'tap'
import { applyArgoDefinitions, findArgoModule } from './argo.ts'
import { findMissingTools, useCluster } from './cluster.ts'
import { createObject, listedSecrets, notesOfAdded, type NewObject } from './objects.ts'
import { installPullpass } from './pullpass.ts'

const shop = 'quay.io/acme/shop/web:1'
const data = 'quay.io/acme/data/load:2'
const corp = 'registry.example.com:5000/base/tool:3'
const stranger = 'ghcr.io/example/tool:1'
const command = ['run']

const one = (image: string) => [{ name: 'main', container: { image, command } }]

const rows = [
  { name: 'a Workflow of an enabled namespace gets what its image needs', spec: { templates: one(shop) }, stored: ['acme-shop'], notes: notesOfAdded('acme-shop') },
  { name: 'a Workflow of another namespace is left alone', into: 'off', spec: { templates: one(shop) }, stored: [], notes: {} },
  { name: 'a shadow namespace is told about only', into: 'shadow', spec: { templates: one(shop) }, stored: [], notes: { 'shadow/would-add.acme-shop': 'acme-shop' } },
  { name: 'a Workflow that opts out is not even sent', labels: { 'pullpass.dev/inject': 'disabled' }, spec: { templates: one(shop) }, stored: [], notes: {} },
  {
    name: 'a Workflow whose pods opt out is left alone',
    spec: { templates: one(shop), podMetadata: { labels: { 'pullpass.dev/inject': 'disabled' } } },
    stored: [],
    notes: { skipped: 'opted_out' }
  },
  { name: 'a list of its own is added to', spec: { templates: one(shop), imagePullSecrets: [{ name: 'mine' }] }, stored: ['mine', 'acme-shop'], notes: notesOfAdded('acme-shop') },
  { name: 'an empty list counts as none', spec: { templates: one(shop), imagePullSecrets: [] }, stored: ['acme-shop'], notes: notesOfAdded('acme-shop') },
  { name: 'a complete list stays', spec: { templates: one(shop), imagePullSecrets: [{ name: 'acme-shop' }] }, stored: ['acme-shop'], notes: { skipped: 'already_present' } },
  {
    name: 'what the account would have given comes first',
    spec: { serviceAccountName: 'builder', templates: one(data) },
    stored: ['builder-mirror', 'acme-data'],
    notes: notesOfAdded('builder-mirror', 'acme-data')
  },
  {
    name: 'what any of several accounts would have given comes first',
    spec: {
      serviceAccountName: 'builder',
      templates: [...one(corp), { name: 'test', serviceAccountName: 'tester', script: { image: data, command, source: '' } }]
    },
    stored: ['builder-mirror', 'tester-mirror', 'corp', 'acme-data'],
    notes: notesOfAdded('builder-mirror', 'tester-mirror', 'corp', 'acme-data')
  },
  {
    name: 'with a list of its own, accounts do not count',
    spec: { serviceAccountName: 'builder', templates: one(data), imagePullSecrets: [{ name: 'mine' }] },
    stored: ['mine', 'acme-data'],
    notes: notesOfAdded('acme-data')
  },
  { name: 'an account that is not known could lose its secrets', spec: { serviceAccountName: 'nobody', templates: one(shop) }, stored: [], notes: { skipped: 'account_unknown' } },
  { name: 'a Workflow of a workflowTemplateRef is left to Argo', spec: { workflowTemplateRef: { name: 'shared' }, templates: one(shop) }, stored: [], notes: { skipped: 'workflow_template_ref' } },
  {
    name: 'a templateRef may bring in accounts that cannot be seen',
    spec: { templates: [{ name: 'main', steps: [[{ name: 'far', templateRef: { name: 'shared', template: 'x' } }]] }, { name: 'near', container: { image: shop, command } }] },
    stored: [],
    notes: { skipped: 'template_ref' }
  },
  {
    name: 'a templateRef does not matter where the Workflow has a list',
    spec: {
      imagePullSecrets: [{ name: 'mine' }],
      templates: [{ name: 'main', dag: { tasks: [{ name: 'far', templateRef: { name: 'shared', template: 'x' } }] } }, { name: 'near', container: { image: shop, command } }]
    },
    stored: ['mine', 'acme-shop'],
    notes: notesOfAdded('acme-shop')
  },
  {
    name: 'literal parameters are filled in, others are not guessed',
    spec: {
      arguments: { parameters: [{ name: 'registry', value: 'quay.io/acme/data' }] },
      templates: [
        ...one('{{workflow.parameters.registry}}/load:2'),
        { name: 'any', inputs: { parameters: [{ name: 'image' }] }, container: { image: '{{inputs.parameters.image}}', command } }
      ]
    },
    stored: ['acme-data'],
    notes: notesOfAdded('acme-data')
  },
  {
    name: 'a public image that Argo would look up keeps its anonymous look-up',
    spec: { templates: [...one(shop), { name: 'public', container: { image: stranger } }] },
    stored: [],
    notes: { skipped: 'argo_lookup_at_risk' }
  },
  {
    name: 'a private image that Argo has to look up gets its secret, beside a public one too',
    spec: { templates: [{ name: 'main', container: { image: shop } }, { name: 'public', container: { image: stranger } }] },
    stored: ['acme-shop'],
    notes: notesOfAdded('acme-shop')
  },
  {
    name: 'every place of an image counts',
    spec: {
      templates: [{
        name: 'main',
        container: { image: stranger, command },
        initContainers: [{ name: 'init', image: shop, command }],
        sidecars: [{ name: 'side', image: data, command }],
        podSpecPatch: `containers: [{ name: main, image: "${corp}" }]`
      }]
    },
    stored: ['corp', 'acme-shop', 'acme-data'],
    notes: notesOfAdded('corp', 'acme-shop', 'acme-data')
  }
]

const argo = await findArgoModule()
const skip = await findMissingTools() || ('missing' in argo && argo.missing)

t.test('Workflows through a real API server', { skip }, async (t) => {
  const cluster = await useCluster(t)
  const { kubectl, audit } = cluster
  await applyArgoDefinitions(kubectl, ['workflows'])
  const installation = await installPullpass(t, cluster, {
    name: 'workflows',
    namespaces: { on: 'enabled', off: '', shadow: 'shadow' },
    accounts: [
      { name: 'default' },
      { name: 'builder', pullSecrets: ['builder-mirror'] },
      { name: 'tester', pullSecrets: ['tester-mirror'] }
    ]
  })
  const on = installation.namespace('on')

  for (const [index, { name, into = 'on', labels = {}, spec, stored, notes }] of rows.entries()) {
    t.test(name, async (t) => {
      const object = buildWorkflow(`row-${index}`, spec, labels)
      const created = await createObject(cluster, installation, { object, into })
      const { imagePullSecrets, ...rest } = created.stored.spec ?? {}
      t.same(listedSecrets({ spec: { imagePullSecrets } }), stored, 'the stored list')
      t.same(created.notes, notes, 'the audit annotations')
      t.same(created.warnings, [], 'the warnings')
      const { imagePullSecrets: _list, ...given } = object.spec as { readonly imagePullSecrets?: unknown }
      t.strictSame(rest, given, 'the rest of the spec')
    })
  }

  t.test('an update is not sent, as those that Argo makes all the time', async (t) => {
    const object = buildWorkflow('update', { templates: one(stranger) })
    await createObject(cluster, installation, { object, into: 'on' })
    const patch = JSON.stringify({ spec: { templates: one(shop) }, status: { phase: 'Running' } })
    await kubectl.ok(['patch', 'workflow', 'update', '-n', on, '--type=merge', '-p', patch])
    const stored = await kubectl.get('workflow', 'update', on)
    const query = { verb: 'patch', resource: 'workflows', namespace: on, name: 'update' }
    const { annotations = {} } = await audit.waitFor(query)
    t.match(stored, { status: { phase: 'Running' }, spec: { templates: one(shop) } })
    t.same(listedSecrets(stored), [])
    t.notOk(Object.keys(annotations).some((key) => key.includes('pullpass')), 'nothing in the audit log')
  })

  t.test('what the definition leaves free, and Pullpass does not know, stays as it is', async (t) => {
    const plugin = { 'example.com/later': { deep: [{ big: 9007199254740993n }, null, '\u2028', { image: corp }] } }
    const object = buildWorkflow('future', { templates: [...one(shop), { name: 'plugin', plugin: 'PLUGIN' }] })
    // JSON of our own, since a number of this size has no place in JavaScript's.
    const text = '{"example.com/later":{"deep":[{"big":9007199254740993},null,"\\u2028",{"image":"' + corp + '"}]}}'
    await kubectl.ok(['create', '-f', '-', '-n', on], { input: JSON.stringify(object).replace('"PLUGIN"', text) })
    const { stdout } = await kubectl.ok(['get', 'workflow', 'future', '-n', on, '-o', 'json'])
    const kept = JSON.parse(stdout, (_key, value: unknown, context?: { readonly source?: string }) =>
      context?.source === '9007199254740993' ? 9007199254740993n : value)
    t.same(listedSecrets(kept), ['acme-shop'])
    t.strictSame(kept.spec.templates[1].plugin, plugin)
  })

  t.test('a list of another shape is refused by the definition, not by us', async (t) => {
    const input = buildWorkflow('odd', { templates: one(shop), imagePullSecrets: 'acme-shop' })
    const { code, stderr } = await kubectl.run(['create', '--validate=false', '-n', on, '-f', '-'], { input })
    t.equal(code, 1)
    t.match(stderr, /spec\.imagePullSecrets: Invalid value: "string"/)
  })
})

function buildWorkflow (name: string, spec: object, labels: Readonly<Record<string, string>> = {}): NewObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata: { name, labels }, spec: { entrypoint: 'main', ...spec }
  }
}
