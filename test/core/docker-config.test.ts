import t from 'tap'
import { findingTexts, findingsOf, readDockerConfig, readPullSecret } from '../../src/core/docker-config.ts'
import { decodeDockerConfig } from '../../src/core/docker-entries.ts'
import { makeSecret } from '../helpers/builders.ts'

const document = { auths: { 'test.registry.io': { auth: 'dXNlcjpwYXNzd29yZA==' } } }
const read = { verdict: 'accepted', keys: [{ key: 'test.registry.io', effectiveKey: 'test.registry.io', usable: true }], findings: [] }

const secrets = [
  { name: 'B1 dockerconfigjson', type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': document }, expected: read },
  { name: 'dockercfg, the bare map', type: 'kubernetes.io/dockercfg', data: { '.dockercfg': document.auths }, expected: read },
  { name: 'B2 type dockercfg, key of the other', type: 'kubernetes.io/dockercfg', data: { '.dockerconfigjson': document } },
  { name: 'B3 type dockerconfigjson, key of the other', type: 'kubernetes.io/dockerconfigjson', data: { '.dockercfg': document } },
  { name: 'B4 Opaque', type: 'Opaque', data: { '.dockerconfigjson': document } },
  { name: 'B5 podmanconfigjson', type: 'kubernetes.io/podmanconfigjson', data: { 'auth.json': document } },
  { name: 'empty data', type: 'kubernetes.io/dockercfg', data: { '.dockercfg': '' } }
]

for (const { name, type, data, expected } of secrets) {
  t.test(`a listed secret: ${name}`, async (t) => {
    t.strictSame(readPullSecret(makeSecret('s', type, data)), expected)
  })
}

function readText (text: string) {
  return readDockerConfig(Buffer.from(text), 'dockerconfigjson')
}

t.test('one bad entry refuses the whole document and is named', async (t) => {
  t.strictSame(readText('{"auths":{"a.io":{"auth":"dTpw"},"b.io":{"auth":"bad"}}}'), {
    verdict: 'refused', keys: [], findings: [{ code: 'auth_without_colon', key: 'b.io', fatal: true }]
  })
})

t.test('a bad entry that a later one of its key hides refuses the document all the same', async (t) => {
  t.match(readText('{"auths":{"b.io":1,"b.io":{"auth":"dTpw"}}}'), { verdict: 'refused' })
})

t.test('a document that cannot be read is refused', async (t) => {
  t.strictSame(readText('[]'), { verdict: 'refused', keys: [], findings: [{ code: 'not_an_object', fatal: true }] })
})

t.test('what the kubelet passes over is said and refuses nothing', async (t) => {
  const text = '{"credsStore":"x","auths":{" q.io":{"auth":"dTpw"},"r.io":{"identitytoken":"t"},"s.io":{"username":"u","registrytoken":"t"}}}'
  t.strictSame(readText(text), {
    verdict: 'accepted',
    keys: [
      { key: ' q.io', usable: true },
      { key: 'r.io', effectiveKey: 'r.io', usable: false },
      { key: 's.io', effectiveKey: 's.io', usable: true }
    ],
    findings: [
      { code: 'helpers_ignored', fatal: false },
      { code: 'key_unreadable', key: ' q.io', fatal: false },
      { code: 'entry_empty', key: 'r.io', fatal: false },
      { code: 'identity_token_ignored', key: 'r.io', fatal: false },
      { code: 'identity_token_ignored', key: 's.io', fatal: false }
    ]
  })
})

t.test('other members of the document say nothing, credHelpers do', async (t) => {
  const codes = (text: string) => findingsOf(decodeDockerConfig(Buffer.from(text), 'dockerconfigjson')).map(({ code }) => code)
  t.strictSame(codes('{"HttpHeaders":{},"x":1}'), [])
  t.strictSame(codes('{"credHelpers":{}}'), ['helpers_ignored'])
})

t.test('every finding has a sentence of one line', async (t) => {
  for (const [code, text] of Object.entries(findingTexts)) t.match(text, /^[^\n.][^\n]*[^.\n]$/, code)
})
