import t from 'tap'
import { decodeDockerConfig } from '../../src/core/docker-entries.ts'
import { planCopy } from '../../src/core/replication.ts'
import { encode, makeDockerSecret, makeRule, makeSecret } from '../helpers/builders.ts'

interface Row {
  readonly name: string
  /** User by key of the source. */
  readonly source: Readonly<Record<string, string>>
  readonly registries: readonly string[]
  /** User by key of the copy; absent: the plan is broken. */
  readonly copy?: Readonly<Record<string, string>>
  /** Keys reported as not covered. */
  readonly missed?: readonly string[]
}

const hub = 'https://index.docker.io/v1/'

const rows: readonly Row[] = [
  { name: 'a key that the source has', source: { 'quay.io': 'q', 'ghcr.io': 'g' }, registries: ['quay.io'], copy: { 'quay.io': 'q' } },
  { name: 'taken as the source writes it', source: { 'https://quay.io/v1/': 'q' }, registries: ['quay.io'], copy: { 'https://quay.io/v1/': 'q' } },
  { name: 'written in another form than the source', source: { 'quay.io/': 'q' }, registries: ['https://quay.io/v2/'], copy: { 'quay.io/': 'q' } },
  { name: 'in both forms, taken once', source: { 'quay.io': 'q', 'quay.io/v1/': 'r' }, registries: ['quay.io', 'quay.io/'], copy: { 'quay.io': 'q', 'quay.io/v1/': 'r' } },
  { name: 'narrowed', source: { 'quay.io': 'q' }, registries: ['quay.io/acme'], copy: { 'quay.io/acme': 'q' } },
  { name: 'narrowed to several', source: { 'quay.io': 'q' }, registries: ['quay.io/acme', 'quay.io/build'], copy: { 'quay.io/acme': 'q', 'quay.io/build': 'q' } },
  {
    name: 'from the most specific above',
    source: { 'quay.io': 'q', 'quay.io/acme': 'a', 'quay.io/acme/app/x': 'x' },
    registries: ['quay.io/acme/app'],
    copy: { 'quay.io/acme/app': 'a' }
  },
  { name: 'above with a final slash', source: { 'quay.io/acme/': 'a' }, registries: ['quay.io/acme', 'quay.io/acme/app'], copy: { 'quay.io/acme': 'a', 'quay.io/acme/app': 'a' } },
  { name: 'not from a part of a segment', source: { 'quay.io/ac': 'a', 'ghcr.io': 'g' }, registries: ['quay.io/acme', 'ghcr.io'], copy: { 'ghcr.io': 'g' }, missed: ['quay.io/acme'] },
  { name: 'not from below', source: { 'quay.io/acme': 'a' }, registries: ['quay.io'], missed: ['quay.io'] },
  { name: 'not across ports', source: { 'quay.io': 'a' }, registries: ['quay.io:443'], missed: ['quay.io:443'] },
  { name: 'a host from a glob', source: { '*.example.com': 'e' }, registries: ['reg.example.com/team'], copy: { 'reg.example.com/team': 'e' } },
  { name: 'a glob from a glob', source: { '*.example.com': 'e' }, registries: ['r*.example.com'], copy: { 'r*.example.com': 'e' } },
  { name: 'no glob from a host', source: { 'reg.example.com': 'e' }, registries: ['*.example.com'], missed: ['*.example.com'] },
  { name: 'the Hub key covers docker.io', source: { [hub]: 'h' }, registries: ['docker.io/acme'], copy: { 'docker.io/acme': 'h' } },
  { name: 'the Hub key as docker.io itself', source: { [hub]: 'h' }, registries: ['docker.io'], copy: { 'docker.io': 'h' } },
  { name: 'the Hub key from docker.io', source: { 'docker.io': 'd' }, registries: [hub], copy: { [hub]: 'd' } },
  { name: 'the Hub key in another form', source: { [hub]: 'h' }, registries: ['index.docker.io'], copy: { [hub]: 'h' } },
  {
    name: 'a team of the Hub is more specific than the Hub key',
    source: { [hub]: 'h', 'docker.io/acme': 'a' },
    registries: ['docker.io/acme/app'],
    copy: { 'docker.io/acme/app': 'a' }
  },
  { name: 'a wanted key that is none', source: { 'quay.io': 'q' }, registries: ['q%zz.io', 'quay.io'], copy: { 'quay.io': 'q' }, missed: ['q%zz.io'] },
  { name: 'a wanted key whose second reading fails', source: { 'quay.io': 'q' }, registries: ['quay.io/%25zz', 'quay.io'], copy: { 'quay.io': 'q' }, missed: ['quay.io/%25zz'] },
  { name: 'a source key whose second reading fails', source: { 'quay.io/%25zz': 'z', 'quay.io': 'q' }, registries: ['quay.io/a'], copy: { 'quay.io/a': 'q' } },
  { name: 'none wanted', source: { 'quay.io': 'q' }, registries: [] }
]

t.test('slice: an entry without a login is passed over for one above it that has one', async (t) => {
  const auths = { 'quay.io/acme': {}, 'quay.io': { auth: encode('q:p') } }
  const source = makeSecret('s', 'kubernetes.io/dockerconfigjson', { '.dockerconfigjson': { auths } })
  const plan = planCopy(makeRule('acme', { registries: ['quay.io/acme/app'] }), source)
  t.match(plan, { status: 'planned', keys: [{ key: 'quay.io/acme/app', usable: true }] })
})

for (const { name, source, registries, copy, missed = [] } of rows) {
  t.test(`slice: ${name}`, async (t) => {
    const logins = Object.fromEntries(Object.entries(source).map(([key, user]) => [key, `${user}:p`]))
    const plan = planCopy(makeRule('acme', { registries }), makeDockerSecret('s', logins))
    t.equal(plan.status, copy === undefined ? 'broken' : 'planned')
    const document = plan.status === 'planned' ? decodeDockerConfig(plan.content, 'dockerconfigjson') : undefined
    const users = document?.ok === true
      ? document.entries.map((entry) => [entry.key, 'login' in entry && entry.login.form === 'auth' && Buffer.from(entry.login.bytes).toString()])
      : []
    t.strictSame(Object.fromEntries(users), Object.fromEntries(Object.entries(copy ?? {}).map(([key, user]) => [key, `${user}:p`])))
    if (plan.status === 'planned') t.strictSame(plan.keys.map(({ key }) => key).toSorted(), Object.keys(copy ?? {}).toSorted())
    const reported = plan.findings.filter(({ code }) => code === 'registry_not_covered').map(({ message }) => message)
    t.strictSame(reported, missed.map((key) =>
      `the source has no entry for ${key} or a registry above it; correct registries or the source`))
  })
}

t.test('a key of very many slashes takes no quadratic time', async (t) => {
  const key = `quay.io${'/'.repeat(200_000)}x`
  const plan = planCopy(makeRule('acme', { registries: ['quay.io/y'] }), makeDockerSecret('s', { [key]: 'u:p' }))
  t.equal(plan.status, 'broken')
})
