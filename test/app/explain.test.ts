import fc from 'fast-check'
import t from 'tap'
import { explainImages, findIgnoredSecrets } from '../../src/app/explain.ts'
import type { Secret } from '../../src/core/kubernetes.ts'

const login = Buffer.from('user:pass').toString('base64')

function secretOf (name: string, document: unknown, type = 'kubernetes.io/dockerconfigjson'): Secret {
  const dataKey = type === 'kubernetes.io/dockercfg' ? '.dockercfg' : '.dockerconfigjson'
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  return { namespace: 'team-a', name, type, data: new Map([[dataKey, Buffer.from(text)]]) }
}

const auths = (...keys: readonly string[]) => ({ auths: Object.fromEntries(keys.map((key) => [key, { auth: login }])) })

t.test('candidates come in the order of the kubelet, and of one key in the order of the list', async (t) => {
  const secrets = [secretOf('wide', auths('quay.io')), secretOf('b', auths('quay.io/acme')), secretOf('a', auths('quay.io/acme'))]
  t.same(explainImages(['quay.io/acme/app:1'], secrets), [{
    image: 'quay.io/acme/app:1',
    repository: 'quay.io/acme/app',
    candidates: [
      { secret: 'b', key: 'quay.io/acme', usable: true },
      { secret: 'a', key: 'quay.io/acme', usable: true },
      { secret: 'wide', key: 'quay.io', usable: true }
    ]
  }])
})

t.test('an entry without a login is a candidate that is not usable', async (t) => {
  const [answer] = explainImages(['quay.io/a'], [secretOf('empty', { auths: { 'quay.io': {} } })])
  t.same(answer?.candidates, [{ secret: 'empty', key: 'quay.io', usable: false }])
})

t.test('images are answered in the order asked, each as often as asked', async (t) => {
  const answers = explainImages(['nginx', 'quay.io/A', 'nginx'], [secretOf('hub', auths('https://index.docker.io/v1/'))])
  const hub = { secret: 'hub', key: 'https://index.docker.io/v1/', usable: true }
  t.same(answers, [
    { image: 'nginx', repository: 'docker.io/library/nginx', candidates: [hub] },
    { image: 'quay.io/A', repository: null, candidates: [], error: { code: 'image_invalid', message: 'the repository must be lower case' } },
    { image: 'nginx', repository: 'docker.io/library/nginx', candidates: [hub] }
  ])
})

t.test('no secret at all leaves an anonymous pull, which is no error', async (t) => {
  t.same(explainImages(['nginx'], []), [{ image: 'nginx', repository: 'docker.io/library/nginx', candidates: [] }])
})

const marker = 'c2VjcmV0LW1hcmtlcg'
const refused = [
  { name: 'an auth that is no base64', document: { auths: { 'q.io': { auth: `${marker}*` } } }, says: 'secret bad, entry "q.io": "auth" is not standard base64' },
  { name: 'an auth without colon', document: { auths: { 'q.io': { auth: marker } } }, says: 'secret bad, entry "q.io": "auth" does not decode to user:password' },
  { name: 'an entry that is text', document: { auths: { 'q.io': marker } }, says: 'secret bad, entry "q.io": the entry is not an object' },
  { name: 'a password that is a number', document: { auths: { 'q.io': { password: 5 } } }, says: 'secret bad, entry "q.io": username, password, email or auth is not a string' },
  { name: 'auths that is a list', document: { auths: [marker] }, says: 'secret bad: "auths" is not an object' },
  { name: 'no JSON', document: `{"auths":{"q.io":"${marker}"},}`, says: 'secret bad: the document is not JSON' },
  { name: 'a key with a line break', document: { auths: { 'q.io\n\u001b[2J': marker } }, says: 'secret bad, entry "q.io\\n\\u001b[2J": the entry is not an object' }
]

for (const { name, document, says } of refused) {
  t.test(`a secret with ${name} empties every answer and is named with its entry, not its value`, async (t) => {
    const answers = explainImages(['quay.io/a', 'nginx'], [secretOf('good', auths('quay.io')), secretOf('bad', document)])
    for (const { candidates, repository, error } of answers) {
      t.same(candidates, [])
      t.type(repository, 'string')
      t.equal(error?.code, 'secrets_unreadable')
      t.ok(error?.message.startsWith(says), error?.message ?? '')
      t.notMatch(error?.message, /[\n\r]/)
      t.notOk(error?.message.includes(marker) || error?.message.includes('secret-marker'))
    }
  })
}

t.test('every refused secret is named', async (t) => {
  const bad = (name: string): Secret => secretOf(name, { auths: { 'q.io': 'x' } })
  const [answer] = explainImages(['nginx'], [bad('one'), secretOf('good', auths('quay.io')), bad('two')])
  t.match(answer?.error?.message, /secret one, entry "q\.io".*secret two, entry "q\.io"/)
})

t.test('an invalid image stays one where secrets cannot be read', async (t) => {
  const [answer] = explainImages(['Q'], [secretOf('bad', '[')])
  t.equal(answer?.error?.code, 'image_invalid')
})

t.test('what the kubelet passes over is no candidate and no error, and can be told', async (t) => {
  const secrets = [
    secretOf('opaque', auths('quay.io'), 'Opaque'),
    secretOf('podman', auths('quay.io'), 'kubernetes.io/podmanconfigjson'),
    secretOf('empty', ''),
    secretOf('old', { 'quay.io': { auth: login } }, 'kubernetes.io/dockercfg')
  ]
  t.same(explainImages(['quay.io/a'], secrets)[0]?.candidates, [{ secret: 'old', key: 'quay.io', usable: true }])
  t.same(findIgnoredSecrets(secrets).map(({ name }) => name), ['opaque', 'podman', 'empty'])
})

t.test('any image and any document have an answer', async () => {
  const entries = fc.dictionary(fc.string(), fc.jsonValue()).map((map) => JSON.stringify({ auths: map }))
  const document = fc.oneof(fc.json(), fc.string(), entries)
  fc.assert(fc.property(fc.string(), document, (image, text) => {
    const [answer] = explainImages([image], [secretOf('any', text)])
    return answer?.image === image && (answer.error === undefined || answer.candidates.length === 0)
  }))
})
