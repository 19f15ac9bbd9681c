import t from 'tap'
import { findMissingTools, useCluster } from './cluster.ts'
import { buildPod, containersOf, createObject, listedSecrets, notesOfAdded } from './objects.ts'
import { installPullpass } from './pullpass.ts'

const shop = 'quay.io/acme/shop/web:1'
const data = 'quay.io/acme/data/load:2'
const corp = 'registry.example.com:5000/base/tool@sha256:9b2a0bd0bb18c8b0e6b2a7f5f6b2a3a1f4b7c5d2e1f0a9b8c7d6e5f4a3b2c1d0'
const stranger = 'ghcr.io/example/tool:1'

const rows = [
  { name: 'a pod of an enabled namespace gets what its image needs', spec: {}, stored: ['acme-shop'], notes: notesOfAdded('acme-shop') },
  { name: 'a pod of another namespace is left alone', into: 'off', spec: {}, stored: [], notes: {} },
  { name: 'a shadow namespace is told about only', into: 'shadow', spec: {}, stored: [], notes: { 'shadow/would-add.acme-shop': 'acme-shop' } },
  { name: 'a pod that opts out is not even sent', metadata: { labels: { 'pullpass.dev/inject': 'disabled' } }, spec: {}, stored: [], notes: {} },
  {
    name: 'a mirror pod is not even sent',
    metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } },
    spec: { nodeName: 'node-1' },
    stored: [],
    notes: {}
  },
  {
    name: 'several registries and paths, each matched once, in the order of the kubelet',
    spec: { containers: containersOf(shop, data, corp, stranger, shop) },
    stored: ['corp', 'acme-shop', 'acme-data'],
    notes: notesOfAdded('corp', 'acme-shop', 'acme-data')
  },
  {
    name: 'init containers, sidecars and image volumes count',
    spec: {
      containers: containersOf(stranger),
      initContainers: [{ name: 'init', image: shop }, { name: 'sidecar', image: data, restartPolicy: 'Always' }],
      volumes: [{ name: 'model', image: { reference: corp } }]
    },
    stored: ['corp', 'acme-shop', 'acme-data'],
    notes: notesOfAdded('corp', 'acme-shop', 'acme-data')
  },
  { name: 'no secret is added for an image that none covers', spec: { containers: containersOf(stranger) }, stored: [], notes: { skipped: 'no_match' } },
  { name: 'an empty list counts as none', spec: { imagePullSecrets: [] }, stored: ['acme-shop'], notes: notesOfAdded('acme-shop') },
  {
    name: 'a list is added to',
    spec: { imagePullSecrets: [{ name: 'mine' }, { name: 'ours' }] },
    stored: ['mine', 'ours', 'acme-shop'],
    notes: notesOfAdded('acme-shop')
  },
  {
    name: 'a complete list stays',
    spec: { imagePullSecrets: [{ name: 'acme-shop' }, { name: 'mine' }] },
    stored: ['acme-shop', 'mine'],
    notes: { skipped: 'already_present' }
  },
  {
    name: 'an entry without a name stays, and the API server warns of it',
    spec: { imagePullSecrets: [{ name: '' }] },
    stored: ['', 'acme-shop'],
    notes: notesOfAdded('acme-shop'),
    warnings: [/spec\.imagePullSecrets\[0\]\.name: invalid empty name/]
  },
  {
    name: 'the list of the account is inherited first',
    spec: { serviceAccountName: 'builder' },
    stored: ['builder-mirror', 'acme-shop'],
    notes: notesOfAdded('acme-shop')
  },
  {
    name: 'a pod with a list of its own does not inherit, and gets what it needs',
    spec: { serviceAccountName: 'builder', imagePullSecrets: [{ name: 'mine' }] },
    stored: ['mine', 'acme-shop'],
    notes: notesOfAdded('acme-shop')
  },
  {
    name: 'a pod whose account allows only its own secrets is admitted with these, and the caller is told',
    spec: { serviceAccountName: 'strict' },
    stored: ['strict-own'],
    notes: { skipped: 'account_restricts_secrets' },
    warnings: [/^Warning: pullpass: acme-shop not added, link it to service account strict/]
  },
  {
    name: 'an account that allows only its own secrets may have ours among them',
    spec: { serviceAccountName: 'strict-linked', imagePullSecrets: [{ name: 'strict-own' }] },
    stored: ['strict-own', 'acme-shop'],
    notes: notesOfAdded('acme-shop')
  },
  {
    name: 'a pod of nothing but an image that no kubelet can pull is admitted',
    spec: { containers: containersOf('quay.io/acme/shop/web:') },
    stored: [],
    notes: { skipped: 'no_match' },
    warnings: [/^Warning: pullpass: spec\.containers\[0\]\.image cannot be pulled: /]
  },
  {
    name: 'an image that no kubelet can pull is told, and does not keep the others from it',
    spec: { containers: containersOf('quay.io/acme/Shop:1', shop) },
    stored: ['acme-shop'],
    notes: notesOfAdded('acme-shop'),
    warnings: ['Warning: pullpass: spec.containers[0].image cannot be pulled: the repository must be lower case']
  }
]

t.test('pods through a real API server', { skip: await findMissingTools() }, async (t) => {
  const cluster = await useCluster(t)
  const installation = await installPullpass(t, cluster, {
    name: 'pods',
    namespaces: { on: 'enabled', off: '', shadow: 'shadow' },
    accounts: [
      { name: 'builder', pullSecrets: ['builder-mirror'] },
      { name: 'strict', pullSecrets: ['strict-own'], annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } },
      {
        name: 'strict-linked',
        pullSecrets: ['strict-own', 'acme-shop'],
        annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' }
      }
    ]
  })
  const { kubectl, audit } = cluster
  const on = installation.namespace('on')

  for (const [index, { name, into = 'on', metadata = {}, spec, stored, notes, warnings = [] }] of rows.entries()) {
    t.test(name, async (t) => {
      const object = buildPod(`row-${index}`, { containers: containersOf(shop), ...spec }, metadata)
      const created = await createObject(cluster, installation, { object, into })
      t.same(listedSecrets(created.stored), stored, 'the stored list')
      t.same(created.notes, notes, 'the audit annotations')
      t.match(created.warnings, warnings, 'the warnings')
      t.equal(created.warnings.length, warnings.length, 'no other warning')
    })
  }

  t.test('an update is not sent: a new image changes, the list cannot', async (t) => {
    const object = buildPod('update', { containers: containersOf(stranger) })
    await createObject(cluster, installation, { object, into: 'on' })
    await kubectl.ok(['set', 'image', 'pod/update', `c0=${shop}`, '-n', on])
    const stored = await kubectl.get('pod', 'update', on)
    const { annotations = {} } = await audit.waitFor({ verb: 'patch', resource: 'pods', namespace: on, name: 'update' })
    t.match(stored.spec, { containers: [{ image: shop }] })
    t.same(listedSecrets(stored), [])
    t.notOk(Object.keys(annotations).some((key) => key.includes('pullpass')), 'nothing in the audit log')
  })

  t.test('a dry run shows what would be stored, and stores nothing', async (t) => {
    const input = buildPod('dry', { containers: containersOf(shop) })
    const { stdout } = await kubectl.ok(['create', '--dry-run=server', '-o', 'json', '-n', on, '-f', '-'], { input })
    t.same(listedSecrets(JSON.parse(stdout)), ['acme-shop'])
    const { stdout: found } = await kubectl.ok(['get', 'pod', 'dry', '-n', on, '--ignore-not-found'])
    t.equal(found, '')
  })

  t.test('pods that a controller makes get it, and their template stays as it is', async (t) => {
    const labels = { app: 'web' }
    const template = { metadata: { labels }, spec: { containers: containersOf(shop) } }
    const input = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { replicas: 3, selector: { matchLabels: labels }, template }
    }
    await kubectl.ok(['create', '-n', on, '-f', '-'], { input })
    await kubectl.ok(['wait', '--for=jsonpath={.status.replicas}=3', 'deployment/web', '-n', on, '--timeout=30s'])
    const pods = await kubectl.list('pods', on, 'app=web')
    t.same(pods.map(listedSecrets), [['acme-shop'], ['acme-shop'], ['acme-shop']])
    const { spec = {} } = await kubectl.get('deployment', 'web', on)
    t.same(listedSecrets(spec['template'] as object), [])
  })

  t.test('nothing but the list differs from the same pod where Pullpass is not', async (t) => {
    const object = buildPod('rich', richSpec, { labels: { app: 'rich' }, annotations: { 'example.com/note': 'é "quoted"' } })
    const [with_, without] = await Promise.all(['on', 'off'].map(async (into) =>
      (await createObject(cluster, installation, { object, into })).stored))
    const { imagePullSecrets, ...rest } = with_?.spec ?? {}
    t.same(imagePullSecrets, [{ name: 'acme-shop' }])
    t.strictSame(rest, without?.spec)
    t.same(with_?.metadata['labels'], without?.metadata['labels'])
    t.same(with_?.metadata['annotations'], without?.metadata['annotations'])
  })

  t.test('a field that this API server does not know yet does no harm', async (t) => {
    const input = buildPod('future', { containers: [{ name: 'c0', image: shop, fromTheFuture: { deep: [1, null] } }], soon: true })
    const { stderr } = await kubectl.ok(['create', '--validate=warn', '-n', on, '-f', '-'], { input })
    t.match(stderr, /unknown field "spec\.soon"/)
    t.same(listedSecrets(await kubectl.get('pod', 'future', on)), ['acme-shop'])
  })
})

/** Fields of many types. No token volume, whose name is random. */
const richSpec = {
  automountServiceAccountToken: false,
  activeDeadlineSeconds: 2147483647,
  dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
  hostAliases: [{ ip: '192.0.2.1', hostnames: ['a.example', 'b.example'] }],
  readinessGates: [{ conditionType: 'example.com/ready' }],
  schedulingGates: [{ name: 'example.com/wait' }],
  tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 }],
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
  volumes: [{ name: 'empty', emptyDir: { sizeLimit: '1Gi' } }, { name: 'info', downwardAPI: { items: [] } }],
  containers: [{
    name: 'c0',
    image: shop,
    env: [{ name: 'EMPTY', value: '' }, { name: '__proto__', value: 'x' }, { name: 'UNICODE', value: '\u2028 𝒳 \\u0000' }],
    resources: { limits: { cpu: '0.5', memory: '128974848' } },
    securityContext: { runAsUser: 0, capabilities: { drop: ['ALL'] } },
    livenessProbe: { exec: { command: ['true', ''] }, periodSeconds: 2147483647 }
  }]
}
