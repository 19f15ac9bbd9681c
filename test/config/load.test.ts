import fc from 'fast-check'
import t from 'tap'
import { createConfigurationParser, defaultConfiguration, parseConfiguration } from '../../src/config/load.ts'
import { badConfigurations } from './bad-configurations.ts'

const head = 'apiVersion: pullpass.dev/v1\nkind: PullpassConfiguration\n'
const parser = createConfigurationParser()

t.ok(badConfigurations.length >= 50, 'the corpus has at least 50 rows')

for (const { name, body, text, problems } of badConfigurations) {
  t.test(`refused with its place: ${name}`, async (t) => {
    const parsed = parser.parse(text ?? head + body, 'pullpass.yaml')
    const found = parsed.ok ? [] : parsed.problems
    t.same(found.map(({ line, column }) => `${line}:${column}`), problems.map(([place]) => place))
    problems.forEach(([, part], index) => t.match(found[index]?.message, part))
    for (const { file, message } of found) {
      t.equal(file, 'pullpass.yaml')
      t.notMatch(message, /hunter2|\n|\.$/, 'one line, no secret, no final stop')
    }
  })
}

t.test('an absent field has its default', async (t) => {
  const parsed = parseConfiguration(head, 'x')
  t.same(parsed, { ok: true, configuration: defaultConfiguration(), warnings: [] })
  t.same(defaultConfiguration(), {
    credentials: [],
    injection: {
      pods: true,
      workflows: true,
      workflowTemplateRef: false,
      workflowDefaultServiceAccount: '',
      argoReadsSecrets: false,
      namespaceSecrets: false,
      missingCopy: 'inject',
      gateTimeoutSeconds: 120,
      serviceAccountWaitSeconds: 2
    },
    platform: 'auto',
    internalRegistries: [],
    imagePullers: [],
    retention: { optedOutSeconds: 600, sourceGoneSeconds: 86_400 }
  })
})

t.test('a credential is read with all its rules', async (t) => {
  const parsed = parseConfiguration(`${head}credentials:
  - name: a
    source: { name: s, namespace: n }
    registries: [quay.io/acme]
    namespaces: { selector: { matchLabels: { tier: prod }, matchExpressions: [{ key: x, operator: Exists }] } }
    companions: [b]
  - { name: b, source: none, registries: [quay.io], namespaces: ["team-*", build], serviceAccounts: [default] }
  - { name: c, namespaces: "*", retired: true }
`, 'x')
  t.match(parsed, { ok: true })
  t.match(parsed.ok ? parsed.configuration.credentials : [], [
    {
      source: { name: 's', namespace: 'n' },
      registries: ['quay.io/acme'],
      companions: ['b'],
      namespaces: {
        by: 'label',
        selector: [{ key: 'tier', operator: 'In', values: ['prod'] }, { key: 'x', operator: 'Exists', values: [] }]
      }
    },
    { source: 'none', namespaces: { by: 'name', patterns: ['team-*', 'build'] }, serviceAccounts: ['default'] },
    { source: { name: 'c' }, namespaces: { by: 'name', patterns: ['*'] }, retired: true }
  ])
})

t.test('what a reader gets is frozen', async (t) => {
  const parsed = parseConfiguration(`${head}credentials: [{name: a, namespaces: [x]}]\n`, 'x')
  t.ok(parsed.ok && Object.isFrozen(parsed.configuration.credentials[0]?.namespaces))
})

const warned = [
  { name: 'a field that has no effect yet', body: 'credentials: [{name: a, namespaces: [x], adopt: true}]\n', warnings: [['3:42', 'adopt has no effect']] },
  { name: 'two such fields in a section', body: 'retention: {optedOut: 1m, sourceGone: 1h}\n', warnings: [['3:13', 'optedOut'], ['3:27', 'sourceGone']] },
  { name: 'a registry written in two ways', body: 'credentials: [{name: a, namespaces: [x], registries: [quay.io, "https://quay.io/v1/"]}]\n', warnings: [['3:64', 'the same as entry 0']] },
  { name: 'a retired companion', body: 'credentials: [{name: a, namespaces: [x], companions: [b]}, {name: b, namespaces: [x], retired: true}]\n', warnings: [['3:55', 'is retired']] },
  { name: 'nothing for a default in other words', body: 'injection: {gateTimeout: 120s, missingCopy: inject}\n', warnings: [] }
]

for (const { name, body, warnings } of warned) {
  t.test(`taken with a warning: ${name}`, async (t) => {
    const parsed = parser.parse(head + body, 'x')
    const found = parsed.ok ? parsed.warnings : []
    t.ok(parsed.ok)
    t.same(found.map(({ line, column }) => `${line}:${column}`), warnings.map(([place]) => place))
    warnings.forEach(([, part], index) => t.match(found[index]?.message, part ?? ''))
  })
}

t.test('aliases, merge keys, CRLF, a byte order mark and JSON are read', async (t) => {
  const yaml = `\ufeff${head}credentials:\n  - &base {name: a, namespaces: &n [x]}\n  - {<<: *base, name: b}\n  - {name: c, namespaces: *n}\n`
  const parsed = parser.parse(yaml.replaceAll('\n', '\r\n'), 'x')
  t.same(parsed.ok && parsed.configuration.credentials.map(({ name }) => name), ['a', 'b', 'c'])
  t.ok(parser.parse(JSON.stringify({ apiVersion: 'pullpass.dev/v1', kind: 'PullpassConfiguration', credentials: [] }), 'x').ok)
})

t.test('names from Object.prototype are unknown fields like others', async (t) => {
  for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    const parsed = parser.parse(`${head}${key}: {pods: false}\n`, 'x')
    t.match(parsed, { ok: false, problems: [{ line: 3, column: 1 }] }, key)
  }
})

t.test('a text that is nested too deeply is a problem, not a crash', async (t) => {
  t.match(parser.parse('['.repeat(50_000), 'x'), { ok: false })
  t.match(parser.parse(`${head}a: &a {b: *a}\n`, 'x'), { ok: false })
})

t.test('no JSON value and no text makes parsing throw', async () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => typeof parser.parse(JSON.stringify(value), 'x').ok === 'boolean'))
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof parser.parse(head + text, 'x').ok === 'boolean'))
  const record = fc.record({
    apiVersion: fc.constant('pullpass.dev/v1'),
    kind: fc.constant('PullpassConfiguration'),
    credentials: fc.array(fc.record({ name: fc.jsonValue(), namespaces: fc.jsonValue(), source: fc.jsonValue() })),
    injection: fc.jsonValue()
  })
  fc.assert(fc.property(record, (value) => {
    const parsed = parser.parse(JSON.stringify(value), 'x')
    return parsed.ok || parsed.problems.every(({ line, column }) => (line ?? 0) > 0 && (column ?? 0) > 0)
  }))
})
