import t from 'tap'
import type { CredentialRule } from '../../src/core/configuration.ts'
import type { Coverage } from '../../src/core/coverage.ts'
import type { Secret } from '../../src/core/kubernetes.ts'
import { planCopy, planCoverage } from '../../src/core/replication.ts'
import { encode, makeConfiguration, makeCoverage, makeDockerSecret, makeRule, makeSecret } from '../helpers/builders.ts'

function plan (credentials: readonly CredentialRule[], sources: readonly Secret[], previous: Coverage = new Map()) {
  const findSource = ({ name }: { readonly name: string }) => sources.find((secret) => secret.name === name)
  const { coverage, findings } = planCoverage(makeConfiguration(credentials), findSource, previous)
  return { coverage: Object.fromEntries(coverage), codes: findings.map(({ credential, code }) => `${credential} ${code}`) }
}

const broken = makeSecret('a', 'Opaque', { 'auth.json': '{' })
const previous = makeCoverage({ a: ['quay.io/old'] })

t.test('the keys of each credential by name, from the source that the rule names', async (t) => {
  const rules = [makeRule('a', { source: { name: 'src' } }), makeRule('b', { source: 'none', registries: ['ghcr.io'] })]
  t.strictSame(plan(rules, [makeDockerSecret('src', { 'quay.io': 'u:p' })], previous), {
    coverage: { a: [{ key: 'quay.io', usable: true }], b: [{ key: 'ghcr.io', usable: true }] }, codes: []
  })
})

t.test('a source that turned bad keeps its last good keys', async (t) => {
  t.strictSame(plan([makeRule('a')], [broken], previous), {
    coverage: { a: [{ key: 'quay.io/old', usable: true }] }, codes: ['a source_broken']
  })
})

t.test('a source that never was good has no keys', async (t) => {
  t.strictSame(plan([makeRule('a')], [broken]), { coverage: { a: [] }, codes: ['a source_broken'] })
})

t.test('a source that is missing has no keys and is reported', async (t) => {
  t.strictSame(plan([makeRule('a')], [], previous), { coverage: { a: [] }, codes: ['a source_missing'] })
})

t.test('a retired credential has none and is not looked at', async (t) => {
  t.strictSame(plan([makeRule('a', { retired: true })], [broken], previous), { coverage: {}, codes: [] })
})

const canary = 'CANARY-7f3a'

t.test('no password, in any form, stands in coverage or findings', async (t) => {
  const auth = encode(`user:${canary}`)
  const auths = {
    'good.io': { auth },
    'fields.io': { username: 'a:b', password: canary },
    'bad.io': { auth: encode(canary) },
    'odd.io': { auth: `${auth}!` },
    'number.io': { auth: 1, password: canary },
    'token.io': { identitytoken: canary },
    [`https://user:${canary}@user.io/acme`]: { auth },
    [`user:${canary}@bare.io`]: { auth },
    [`user:${canary}@q%zz.io`]: { auth },
    [`https://user:${canary}@[qr]uay.io`]: { auth }
  }
  const source = makeSecret('a', 'Opaque', { 'auth.json': { auths, HttpHeaders: { Authorization: canary } } })
  for (const registries of [undefined, ['user.io/acme/x', 'bare.io', 'none.io', 'good.io']]) {
    const rule = makeRule('a', registries === undefined ? {} : { registries })
    const { coverage, findings } = planCoverage(makeConfiguration([rule]), () => source, new Map())
    const text = JSON.stringify([[...coverage], findings])
    t.match(text, /good\.io/)
    t.notMatch(text, canary)
    t.notMatch(text, encode(canary).slice(0, 10))
    t.notMatch(text, auth)
  }
})

t.test('user information in a key is not copied, and the key keeps what it covers', async (t) => {
  const source = makeDockerSecret('a', { 'https://user:pw@quay.io/v1/acme': 'u:p', 'x@ghcr.io?a@b': 'u:p', 'quay.io/a@b': 'u:p' })
  t.match(planCopy(makeRule('a'), source), {
    status: 'planned', keys: [{ key: 'https://quay.io/v1/acme' }, { key: 'ghcr.io?a@b' }, { key: 'quay.io/a@b' }]
  })
})
