/**
 * The kubelet's own code gives what is written down about it (semantics A.5, B.6 and C.4), and the comparison with it
 * can fail. A row that turns red after a new Kubernetes version means that the kubelet changed.
 */
import t from 'tap'
import type { Secret } from '../../src/core/kubernetes.ts'
import { findDifferences, startKubeletOracle, type OracleAnswer } from '../helpers/kubelet-oracle.ts'
import { buildTool, describeMissing } from '../tools/build.ts'

// A first build on a fresh machine downloads and compiles.
t.setTimeout(600_000)

const json = 'kubernetes.io/dockerconfigjson'
const legacy = 'kubernetes.io/dockercfg'
const hub = 'https://index.docker.io/v1/'
const hex64 = 'f'.repeat(64)

function secretOf (type: string, key: string, text: string): Secret {
  return { namespace: 'team', name: 'pull', type, data: new Map([[key, Buffer.from(text)]]) }
}

function secretWith (keys: readonly string[]): Secret {
  const auths = Object.fromEntries(keys.map((key) => [key, { auth: 'dTpw' }]))
  return secretOf(json, '.dockerconfigjson', JSON.stringify({ auths }))
}

const repositories: readonly (readonly [image: string, repository: string | null])[] = [
  ['nginx', 'docker.io/library/nginx'],
  ['team/app', 'docker.io/team/app'],
  ['index.docker.io/library/debian', 'docker.io/library/debian'],
  ['registry/app', 'docker.io/registry/app'],
  ['registry:5000/app:v1', 'registry:5000/app'],
  ['localhost/app', 'localhost/app'],
  ['localhost:5000', 'docker.io/library/localhost'],
  ['Foo/bar', 'Foo/bar'],
  ['EXAMPLE.com/app', 'EXAMPLE.com/app'],
  ['quay.io/Foo/bar', null],
  ['ubuntu:LATEST', 'docker.io/library/ubuntu'],
  ['[2001:db8::1]:5000/repo:tag', '[2001:db8::1]:5000/repo'],
  ['[2001:db8::1]', null],
  [`a:t@sha256:${hex64}`, 'docker.io/library/a'],
  [`a@sha256:${hex64.slice(1)}`, null],
  [hex64, null],
  [`docker.io/${hex64}`, `docker.io/library/${hex64}`],
  [`quay.io/${'a'.repeat(255)}`, `quay.io/${'a'.repeat(255)}`],
  [`quay.io/${'a'.repeat(256)}`, null],
  ['my_reg.io/a', 'my_reg.io/a'],
  ['my_reg:5000/a', null],
  ['docker.io:443/nginx', 'docker.io:443/nginx'],
  ['{{inputs.parameters.image}}', null],
  [' quay.io/a', null]
]

type KeyringRow = readonly [name: string, keys: readonly string[], image: string, tried: readonly string[]]

const keyrings: readonly KeyringRow[] = [
  ['C1 one part a star', ['*.kubernetes.io'], 'prefix.kubernetes.io/x', ['*.kubernetes.io']],
  ['C1 part count', ['*.kubernetes.io'], 'kubernetes.io/x', []],
  ['C3 port of the image', ['prefix.*.io/foo'], 'prefix.kubernetes.io:1111/foo/bar', []],
  ['C4 byte prefix', ['bar.example.com', 'bar.example.com/pong'], 'bar.example.com/pongz',
    ['bar.example.com/pong', 'bar.example.com']],
  ['C6 Hub', [hub], 'team/app', [hub]],
  ['C7 Hub mirror name', [hub], 'registry-1.docker.io/library/nginx', []],
  ['C8 Hub without final slash', ['https://index.docker.io/v1'], 'nginx', []],
  ['C9 Hub fallback hidden', ['docker.io', hub], 'nginx', ['docker.io']],
  ['C10 Hub fallback not hidden', ['docker.io/team', hub], 'nginx', [hub]],
  ['C11 Hub key with a path', ['index.docker.io/team'], 'team/app', []],
  ['C13 byte order', ['*.example.com', 'reg.example.com', 'reg.example.com/team', '*.example.com/team/deep'],
    'reg.example.com/team/deep/x',
    ['reg.example.com/team', 'reg.example.com', '*.example.com/team/deep', '*.example.com']],
  ['C14 final slash', ['quay.io/foobar', 'quay.io/foo/', 'quay.io/foo', 'quay.io'], 'quay.io/foo/x',
    ['quay.io/foo/', 'quay.io/foo', 'quay.io']],
  ['C15 port', ['reg.example.com:443', 'reg.example.com'], 'reg.example.com:443/a', ['reg.example.com:443']],
  ['C16 lone star', ['*', '*:5000'], 'registry:5000/x', ['*:5000']],
  ['C18 IPv6 with a port', ['[::1]:5000'], '[::1]:5000/a', ['[::1]:5000']],
  ['C18 IPv6 without one', ['[::1]'], '[::1]/a', []],
  ['C19 case', ['Quay.io'], 'quay.io/x', []],
  ['C20 star in a path', ['quay.io/*/app', 'quay.io/org*'], 'quay.io/org1/app', []]
]

const documents: readonly (readonly [name: string, secret: Secret, usable: readonly boolean[] | 'unreadable'])[] = [
  ['B1 auth', secretOf(json, '.dockerconfigjson', '{"auths":{"quay.io":{"auth":"dXNlcjpwYXNzd29yZA=="}}}'), [true]],
  ['B2 legacy type, new key', secretOf(legacy, '.dockerconfigjson', '{"auths":{"quay.io":{"auth":"dTpw"}}}'), []],
  ['B3 new type, legacy key', secretOf(json, '.dockercfg', '{"quay.io":{"auth":"dTpw"}}'), []],
  ['B4 Opaque', secretOf('Opaque', '.dockerconfigjson', '{"auths":{"quay.io":{"auth":"dTpw"}}}'), []],
  ['B9 final space', secretOf(json, '.dockerconfigjson', '{"auths":{"quay.io":{"auth":"Zm9vOmJhcg== "}}}'), 'unreadable'],
  ['B12 identity token', secretOf(json, '.dockerconfigjson', '{"auths":{"quay.io":{"identitytoken":"t"}}}'), [false]],
  ['B13 null', secretOf(json, '.dockerconfigjson', '{"auths":{"quay.io":null}}'), [false]],
  ['B14 upper case', secretOf(json, '.dockerconfigjson', '{"AUTHS":{"quay.io":{"AUTH":"dTpw"}}}'), [true]],
  ['B15 one bad entry', secretOf(json, '.dockerconfigjson', '{"auths":{"quay.io":{},"b":{"auth":"bad"}}}'), 'unreadable'],
  ['B16 wrong wrapper', secretOf(legacy, '.dockercfg', '{"auths":{"quay.io":{"auth":"dTpw"}}}'), []],
  ['B18 last one wins', secretOf(json, '.dockerconfigjson', '{"auths":{"quay.io":{"auth":"dTpw"},"quay.io":{}}}'), [false]]
]

const tool = await buildTool('kubelet-oracle')

t.test('the kubelet answers as the tables say', { skip: describeMissing('kubelet-oracle', tool) }, async (t) => {
  const oracle = startKubeletOracle(tool)
  t.teardown(oracle.stop)
  const ask = async (secret: Secret, image: string): Promise<OracleAnswer | undefined> =>
    (await oracle.askAll([{ secrets: [secret], images: [image] }]))[0]?.[0]
  for (const [image, repository] of repositories) {
    t.equal((await ask(secretWith([]), image))?.repository, repository, `repository of ${JSON.stringify(image)}`)
  }
  for (const [name, keys, image, tried] of keyrings) {
    t.same((await ask(secretWith(keys), image))?.candidates.map(({ key }) => key), tried, name)
  }
  for (const [name, secret, usable] of documents) {
    const answer = await ask(secret, 'quay.io/acme/app')
    t.equal(answer?.error, usable === 'unreadable' ? 'secrets_unreadable' : undefined, `${name}: readable`)
    t.same(answer?.candidates.map((candidate) => candidate.usable), usable === 'unreadable' ? [] : usable, name)
  }
})

t.test('a difference is found', async (t) => {
  const entry = (key: string, effectiveKey: string) => ({ secret: 'pull', key, effectiveKey, usable: true })
  const a = entry('quay.io', 'quay.io')
  const b = entry('https://quay.io', 'quay.io')
  const c = entry('*.io', '*.io')
  const theirs = { image: 'quay.io/x', repository: 'quay.io/x', candidates: [a, b, c] }
  const compare = (ours: object) => findDifferences([{ ...theirs, ...ours }], [theirs]).length
  t.equal(compare({}), 0, 'the same answer')
  t.equal(compare({ candidates: [b, a, c] }), 0, 'entries of one secret with one effective key in another order')
  t.equal(compare({ candidates: [a, c, b] }), 1, 'entries with different effective keys in another order')
  t.equal(compare({ candidates: [a, b] }), 1, 'one candidate less')
  t.equal(compare({ candidates: [a, b, c, c] }), 1, 'one candidate more')
  t.equal(compare({ candidates: [a, a, c] }), 1, 'another key')
  t.equal(compare({ candidates: [a, { ...b, usable: false }, c] }), 1, 'usable or not')
  t.equal(compare({ candidates: [{ ...a, secret: 'other' }, b, c] }), 1, 'another secret')
  t.equal(compare({ repository: null }), 1, 'another repository')
  t.equal(compare({ error: { code: 'image_invalid' } }), 1, 'an error that the kubelet does not have')
  t.equal(findDifferences([], [theirs]).length > 0, true, 'no answer')
})
