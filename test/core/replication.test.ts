import t from 'tap'
import fc from 'fast-check'
import type { CredentialRule } from '../../src/core/configuration.ts'
import { decodeDockerConfig, type Login } from '../../src/core/docker-entries.ts'
import type { Secret } from '../../src/core/kubernetes.ts'
import { planCopy, type CopyPlan } from '../../src/core/replication.ts'
import { encode, makeDockerSecret, makeRule, makeSecret } from '../helpers/builders.ts'

function loginText (login: Login): string {
  return login.form === 'auth' ? Buffer.from(login.bytes).toString() : `(${login.username})(${login.password})`
}

/** What the kubelet reads from the planned copy. */
function copied (plan: CopyPlan): Record<string, string> | string {
  if (plan.status !== 'planned') return plan.status
  const document = decodeDockerConfig(plan.content, 'dockerconfigjson')
  if (!document.ok) return document.problem
  return Object.fromEntries(document.entries.map((entry) =>
    [entry.key, 'problem' in entry ? entry.problem : loginText(entry.login)]))
}

function codes (plan: CopyPlan): string[] {
  return plan.findings.map(({ code }) => code)
}

function plan (source: Secret | undefined, changes: Partial<CredentialRule> = {}): CopyPlan {
  return planCopy(makeRule('acme', changes), source)
}

const dockerconfigjson = 'kubernetes.io/dockerconfigjson'
const auths = { 'quay.io': { auth: encode('u:p') } }

const sources: ReadonlyArray<readonly [name: string, source: Secret]> = [
  ['dockerconfigjson', makeSecret('s', dockerconfigjson, { '.dockerconfigjson': { auths } })],
  ['dockercfg', makeSecret('s', 'kubernetes.io/dockercfg', { '.dockercfg': auths })],
  ['B4 Opaque', makeSecret('s', 'Opaque', { '.dockerconfigjson': { auths } })],
  ['B5 podmanconfigjson with auth.json', makeSecret('s', 'kubernetes.io/podmanconfigjson', { 'auth.json': { auths } })],
  ['config.json', makeSecret('s', 'Opaque', { 'config.json': { auths } })],
  ['an empty data key before the good one', makeSecret('s', 'Opaque', { '.dockerconfigjson': '', '.dockercfg': auths })],
  ['the best of several', makeSecret('s', 'Opaque', { 'config.json': '!', '.dockerconfigjson': { auths } })]
]

for (const [name, source] of sources) {
  t.test(`a source of the form: ${name}`, async (t) => {
    const planned = plan(source)
    t.strictSame(copied(planned), { 'quay.io': 'u:p' })
    t.match(planned, { status: 'planned', keys: [{ key: 'quay.io', usable: true }], findings: [] })
  })
}

t.test('the copy is one document of entries with auth', async (t) => {
  const planned = plan(makeSecret('s', 'kubernetes.io/dockercfg', { '.dockercfg': { 'quay.io': { username: 'u', password: 'p', email: 'e' } } }))
  t.equal(planned.status === 'planned' && Buffer.from(planned.content).toString(), '{"auths":{"quay.io":{"auth":"dTpw"}}}')
})

const broken: ReadonlyArray<readonly [name: string, source: Secret, codes: readonly string[]]> = [
  ['none of the data keys', makeSecret('s', 'Opaque', { token: 'x' }), ['source_broken']],
  ['no JSON', makeSecret('s', dockerconfigjson, { '.dockerconfigjson': '{' }), ['source_broken']],
  ['a list', makeSecret('s', dockerconfigjson, { '.dockerconfigjson': [] }), ['source_broken']],
  ['no entry', makeSecret('s', dockerconfigjson, { '.dockerconfigjson': { auths: {} } }), ['source_broken']],
  ['only empty entries', makeSecret('s', dockerconfigjson, { '.dockerconfigjson': { auths: { 'quay.io': {} } } }), ['entry_note', 'source_broken']],
  ['only bad entries', makeSecret('s', dockerconfigjson, { '.dockerconfigjson': { auths: { 'quay.io': 1 } } }), ['entry_left_out', 'source_broken']]
]

for (const [name, source, expected] of broken) {
  t.test(`a broken source: ${name}`, async (t) => {
    const planned = plan(source)
    t.equal(planned.status, 'broken')
    t.strictSame(codes(planned), expected)
  })
}

t.test('bad entries are left out and reported, the good ones are copied', async (t) => {
  const source = makeSecret('s', dockerconfigjson, {
    '.dockerconfigjson': {
      credsStore: 'x',
      auths: { ...auths, 'bad.io': { auth: 'bad' }, ' space.io': auths['quay.io'], 'empty.io': {}, 'token.io': { username: 'u', identitytoken: 't' } }
    }
  })
  const planned = plan(source)
  t.strictSame(copied(planned), { 'quay.io': 'u:p', 'empty.io': ':', 'token.io': 'u:' })
  t.match(planned, { keys: [{ key: 'quay.io', usable: true }, { key: 'empty.io', usable: false }, { key: 'token.io', usable: true }] })
  t.strictSame(planned.findings.map(({ code, message }) => `${code} ${/"[^"]*"/.exec(message)?.[0] ?? ''}`), [
    'entry_note ', 'entry_left_out "bad.io"', 'entry_left_out " space.io"', 'entry_note "empty.io"', 'entry_note "token.io"'
  ])
})

t.test('a source that is not there', async (t) => {
  const planned = plan(undefined, { source: { name: 'src' } })
  t.match(planned, { status: 'missing', findings: [{ credential: 'acme', code: 'source_missing', message: /^source secret src is not there; / }] })
})

t.test('a copy that somebody else makes has the keys of the configuration', async (t) => {
  const planned = plan(undefined, { source: 'none', registries: ['quay.io/acme', 'ghcr.io'] })
  t.strictSame(planned, {
    status: 'made_elsewhere', keys: [{ key: 'quay.io/acme', usable: true }, { key: 'ghcr.io', usable: true }], findings: []
  })
  t.strictSame(plan(undefined, { source: 'none' }), { status: 'made_elsewhere', keys: [], findings: [] })
})

const logins = ['org|robot+ci:p', 'u:p:a:s:s', ':p', 'u:', '<token>:eyJ.x', 'ü:ß\n']

t.test('logins come through byte by byte', async (t) => {
  for (const login of logins) t.strictSame(copied(plan(makeDockerSecret('s', { 'quay.io': login }))), { 'quay.io': login })
})

t.test('a user name with a colon is written as fields, since auth would cut it elsewhere', async (t) => {
  const source = makeSecret('s', dockerconfigjson, { '.dockerconfigjson': { auths: { 'quay.io': { username: 'a:b', password: 'c:d' } } } })
  t.strictSame(copied(plan(source)), { 'quay.io': '(a:b)(c:d)' })
})

t.test('a key named __proto__ is a key like another', async (t) => {
  const source = makeSecret('s', dockerconfigjson, { '.dockerconfigjson': '{"auths":{"__proto__":{"auth":"dTpw"},"quay.io":{"auth":"dTpw"}}}' })
  const planned = plan(source)
  t.equal(planned.status === 'planned' && Buffer.from(planned.content).toString(),
    '{"auths":{"__proto__":{"auth":"dTpw"},"quay.io":{"auth":"dTpw"}}}')
  t.match(planned, { keys: [{ key: '__proto__' }, { key: 'quay.io' }] })
})

t.test('whatever bytes a login has, the copy holds the same', async () => {
  const login = fc.tuple(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ minLength: 1, maxLength: 8 }))
    .map(([user, password]) => Buffer.concat([user.filter((byte) => byte !== 0x3a), Buffer.from(':'), password]))
  fc.assert(fc.property(login, fc.boolean(), (login, padded) => {
    const auth = padded ? login.toString('base64') : login.toString('base64').replace(/=+$/, '')
    const planned = plan(makeSecret('s', 'Opaque', { 'auth.json': { auths: { 'quay.io': { auth } } } }))
    const document = planned.status === 'planned' ? decodeDockerConfig(planned.content, 'dockerconfigjson') : undefined
    const entry = document?.ok === true ? document.entries[0] : undefined
    return entry !== undefined && 'login' in entry && entry.login.form === 'auth' && login.equals(entry.login.bytes)
  }), { numRuns: 500 })
})
