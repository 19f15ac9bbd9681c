import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { runCommand } from '../helpers/command-io.ts'

const auth = Buffer.from('user:pass').toString('base64')
const config = (...keys: readonly string[]): string =>
  JSON.stringify({ auths: Object.fromEntries(keys.map((key) => [key, { auth }])) })
const secret = (name: string, namespace: string, document: string): string => JSON.stringify({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  type: 'kubernetes.io/dockerconfigjson',
  stringData: { '.dockerconfigjson': document }
})

const cluster = `
apiVersion: pullpass.dev/v1
kind: PullpassConfiguration
credentials:
  - { name: acme-quay, namespaces: ["team-*"] }
---
${secret('acme-quay', 'pullpass', config('quay.io/acme'))}
---
${secret('mine', 'team-a', config('ghcr.io'))}
---
${secret('broken', 'team-b', '{"auths":{"q.io":{"auth":"b3Blb="}}}')}
---
{ apiVersion: v1, kind: Namespace, metadata: { name: team-a, labels: { pullpass.dev/inject: enabled } } }
---
{ apiVersion: v1, kind: Namespace, metadata: { name: team-b, labels: { pullpass.dev/inject: enabled } } }
---
{ apiVersion: v1, kind: Namespace, metadata: { name: team-s, labels: { pullpass.dev/inject: shadow } } }
---
{ apiVersion: v1, kind: Namespace, metadata: { name: team-n } }
---
{ apiVersion: v1, kind: ServiceAccount, metadata: { name: default, namespace: team-a }, imagePullSecrets: [{ name: mine }, { name: gone }] }
---
{ apiVersion: v1, kind: ServiceAccount, metadata: { name: default, namespace: team-b }, imagePullSecrets: [{ name: broken }] }
`

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: team-a }
spec: { template: { spec: { containers: [{ image: quay.io/acme/app }, { image: ghcr.io/x/y }, { image: nginx }] } } }
`

const folder = t.testdir({
  'config.json': config('quay.io/acme', 'quay.io'),
  'hub.yaml': secret('hub', 'x', config('https://index.docker.io/v1/')),
  'bad.yaml': secret('bad', 'x', '{"auths":{"q.io":{"auth":"b3Blb="}}}'),
  'opaque.yaml': '{ kind: Secret, metadata: { name: opaque }, stringData: { .dockerconfigjson: "{}" } }',
  'wrong.yaml': 'kind: Secret\nmetadata: { name: s }\ndata:\n  a: "*"\n',
  'deployment.yaml': deployment,
  cluster: { 'all.yaml': cluster }
})

// A pod that runs these tests has a namespace of its own.
const ownNamespace = (line: string): string[] => /--secret|--own-namespace/.test(line) ? [] : ['--own-namespace', 'pullpass']
const explain = async (line: string, input = '') =>
  await runCommand(['explain', ...line.split(' '), ...ownNamespace(line)], { workingDirectory: folder, input })
const linesOf = (stdout: string): unknown[] => stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line))

t.test('-o json gives one object a line, in the order asked, with exactly the fields of the design', async (t) => {
  const { exitCode, stdout, stderr } = await explain('nginx quay.io/acme/app:1 quay.io/A --secret config.json --secret hub.yaml -o json')
  t.equal(stdout, [
    '{"image":"nginx","repository":"docker.io/library/nginx","candidates":[{"secret":"hub","key":"https://index.docker.io/v1/","usable":true}]}',
    '{"image":"quay.io/acme/app:1","repository":"quay.io/acme/app","candidates":[{"secret":"config.json","key":"quay.io/acme","usable":true},{"secret":"config.json","key":"quay.io","usable":true}]}',
    '{"image":"quay.io/A","repository":null,"candidates":[],"error":{"code":"image_invalid","message":"the repository must be lower case"}}',
    ''
  ].join('\n'))
  t.equal(exitCode, 1)
  t.equal(stderr, '')
})

t.test('a table has a row for each login that is tried', async (t) => {
  const { exitCode, stdout } = await explain('quay.io/acme/app ghcr.io/a --secret config.json')
  t.equal(stdout, `\
IMAGE              REPOSITORY         TRY   SECRET        KEY            NOTE
quay.io/acme/app   quay.io/acme/app   1     config.json   quay.io/acme   -
quay.io/acme/app   quay.io/acme/app   2     config.json   quay.io        -
ghcr.io/a          ghcr.io/a          -     -             -              nothing matches, the pull is anonymous
`)
  t.equal(exitCode, 0, 'an anonymous pull is an answer')
})

t.test('images come from standard input, one a line', async (t) => {
  const { stdout } = await explain('- --secret hub.yaml -o json', 'nginx\r\n\nteam/app\n')
  t.match(linesOf(stdout), [{ image: 'nginx' }, { image: 'team/app' }])
})

t.test('a secret comes from standard input', async (t) => {
  const { stdout } = await explain('nginx --secret - -o json', secret('piped', 'x', config('docker.io')))
  t.match(linesOf(stdout), [{ candidates: [{ secret: 'piped', key: 'docker.io', usable: true }] }])
})

t.test('one secret that the kubelet refuses empties every answer', async (t) => {
  const { exitCode, stdout } = await explain('nginx quay.io/a --secret hub.yaml --secret bad.yaml -o json')
  const error = { code: 'secrets_unreadable', message: /secret bad, entry "q\.io": "auth" is not standard base64/ }
  t.match(linesOf(stdout), [{ candidates: [], error }, { candidates: [], error }])
  t.equal(exitCode, 1)
})

t.test('a secret that the kubelet passes over is told on standard error', async (t) => {
  const { exitCode, stderr } = await explain('nginx --secret opaque.yaml')
  t.match(stderr, /^secret opaque is of type Opaque, so that the kubelet passes it over/)
  t.equal(exitCode, 0)
})

t.test('manifests tell what is pulled with the account\'s list, what would be added, and what stays anonymous', async (t) => {
  const { exitCode, stdout } = await explain('quay.io/acme/app ghcr.io/a nginx -n team-a --manifests cluster -o json')
  t.match(linesOf(stdout), [
    { verdict: 'added', added: ['mine', 'gone', 'acme-quay'], candidates: [{ secret: 'acme-quay', key: 'quay.io/acme' }], reason: 'images_covered', unknownSecrets: ['gone'] },
    { verdict: 'listed', added: [], candidates: [{ secret: 'mine', key: 'ghcr.io' }], reason: 'no_match' },
    { verdict: 'anonymous', added: [], candidates: [], reason: 'no_match', reasonText: 'no offered credential covers an image' }
  ])
  t.equal(exitCode, 0)
})

t.test('manifests explain every image of an object by one decision', async (t) => {
  const { exitCode, stdout } = await explain('-f deployment.yaml --manifests cluster')
  t.equal(exitCode, 0)
  t.match(stdout, /^IMAGE +VERDICT +KUBELET TRIES +WHY$/m, 'one object needs no column')
  t.match(stdout, /^quay\.io\/acme\/app\S* +would add acme-quay +acme-quay \(quay\.io\/acme\) +listed as well: /m)
  t.match(stdout, /^ghcr\.io\/x\/y +pulls with mine +mine \(ghcr\.io\) +listed as well: /m)
  t.match(stdout, /^nginx +anonymous +- +no offered credential covers an image/m)
})

const verdicts = [
  { name: 'a namespace in shadow mode is told what it would get', line: 'quay.io/acme/app -n team-s', exit: 0, answer: { verdict: 'added', shadow: true, added: ['acme-quay'], reason: 'images_covered', candidates: [{ secret: 'acme-quay', key: 'quay.io/acme' }] } },
  { name: 'a namespace that did not opt in gets nothing', line: 'quay.io/acme/app -n team-n', exit: 0, answer: { verdict: 'anonymous', reason: 'namespace_not_opted_in' } },
  { name: 'a key that ends inside a segment is told', line: 'quay.io/acme-x/app -n team-a', exit: 0, answer: { verdict: 'anonymous', leftOut: [{ name: 'acme-quay', reason: 'partial_segment', reasonText: /^the key ends inside/ }] } },
  { name: 'a listed secret that cannot be read fails the pull', line: 'nginx -n team-b', exit: 1, answer: { verdict: 'fails', error: { code: 'secrets_unreadable', message: /secret broken/ } } },
  { name: 'braces are no template in an image of a pod', line: '{{x}} -n team-a', exit: 1, answer: { verdict: 'fails', error: { code: 'image_invalid' } } }
]

for (const { name, line, exit, answer } of verdicts) {
  t.test(name, async (t) => {
    const { exitCode, stdout } = await explain(`${line} --manifests cluster -o json`)
    t.match(linesOf(stdout), [answer])
    t.equal(exitCode, exit)
  })
}

t.test('no output holds a login', async (t) => {
  for (const output of ['json', 'table']) {
    const { stdout, stderr } = await explain(`quay.io/acme/app -n team-a --manifests cluster -o ${output}`)
    t.notMatch(stdout + stderr, /dXNlcjpwYXNz|user:pass/)
  }
})

t.test('a decision of shadow mode is shown as one that changes nothing', async (t) => {
  const { stdout } = await explain('quay.io/acme/app --manifests cluster -n team-s')
  t.match(stdout, /^quay\.io\/acme\/app +would add acme-quay +acme-quay \(quay\.io\/acme\) +in shadow mode nothing is/m)
})

t.test('a namespace that is not in the manifests is told, in each answer and once on standard error', async (t) => {
  const { exitCode, stdout, stderr } = await explain('nginx quay.io/acme/app --manifests cluster')
  t.match(stdout, /^nginx +anonymous +- +the namespace is not in the manifests$/m)
  t.notMatch(stdout, 'label')
  t.equal(stderr, 'namespace default is not in the manifests; name one with -n, or add it there\n')
  t.equal(exitCode, 0)
})

const nothingRead = [
  { name: 'with secrets', line: '- --secret hub.yaml' },
  { name: 'with manifests', line: '- --manifests cluster -n team-a' },
  { name: 'as JSON', line: '- --secret hub.yaml -o json' }
]

for (const { name, line } of nothingRead) {
  t.test(`standard input without an image is said, ${name}`, async (t) => {
    t.same(await explain(line, '\n'), { exitCode: 0, stdout: '', stderr: 'no image was read from standard input\n' })
  })
}

t.test('files whose objects name no image are said, beside images that were asked for', async (t) => {
  const { stdout, stderr } = await explain('nginx -f hub.yaml --manifests cluster -n team-a')
  t.equal(stderr, 'no object of the files named with -f names an image\n')
  t.match(stdout, /^nginx /m)
})

t.test('what is wrong with sources is said once', async (t) => {
  const { stderr } = await explain('nginx --manifests cluster -n team-a --own-namespace elsewhere')
  t.match(stderr, /^credential acme-quay: [^\n]* \(warning\)\n$/)
})

const refused = [
  { name: 'no image', line: '--secret hub.yaml', says: /no image to explain/ },
  { name: 'nothing to explain by', line: 'nginx', says: /nothing to explain by/ },
  { name: 'both ways at once', line: 'nginx --secret hub.yaml --manifests cluster', says: /contradict/ },
  { name: '-f without manifests', line: '-f deployment.yaml --secret hub.yaml', says: /-f explains objects/ },
  { name: '--config without manifests', line: 'nginx --secret hub.yaml --config c.yaml', says: /--config counts/ },
  { name: '-n without manifests', line: 'nginx --secret hub.yaml -n default', says: /-n counts with --manifests only/ },
  { name: '--own-namespace without manifests', line: 'nginx --secret hub.yaml --own-namespace x', says: /--own-namespace counts/ },
  { name: 'standard input twice', line: '- --secret -', says: /named twice/ },
  { name: 'a format that is none', line: 'nginx --secret hub.yaml -o xml', says: /table, json/ },
  { name: 'a file that is not there', line: 'nginx --secret nowhere.yaml', says: /^nowhere\.yaml: it cannot be read \(ENOENT\)/m },
  { name: 'a file that is wrong', line: 'nginx --secret wrong.yaml', says: /^wrong\.yaml:4:6: .*not base64/m },
  { name: 'a folder that is not there', line: 'nginx --manifests nowhere', says: /^nowhere: .*ENOENT/m }
]

for (const { name, line, says } of refused) {
  t.test(`${name} is a wrong use, said on standard error`, async (t) => {
    const { exitCode, stdout, stderr } = await explain(line)
    t.equal(exitCode, 2)
    t.equal(stdout, '')
    t.match(stderr, says)
  })
}

t.test('control characters of an image reach no terminal', async (t) => {
  const { stdout } = await runCommand(['explain', 'a\u001b[2Jb', '--secret', 'hub.yaml'], { workingDirectory: folder, colours: true })
  t.match(stdout, /a\\u001b\[2Jb/)
})

t.test('the program answers as a process, images piped in', async (t) => {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, 'explain', '-', '--secret', 'hub.yaml', '-o', 'json'], { cwd: folder })
  child.stdin.end('nginx\nB\n')
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  t.match(linesOf(stdout), [{ image: 'nginx', candidates: [{ secret: 'hub' }] }, { image: 'B', error: { code: 'image_invalid' } }])
  t.equal(code, 1)
})
