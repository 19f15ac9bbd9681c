import t from 'tap'
import { isOffered, matchName, matchesSelector, selectCredentials } from '../../src/core/selection.ts'
import { makeConfiguration, makeRule } from '../helpers/builders.ts'

const labels = new Map([['team', 'a'], ['env', '']])

const selectors = [
  { name: 'In, value there', operator: 'In', key: 'team', values: ['b', 'a'], expected: true },
  { name: 'In, other value', operator: 'In', key: 'team', values: ['b'], expected: false },
  { name: 'In, no label', operator: 'In', key: 'x', values: ['a'], expected: false },
  { name: 'NotIn, value there', operator: 'NotIn', key: 'team', values: ['a'], expected: false },
  { name: 'NotIn, other value', operator: 'NotIn', key: 'team', values: ['b'], expected: true },
  { name: 'NotIn, no label', operator: 'NotIn', key: 'x', values: ['a'], expected: true },
  { name: 'Exists, empty value', operator: 'Exists', key: 'env', values: [], expected: true },
  { name: 'Exists, no label', operator: 'Exists', key: 'x', values: [], expected: false },
  { name: 'DoesNotExist, label there', operator: 'DoesNotExist', key: 'env', values: [], expected: false },
  { name: 'DoesNotExist, no label', operator: 'DoesNotExist', key: 'x', values: [], expected: true }
] as const

for (const { name, expected, ...requirement } of selectors) {
  t.test(`selector: ${name}`, async (t) => { t.equal(matchesSelector([requirement], labels), expected) })
}

t.test('all requirements must hold, and none admits everything', async (t) => {
  t.equal(matchesSelector([{ key: 'team', operator: 'Exists', values: [] }, { key: 'x', operator: 'Exists', values: [] }], labels), false)
  t.equal(matchesSelector([], labels), true)
})

t.test('in names only the star is special', async (t) => {
  t.ok(matchName('*', 'team-a'))
  t.ok(matchName('team-*', 'team-a'))
  t.notOk(matchName('team-*', 'my-team-a'))
  t.notOk(matchName('team-?', 'team-a'))
  t.notOk(matchName('team-[a]', 'team-a'))
  t.notOk(matchName('Team', 'team'))
})

const byLabel = { by: 'label', selector: [{ key: 'team', operator: 'In', values: ['a'] }] } as const

t.test('a credential is offered by name, by label, or has to wait for labels', async (t) => {
  const byName = makeRule('n', { namespaces: { by: 'name', patterns: ['build', 'team-*'] } })
  t.equal(isOffered(byName, 'team-a', undefined), 'offered')
  t.equal(isOffered(byName, 'other', labels), 'not_offered')
  const rule = makeRule('l', { namespaces: byLabel })
  t.equal(isOffered(rule, 'team-a', undefined), 'unknown')
  t.equal(isOffered(rule, 'team-a', labels), 'offered')
  t.equal(isOffered(rule, 'team-a', new Map()), 'not_offered')
  t.equal(isOffered(makeRule('r', { retired: true }), 'team-a', labels), 'not_offered')
})

t.test('a selection keeps the configured order', async (t) => {
  const [a, b, c] = [makeRule('a'), makeRule('b', { namespaces: byLabel }), makeRule('c')]
  const none = makeRule('d', { namespaces: { by: 'name', patterns: [] } })
  const configuration = makeConfiguration([c, b, none, a])
  t.strictSame(selectCredentials(configuration, 'team', undefined), { offered: [c, a], unknown: [b] })
  t.strictSame(selectCredentials(configuration, 'team', labels), { offered: [c, b, a], unknown: [] })
})
