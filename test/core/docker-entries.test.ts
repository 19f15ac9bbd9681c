import t from 'tap'
import fc from 'fast-check'
import { decodeDockerConfig, isUsable } from '../../src/core/docker-entries.ts'
import type { DockerConfigFormat, DockerEntry } from '../../src/core/docker-entries.ts'
import { encode } from '../helpers/builders.ts'

function describeEntry (entry: DockerEntry): string {
  if ('problem' in entry) return `${entry.key}!${entry.problem}`
  const { login } = entry
  const text = login.form === 'auth' ? Buffer.from(login.bytes).toString() : `(${login.username})(${login.password})`
  return `${entry.key}=${text}`
}

/** Entries as `key=user:password` or `key!problem`, hidden ones in brackets; `!problem` for the document. */
function describe (text: string, format: DockerConfigFormat = 'dockerconfigjson'): string {
  const document = decodeDockerConfig(Buffer.from(text), format)
  if (!document.ok) return `!${document.problem}`
  return [...document.entries.map(describeEntry), ...document.hidden.map((entry) => `[${describeEntry(entry)}]`)].join(' ')
}

const documents: ReadonlyArray<readonly [name: string, text: string, expected: string]> = [
  ['B.4 one bad entry', '{"auths":{"a.io":{"auth":"dTpw"},"b.io":{"auth":"bad"}}}', 'a.io=u:p b.io!auth_without_colon'],
  ['B.4 auths is a list', '{"auths":[]}', '!auths_not_an_object'],
  ['B.4 an entry is a text', '{"auths":{"q.io":"x"}}', 'q.io!entry_not_an_object'],
  ['B.4 email is a number', '{"auths":{"q.io":{"email":1}}}', 'q.io!field_not_a_string'],
  ['B.4 a header is a number', '{"HttpHeaders":{"a":1}}', '!headers_not_strings'],
  ['B.4 headers are a list', '{"HttpHeaders":[]}', '!headers_not_strings'],
  ['B.4 headers are texts or null', '{"HttpHeaders":{"a":"b","c":null},"httpheaders":null}', ''],
  ['B.4 empty object', '{}', ''],
  ['B.4 auths null', '{"auths":null}', ''],
  ['B.4 auths empty', '{"auths":{}}', ''],
  ['B.4 a bare map', '{"q.io":{"auth":"dTpw"}}', ''],
  ['B.4 a list', '[]', '!not_an_object'],
  ['B.4 a text', '""', '!not_an_object'],
  ['B.4 nothing', '', '!not_json'],
  ['B.4 byte order mark', '\uFEFF{}', '!not_json'],
  ['B.4 trailing comma', '{"auths":{},}', '!not_json'],
  ['B.4 null', 'null', ''],
  ['B12 identitytoken alone', '{"auths":{"q.io":{"identitytoken":"t"}}}', 'q.io=:'],
  ['B13 empty object or null', '{"auths":{"q.io":{},"r.io":null}}', 'q.io=: r.io=:'],
  ['B14 names in any case', '{"AUTHS":{"q.io":{"AUTH":"dTpw"}}}', 'q.io=u:p'],
  ['B15 one bad entry among good ones', '{"auths":{"a.io":{"auth":"dTpw"},"b.io":1,"c.io":{"auth":"dTpw"}}}',
    'a.io=u:p b.io!entry_not_an_object c.io=u:p'],
  ['B18 the last of two wins', '{"auths":{"q.io":{"auth":"dTpw"},"q.io":{"username":"v"}}}', 'q.io=v:'],
  ['a hidden bad entry is kept as a problem', '{"auths":{"q.io":1,"q.io":{"auth":"dTpw"}}}',
    'q.io=u:p [q.io!entry_not_an_object]'],
  ['auths twice is one map', '{"auths":{"a.io":{"auth":"dTpw"}},"auths":{"b.io":{"auth":"dTpw"}}}', 'a.io=u:p b.io=u:p'],
  ['a later null empties the map, problems stay', '{"auths":{"a.io":{"auth":"dTpw"},"b.io":1},"auths":null}',
    '[b.io!entry_not_an_object]'],
  ['auth wins over an earlier null', '{"auths":{"q.io":{"auth":"dTpw","auth":null}}}', 'q.io=u:p'],
  ['a key named __proto__', '{"auths":{"__proto__":{"auth":"dTpw"}}}', '__proto__=u:p'],
  ['a field named __proto__', '{"auths":{"q.io":{"__proto__":{"username":"u"}}}}', 'q.io=:'],
  ['a user name with a colon', '{"auths":{"q.io":{"username":"a:b","password":"p"}}}', 'q.io=(a:b)(p)']
]

for (const [name, text, expected] of documents) {
  t.test(name, async (t) => { t.equal(describe(text), expected) })
}

const auths: ReadonlyArray<readonly [name: string, entry: object, expected: string]> = [
  ['B6 auth wins', { auth: encode('a:b'), username: 'u', password: 'p' }, 'q.io=a:b'],
  ['B7 unpadded', { auth: 'Zm9vOmJhcg' }, 'q.io=foo:bar'],
  ['B8 line ends', { auth: 'Zm9vOm\nJhcg==\n' }, 'q.io=foo:bar'],
  ['B9 final space', { auth: 'Zm9vOmJhcg== ' }, 'q.io!auth_not_base64'],
  ['B10 no colon', { auth: 'cGFudHM=' }, 'q.io!auth_without_colon'],
  ['B10 no base64', { auth: 'pants' }, 'q.io!auth_not_base64'],
  ['B10 the sample of the seeds', { auth: 'b3Blb=' }, 'q.io!auth_not_base64'],
  ['B11 colon in the password', { auth: encode('user:pass:word') }, 'q.io=user:pass:word'],
  ['B.3 URL alphabet', { auth: 'fn5-Ojo_' }, 'q.io!auth_not_base64'],
  ['empty auth counts as absent', { auth: '', username: 'u', password: 'p' }, 'q.io=u:p']
]

for (const [name, entry, expected] of auths) {
  t.test(name, async (t) => { t.equal(describe(JSON.stringify({ auths: { 'q.io': entry } })), expected) })
}

t.test('B16 a dockercfg with the wrong wrapper holds one useless key', async (t) => {
  t.equal(describe('{"auths":{"q.io":{"auth":"dTpw"}}}', 'dockercfg'), 'auths=:')
})

t.test('B17 helpers and other members are named as ignored', async (t) => {
  const document = decodeDockerConfig(Buffer.from('{"credHelpers":{},"credsStore":"x","auths":{}}'), 'dockerconfigjson')
  t.match(document, { ok: true, ignoredMembers: ['credHelpers', 'credsStore'] })
})

t.test('a login is usable if it has a user or a password', async (t) => {
  const usable = (login: string): boolean => isUsable({ form: 'auth', bytes: Buffer.from(login) })
  t.strictSame(['u:p', 'u:', ':p', ':'].map(usable), [true, true, true, false])
  t.ok(isUsable({ form: 'fields', username: ':', password: '' }))
})

t.test('no document makes the decoder throw', async () => {
  const anything = fc.jsonValue()
  const entry = fc.oneof(anything, fc.record({ auth: anything, username: anything }, { requiredKeys: [] }))
  const wrapper = fc.record({ auths: fc.dictionary(fc.string(), entry), HttpHeaders: anything })
  const document = fc.oneof(anything, wrapper)
  fc.assert(fc.property(document, fc.boolean(), (document, bare) => {
    decodeDockerConfig(Buffer.from(JSON.stringify(document)), bare ? 'dockercfg' : 'dockerconfigjson')
  }), { numRuns: 500 })
})
