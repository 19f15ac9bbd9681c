import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { applyPatch, parsePatch } from 'diff'
import t, { type Test } from 'tap'
import { parseAllDocuments } from 'yaml'
import { runCommand } from '../helpers/command-io.ts'

const cluster = `apiVersion: pullpass.dev/v1
kind: PullpassConfiguration
credentials:
  - name: acme-quay
    namespaces: ["team-*"]
    companions: [sso]
  - name: sso
    namespaces: ["team-*"]
---
apiVersion: v1
kind: Namespace
metadata: { name: team-a, labels: { pullpass.dev/inject: enabled } }
---
apiVersion: v1
kind: Namespace
metadata: { name: team-b, labels: { pullpass.dev/inject: shadow } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: default, namespace: team-a }
imagePullSecrets: [{ name: given }]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: default, namespace: team-b }
---
apiVersion: v1
kind: Secret
metadata: { name: acme-quay, namespace: pullpass }
type: kubernetes.io/dockerconfigjson
stringData: { .dockerconfigjson: '{"auths":{"quay.io/acme":{"username":"u","password":"hunter2"}}}' }
---
apiVersion: v1
kind: Secret
metadata: { name: sso, namespace: pullpass }
type: kubernetes.io/dockerconfigjson
stringData: { .dockerconfigjson: '{"auths":{"sso.example.com":{"username":"u","password":"hunter2"}}}' }
`

const app = `# the application
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: team-a } # here
spec:
  template:
    spec:
      # one container
      containers:
      - name: web
        image: quay.io/acme/app:1
        args: [ "yes",   '0644' ]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { a:   b }
`

const injectedApp = app.replace('    spec:\n      # one', `    spec:
      imagePullSecrets:
      - name: given
      - name: acme-quay
      - name: sso
      # one`)

const pod = (fields: object = {}, metadata: object = { namespace: 'team-a' }): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', ...metadata },
  spec: { containers: [{ name: 'c', image: 'quay.io/acme/app' }], ...fields }
})

function folderWith (t: Test, files: Record<string, unknown> = {}): string {
  return t.testdir({ cluster: { 'all.yaml': cluster }, 'app.yaml': app, ...files })
}

// A pod that runs these tests has a namespace of its own; the last flag counts.
const facts = ['--manifests', 'cluster', '--own-namespace', 'pullpass']
const inject = (workingDirectory: string, args: readonly string[], input = '') =>
  runCommand(['inject', ...facts, ...args], { workingDirectory, input })

t.test('secrets are added, comments and layout stay, other objects pass without a word', async (t) => {
  t.same(await inject(folderWith(t), ['-f', 'app.yaml']), {
    exitCode: 0,
    stdout: injectedApp,
    stderr: 'deployment/web (team-a): added given (from its service account), acme-quay (quay.io/acme covers quay.io/acme/app), sso (companion)\n'
  })
})

t.test('what was injected once is left as it is', async (t) => {
  const { exitCode, stdout, stderr } = await inject(folderWith(t), ['-f', '-'], injectedApp)
  t.equal(stdout, injectedApp)
  t.equal(exitCode, 0)
  t.match(stderr, /^deployment\/web \(team-a\): unchanged, every secret/)
})

t.test('standard input, files and folders are read in the order named', async (t) => {
  const folder = folderWith(t, { deploy: { 'b.yaml': 'kind: B\n', 'a.json': '{"kind": "A"}', 'no.txt': '{' }, 'c.yml': '--- # c\nkind: C' })
  const { stdout, stderr, exitCode } = await inject(folder, ['-f', 'c.yml', '-f', '-', '-f', 'deploy'], 'kind: D\n')
  t.equal(stdout, '--- # c\nkind: C\n---\nkind: D\n---\nkind: A\n---\nkind: B\n', 'JSON among YAML becomes YAML')
  t.equal(stderr, '', 'kinds that Pullpass does not know deserve no message')
  t.equal(exitCode, 0)
})

t.test('JSON stays JSON, in its own layout', async (t) => {
  const text = `${JSON.stringify(pod({ imagePullSecrets: [{ name: 'own' }] }))}\n${JSON.stringify({ kind: 'X' }, null, 1)}\n`
  const { stdout } = await inject(folderWith(t), ['-f', '-'], text)
  t.equal(stdout, text.replace('{"name":"own"}', '{"name":"own"}, {"name": "acme-quay"}, {"name": "sso"}'))
})

t.test('-o json prints each object pretty, the items of a List on their own', async (t) => {
  const list = 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, data: {mode: 0644, on: "on"}}\n- {kind: X}\n'
  const { stdout } = await inject(folderWith(t), ['-f', '-', '-o', 'json'], list)
  t.equal(stdout, `${[{ apiVersion: 'v1', kind: 'ConfigMap', data: { mode: 0o644, on: 'on' } }, { kind: 'X' }].map((x) => JSON.stringify(x, null, 2)).join('\n')}\n`)
})

t.test('-o yaml prints JSON objects as documents, and leaves YAML as it is', async (t) => {
  const folder = folderWith(t)
  const { stdout } = await inject(folder, ['-f', '-', '-o', 'yaml'], JSON.stringify({ kind: 'List', items: [pod(), { kind: 'X', a: 'on' }] }))
  t.strictSame(parseAllDocuments(stdout, { version: '1.1' }).map((document): unknown => document.toJS()), [
    pod({ imagePullSecrets: [{ name: 'given' }, { name: 'acme-quay' }, { name: 'sso' }] }), { kind: 'X', a: 'on' }
  ])
  t.equal((await inject(folder, ['-f', 'app.yaml', '-o', 'yaml'])).stdout, injectedApp)
})

t.test('a List is handled item by item', async (t) => {
  const text = `kind: List\napiVersion: v1\nitems:\n- ${JSON.stringify(pod())}\n- ${JSON.stringify(pod({}, { namespace: 'team-b' }))}\n`
  const { stdout, stderr } = await inject(folderWith(t), ['-f', '-'], text)
  const added = '"imagePullSecrets": [{"name": "given"}, {"name": "acme-quay"}, {"name": "sso"}], '
  t.equal(stdout, text.replace('"spec":{', `"spec":{${added}`))
  t.match(stderr, /^pod\/p \(team-a\): added .*\n/)
  t.match(stderr, /^pod\/p \(team-b\): unchanged, the namespace is in shadow mode; it would get acme-quay/m)
})

t.test('--dry-run prints a diff that leads from the one to the other', async (t) => {
  const { stdout, stderr, exitCode } = await inject(folderWith(t, { 'same.yaml': 'kind: X\n' }), ['-f', 'app.yaml', '-f', 'same.yaml', '--dry-run'])
  t.match(stdout, /^--- app\.yaml\n\+\+\+ app\.yaml\n@@ /)
  t.notMatch(stdout, 'same.yaml')
  const [patch] = parsePatch(stdout)
  t.equal(patch === undefined ? '' : applyPatch(app, patch), injectedApp)
  t.match(stderr, /^deployment\/web .* \(dry run\)$/m)
  t.equal(exitCode, 0)
})

t.test('an account that is not known leaves the object as it is, with exit code 1', async (t) => {
  const folder = folderWith(t)
  const text = JSON.stringify(pod({ serviceAccountName: 'nobody' }))
  t.same(await inject(folder, ['-f', '-'], text), {
    exitCode: 1,
    stdout: text,
    stderr: 'pod/p (team-a): not changed, service account nobody of namespace team-a is not in the manifests, and its pull secrets would get lost; add it there, or pass --assume-empty-accounts\n'
  })
  const { exitCode, stdout } = await inject(folder, ['-f', '-', '--assume-empty-accounts'], text)
  t.equal(exitCode, 0)
  t.match(stdout, '"imagePullSecrets": [{"name": "acme-quay"}, {"name": "sso"}]')
})

t.test('a list behind an alias is left as it is, with exit code 1, unless it is written anew', async (t) => {
  const folder = folderWith(t)
  const text = `a: &spec {containers: [{image: quay.io/acme/app}]}\nspec: *spec\n${'apiVersion: v1\nkind: Pod\nmetadata: {namespace: team-a, name: p}\n'}`
  const { exitCode, stdout, stderr } = await inject(folder, ['-f', '-'], text)
  t.equal(stdout, text)
  t.equal(exitCode, 1)
  t.match(stderr, /^pod\/p \(team-a\): not changed, given .* cannot be added: .*anchor/)
  const converted = await inject(folder, ['-f', '-', '-o', 'json'], text)
  t.equal(converted.exitCode, 0)
  t.match(JSON.parse(converted.stdout), { spec: { imagePullSecrets: [{ name: 'given' }, {}, {}] }, a: { imagePullSecrets: undefined } })
})

t.test('-n is the namespace of objects that name none, default otherwise', async (t) => {
  const folder = folderWith(t)
  const text = JSON.stringify(pod({}, {}))
  t.match((await inject(folder, ['-f', '-', '-n', 'team-a'], text)).stderr, /^pod\/p \(team-a\): added/)
  t.match((await inject(folder, ['-f', '-'], text)).stderr, /^pod\/p \(default\): unchanged, the namespace does not carry/)
})

t.test('--config stands in for the folder\'s own configuration, --own-namespace says where sources are', async (t) => {
  const folder = folderWith(t, { 'none.yaml': 'apiVersion: pullpass.dev/v1\nkind: PullpassConfiguration\n' })
  t.match((await inject(folder, ['-f', 'app.yaml', '--config', 'none.yaml'])).stderr, /no offered credential covers an image/)
  t.match((await inject(folder, ['-f', 'app.yaml', '--own-namespace', 'other'])).stderr, /^credential acme-quay: .*\(warning\)$/m)
})

t.test('names are shown without what a terminal would act on', async (t) => {
  const { stderr } = await inject(folderWith(t), ['-f', '-'], JSON.stringify(pod({}, { namespace: 'team-a', name: 'a\u001b[31m\nb' })))
  t.match(stderr, /^pod\/"a\\u001b\[31m\\nb" \(team-a\): added/)
})

const failures = [
  { name: 'no -f', args: [], message: /name a file with -f/ },
  { name: '-f - twice', args: ['-f', '-', '-f', '-'], message: /named twice/ },
  { name: 'an output format that is none', args: ['-f', '-', '-o', 'xml'], message: /xml/ },
  { name: 'a file that is not there', args: ['-f', 'gone.yaml'], message: /^gone\.yaml: .*ENOENT/m },
  { name: 'a folder without manifests', args: ['-f', 'empty'], message: /^empty: the folder holds no/m },
  { name: 'a text that is not UTF-8', args: ['-f', 'latin.yaml'], message: /^latin\.yaml: it is not UTF-8/m },
  { name: 'invalid YAML', args: ['-f', 'bad.yaml', '-f', 'bad/bad.json'], message: /^bad\.yaml:2:1: .*\nbad\/bad\.json:1:\d+: /m },
  { name: 'a configuration that is not there', args: ['-f', 'app.yaml', '--config', 'gone.yaml'], message: /^gone\.yaml: /m }
]

for (const { name, args, message } of failures) {
  t.test(`${name} ends with exit code 2 and prints no object`, async (t) => {
    const folder = folderWith(t, {
      empty: {}, 'latin.yaml': Buffer.from([0x61, 0xff]), 'bad.yaml': 'a: 1\na: 2\n', bad: { 'bad.json': '{"a": [}' }
    })
    const { exitCode, stdout, stderr } = await inject(folder, args)
    t.equal(exitCode, 2)
    t.equal(stdout, '')
    t.match(stderr, message)
  })
}

t.test('manifests that cannot be used end with exit code 2 and their place', async (t) => {
  const folder = folderWith(t, { broken: { 'x.yaml': 'kind: Namespace\n' } })
  const { exitCode, stderr } = await runCommand(['inject', '-f', 'app.yaml', '--manifests', 'broken'], { workingDirectory: folder })
  t.equal(exitCode, 2)
  t.match(stderr, /^broken\/x\.yaml:1:1: /m)
  const none = await runCommand(['inject', '-f', 'app.yaml'], { workingDirectory: folder })
  t.equal(none.exitCode, 2)
  t.match(none.stderr, 'name a folder with --manifests')
})

t.test('no message and no object holds a password of the sources', async (t) => {
  const { stdout, stderr } = await inject(folderWith(t), ['-f', 'app.yaml'])
  t.notMatch(stdout + stderr, 'hunter2')
})

t.test('the program itself: 1,000 objects on standard output, messages beside them', async (t) => {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const folder = folderWith(t, { 'many.yaml': Array(1000).fill(app).join('---\n') })
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath, [main, 'inject', '-f', 'many.yaml', ...facts], { cwd: folder, maxBuffer: 1e8 }
  )
  t.ok(stdout === Array(1000).fill(injectedApp).join('---\n'))
  t.equal(stderr.split('\n').length, 1001)
  t.equal(readFileSync(`${folder}/many.yaml`, 'utf8').length, (app.length + 4) * 1000 - 4, 'the file itself is not written')
})
