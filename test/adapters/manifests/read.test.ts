import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { listFiles } from '../../../src/adapters/manifests/list-files.ts'
import { parseManifests, readTexts, type ReadManifests } from '../../../src/adapters/manifests/read.ts'
import { createConfigurationParser } from '../../../src/config/load.ts'

const parser = createConfigurationParser()
const parse = (text: string, file = 'x.yaml'): ReadManifests => parseManifests([{ file, text }], parser)

async function readManifests (path: string): Promise<ReadManifests> {
  const { files, problems } = await listFiles(path)
  const read = await readTexts(files)
  const parsed = parseManifests(read.texts, parser)
  const all = [...problems, ...read.problems, ...parsed.ok ? [] : parsed.problems]
  return all.length === 0 ? parsed : { ok: false, problems: all }
}

const configuration = 'apiVersion: pullpass.dev/v1\nkind: PullpassConfiguration\n'
const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`
const secret = (rest: string): string => `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n${rest}`

async function folderOf (t: Test, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = t.testdir()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

t.test('a folder gives namespaces, accounts, secrets and the configuration', async (t) => {
  const folder = await folderOf(t, {
    'a.yaml': `${namespace('web')}  labels: {pullpass.dev/inject: enabled}\n---\n---\n${configuration}`,
    'sub/b.yml': secret('stringData: {k: v}\n'),
    'sub/c.json': '{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"sa","namespace":"web"}}',
    'notes.txt': 'not: [yaml',
    '.hidden.yaml': 'not: [yaml',
    '.git/x.yaml': 'not: [yaml'
  })
  const read = await readManifests(folder)
  t.ok(read.ok)
  if (!read.ok) return
  t.equal(read.objects.namespaces.get('web')?.get('pullpass.dev/inject'), 'enabled')
  t.match(read.objects.serviceAccounts.get('web/sa'), { imagePullSecrets: [], enforcesMountableSecrets: false })
  t.match(read.objects.secrets.get('default/s'), { type: 'Opaque', namespace: 'default' })
  t.same(read.objects.configuration?.credentials, [])
})

t.test('one file is read whatever its name', async (t) => {
  const folder = await folderOf(t, { manifests: namespace('web') })
  t.ok((await readManifests(join(folder, 'manifests'))).ok)
})

t.test('of a ConfigMap mount each file is read once', async (t) => {
  const folder = await folderOf(t, { '..2026/a.yaml': namespace('web') })
  await symlink('..2026', join(folder, '..data'))
  await symlink('..data/a.yaml', join(folder, 'a.yaml'))
  const read = await readManifests(folder)
  t.same(read.ok && [...read.objects.namespaces.keys()], ['web'])
})

t.test('what cannot be read is a problem with its path', async (t) => {
  const folder = await folderOf(t, { 'ok.yaml': namespace('web'), 'latin.yaml': '', 'large.yaml': '' })
  await writeFile(join(folder, 'latin.yaml'), Buffer.from([0x61, 0xe4]))
  await truncate(join(folder, 'large.yaml'), 16 * 1024 * 1024 + 1)
  await symlink('nowhere.yaml', join(folder, 'dangling.yaml'))
  await symlink('.', join(folder, 'loop'))
  const read = await readManifests(folder)
  t.match(read.ok ? [] : read.problems.toSorted((a, b) => a.file < b.file ? -1 : 1), [
    { file: join(folder, 'dangling.yaml'), message: /ENOENT/ },
    { file: join(folder, 'large.yaml'), message: /split it up/ },
    { file: join(folder, 'latin.yaml'), message: /not UTF-8/ },
    { file: join(folder, 'loop'), message: /leads back/ }
  ])
  t.match(await readManifests(join(folder, 'absent')), { ok: false, problems: [{ message: /ENOENT/ }] })
})

t.test('what kubectl get prints is read: Lists of any kind, status and other fields', async (t) => {
  const list = `apiVersion: v1
items:
- apiVersion: v1
  kind: Secret
  metadata: {annotations: {}, creationTimestamp: "2026-01-01T00:00:00Z", name: s, namespace: n, uid: u}
  type: kubernetes.io/dockerconfigjson
  data: {.dockerconfigjson: e30=}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: d}
kind: List
metadata: {resourceVersion: ""}
`
  for (const text of [list, list.replaceAll('\n', '\r\n'), `\ufeff${list}`]) {
    const read = parse(text)
    t.equal(read.ok && String(Buffer.from(read.objects.secrets.get('n/s')?.data.get('.dockerconfigjson') ?? [])), '{}')
  }
  const typed = parse('{"apiVersion":"v1","kind":"NamespaceList","items":[{"metadata":{"name":"web"}}]}', 'x.json')
  t.same(typed.ok && [...typed.objects.namespaces.keys()], ['web'])
})

t.test('stringData stands over data, and an empty value is empty', async (t) => {
  const read = parse(secret('data: {a: eA==, b: eQ==, c: }\nstringData: {a: new}\n'))
  const data = read.ok ? read.objects.secrets.get('default/s')?.data : undefined
  t.same([...data ?? []].map(([key, bytes]) => [key, String(Buffer.from(bytes))]), [['a', 'new'], ['b', 'y'], ['c', '']])
})

for (const value of ['1', 't', 'T', 'TRUE', 'true', 'True', '0', 'tRUE', 'yes', '']) {
  const enforced = ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)
  t.test(`enforce-mountable-secrets "${value}" is ${enforced}, as in Go`, async (t) => {
    const read = parse(`apiVersion: v1
kind: ServiceAccount
metadata: {name: sa, annotations: {kubernetes.io/enforce-mountable-secrets: "${value}"}}
imagePullSecrets: [{name: a}, {name: ""}, {name: b}, {}]
`)
    t.match(read, { ok: true })
    const account = read.ok ? read.objects.serviceAccounts.get('default/sa') : undefined
    t.same(account, { namespace: 'default', name: 'sa', imagePullSecrets: ['a', 'b'], enforcesMountableSecrets: enforced })
  })
}

const refused = [
  { name: 'bad YAML', text: 'a: [', at: ['1:5'], says: 'bracket' },
  { name: 'a bad document between good ones', text: `${namespace('a')}---\nx: "\n---\n`, at: ['8:1'], says: 'quote' },
  { name: 'a scalar', text: 'hello', at: ['1:1'], says: 'no object' },
  { name: 'no kind', text: 'a: 1\n', at: ['1:1'], says: 'without a kind' },
  { name: 'no apiVersion', text: 'kind: Secret\nmetadata: {name: x}\n', at: ['1:1'], says: 'no apiVersion' },
  { name: 'no name', text: 'apiVersion: v1\nkind: Namespace\nmetadata: {}\n', at: ['3:11'], says: 'no metadata.name' },
  { name: 'a path as name', text: namespace('../x'), at: ['4:9'], says: 'lower-case' },
  { name: 'a label that is no text', text: `${namespace('a')}  labels: {x: true}\n`, at: ['5:15'], says: 'put it in quotes' },
  { name: 'labels as list', text: `${namespace('a')}  labels: [x]\n`, at: ['5:11'], says: 'no map' },
  { name: 'bad base64', text: secret('data: {k: hunter2}\n'), at: ['5:11'], says: 'stringData' },
  { name: 'unpadded base64', text: secret('data: {k: eA}\n'), at: ['5:11'], says: 'not base64' },
  { name: 'URL-safe base64', text: secret('data: {k: "-_-_"}\n'), at: ['5:11'], says: 'not base64' },
  { name: 'number as data', text: secret('stringData: {k: 5}\n'), at: ['5:17'], says: 'is no text' },
  { name: 'pull secrets as map', text: 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x}\nimagePullSecrets: {name: a}\n', at: ['4:19'], says: 'no list' },
  { name: 'pull secrets as names', text: 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x}\nimagePullSecrets: [a]\n', at: ['4:20'], says: 'with a name' },
  { name: 'the same object twice', text: `${namespace('a')}---\n${namespace('a')}`, at: ['9:9'], says: 'first at x.yaml:1' },
  { name: 'default and absent namespace are the same', text: `${secret('')}  namespace: default\n---\n${secret('')}`, at: ['10:9'], says: 'twice' },
  { name: 'two configurations', text: `${configuration}---\n${configuration}`, at: ['4:1'], says: 'first at x.yaml:1' },
  { name: 'a bad configuration in a List', text: 'kind: List\nitems:\n- apiVersion: pullpass.dev/v1\n  kind: PullpassConfiguration\n  platform: okd\n', at: ['5:13'], says: 'platform' },
  { name: 'a List in itself', text: 'kind: List\nitems: [&a {kind: List, items: [*a]}]\n', at: ['2:12'], says: 'inside another List' },
  { name: 'all problems at once', text: `${secret('data: {k: "%"}\n')}---\nx: 1\n`, at: ['5:11', '7:1'], says: 'base64' }
]

for (const { name, text, at, says } of refused) {
  t.test(`refused with its place: ${name}`, async (t) => {
    const read = parse(text)
    const problems = read.ok ? [] : read.problems
    t.same(problems.map(({ line, column }) => `${line}:${column}`), at)
    t.match(problems[0]?.message, says)
    for (const { message } of problems) t.notMatch(message, /hunter2|%|\n/)
  })
}

t.test('a JSON file tells places as well', async (t) => {
  t.match(parse('{"apiVersion":"v1",\n"kind":"Namespace"}', 'x.json'), { problems: [{ line: 1, column: 1 }] })
  t.match(parse('{"apiVersion":"v1",\n"kind"}', 'x.json'), { ok: false, problems: [{ file: 'x.json' }] })
})

t.test('other kinds, and other groups\' kinds of the same name, are passed over', async (t) => {
  const read = parse('apiVersion: example.com/v1\nkind: Secret\n---\napiVersion: v1\nkind: constructor\n---\nkind: ThingList\n')
  t.match(read, { ok: true })
  t.equal(read.ok && read.objects.secrets.size, 0)
})

t.test('10,000 namespaces and 2,000 secrets are read in a few seconds', async (t) => {
  const namespaces = Array.from({ length: 10_000 }, (_, index) => namespace(`ns-${index}`)).join('---\n')
  const secrets = Array.from({ length: 2_000 }, (_, index) => secret(`  namespace: ns-${index}\nstringData: {k: v}\n`)).join('---\n')
  const started = process.cpuUsage()
  const read = parseManifests([{ file: 'a.yaml', text: namespaces }, { file: 'b.yaml', text: secrets }], parser)
  // Time of the processor: the machine may be busy with other tests.
  const { user, system } = process.cpuUsage(started)
  const seconds = (user + system) / 1e6
  t.equal(read.ok && read.objects.namespaces.size, 10_000)
  t.equal(read.ok && read.objects.secrets.size, 2_000)
  t.ok(seconds < 6, `${seconds.toFixed(1)} s`)
})

t.test('no JSON value and no text makes reading throw', async () => {
  const objects = fc.record({
    apiVersion: fc.constant('v1'),
    kind: fc.constantFrom('Secret', 'ServiceAccount', 'Namespace', 'List', 'PullpassConfiguration'),
    metadata: fc.oneof(fc.jsonValue(), fc.constant({ name: 'x' })),
    data: fc.jsonValue(),
    items: fc.jsonValue(),
    imagePullSecrets: fc.jsonValue()
  }, { requiredKeys: ['kind'] })
  fc.assert(fc.property(objects, (value) => typeof parse(JSON.stringify(value), 'x.json').ok === 'boolean'))
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof parse(text).ok === 'boolean'))
})
