import t from 'tap'
import { pod } from '../../src/kinds/pod.ts'

const context = { workflowDefaultServiceAccount: '', parseYaml: () => undefined }

function read (object: Record<string, unknown>) {
  return pod.readScope(object, context)
}

function images (spec: unknown): string[] {
  return read({ spec })?.images.map(({ path, text }) => `${path}=${text}`) ?? []
}

t.test('images of containers, init containers with sidecars, and volumes', async (t) => {
  t.strictSame(images({
    containers: [{ image: 'a' }, { name: 'no image' }, { image: '' }],
    initContainers: [{ image: 'b', restartPolicy: 'Always' }],
    ephemeralContainers: [{ image: 'never at creation' }],
    volumes: [{ emptyDir: {} }, { image: { reference: 'c', pullPolicy: 'Always' } }, { image: {} }]
  }), [
    'spec.containers[0].image=a', 'spec.containers[2].image=', 'spec.initContainers[0].image=b',
    'spec.volumes[1].image.reference=c'
  ])
})

t.test('an image is parsed, templated or invalid, and a Pod needs no look-up', async (t) => {
  const scope = read({ spec: { containers: [{ image: 'nginx' }, { image: '{{x}}/a' }, { image: ' a' }] } })
  t.match(scope?.images, [
    { reading: { state: 'parsed', reference: { name: 'docker.io/library/nginx' } }, needsLookup: false },
    { reading: { state: 'templated' } },
    { reading: { state: 'invalid', problem: 'format' } }
  ])
})

const lists: ReadonlyArray<readonly [name: string, spec: object, expected: object]> = [
  ['absent', {}, { list: 'absent', hasItems: false, names: [] }],
  ['null', { imagePullSecrets: null }, { list: 'absent', hasItems: false, names: [] }],
  ['empty', { imagePullSecrets: [] }, { list: 'present', hasItems: false, names: [] }],
  ['names', { imagePullSecrets: [{ name: 'b' }, { name: 'a' }] }, { list: 'present', hasItems: true, names: ['b', 'a'] }],
  ['D3 an empty name', { imagePullSecrets: [{ name: '' }] }, { list: 'present', hasItems: true, names: [] }],
  ['D10 thrice the same', { imagePullSecrets: [{ name: 'a' }, { name: 'a' }, { name: 'a' }] }, { names: ['a', 'a', 'a'] }],
  ['F21 null and an object without name', { imagePullSecrets: [null, {}, { name: 'a' }] }, { list: 'present', hasItems: true, names: ['a'] }],
  ['F21 a text', { imagePullSecrets: 'x' }, { list: 'malformed', hasItems: false, names: [] }],
  ['an object', { imagePullSecrets: { name: 'x' } }, { list: 'malformed' }]
]

for (const [name, spec, expected] of lists) {
  t.test(`a list: ${name}`, async (t) => {
    t.match(read({ spec }), { ...expected, listPath: ['spec', 'imagePullSecrets'] })
  })
}

const accounts: ReadonlyArray<readonly [name: string, spec: object, expected: string]> = [
  ['its name', { serviceAccountName: 'builder', serviceAccount: 'old' }, 'builder'],
  ['the deprecated field', { serviceAccount: 'old' }, 'old'],
  ['none', {}, 'default'],
  ['an empty one', { serviceAccountName: '' }, 'default'],
  ['one that is no text', { serviceAccountName: 1 }, 'default']
]

for (const [name, spec, expected] of accounts) {
  t.test(`a service account: ${name}`, async (t) => { t.strictSame(read({ spec })?.accounts, [{ name: expected }]) })
}

const flags: ReadonlyArray<readonly [name: string, metadata: unknown, expected: object]> = [
  ['nothing', {}, { optedOut: false, mirrorPod: false, controlled: false }],
  ['opted out', { labels: { 'pullpass.dev/inject': 'disabled' } }, { optedOut: true }],
  ['another value of the label', { labels: { 'pullpass.dev/inject': 'enabled' } }, { optedOut: false }],
  ['a label that is no text', { labels: { 'pullpass.dev/inject': true } }, { optedOut: false }],
  ['mirror pod', { annotations: { 'kubernetes.io/config.mirror': '' } }, { mirrorPod: true }],
  ['made by a controller', { ownerReferences: [{ controller: false }, { controller: true }] }, { controlled: true }],
  ['owned, not controlled', { ownerReferences: [{ kind: 'Node' }] }, { controlled: false }]
]

for (const [name, metadata, expected] of flags) {
  t.test(`metadata: ${name}`, async (t) => { t.match(read({ metadata, spec: {} }), expected) })
}

t.test('an object without a spec has no scope', async (t) => {
  for (const object of [{}, { spec: null }, { spec: [] }, { spec: 'x' }]) t.equal(read(object), undefined)
})

t.test('a Pod has inherited by the time that it is seen', async (t) => {
  t.match(pod, { handled: 'pods', inheritsLater: false })
  t.strictSame(read({ spec: {} })?.references, { workflowTemplateRef: false, templateRef: false })
})
