import t from 'tap'
import { withNames } from '../../src/core/append-names.ts'

const rows = [
  { name: 'an absent list is made', value: { spec: {} }, expected: { spec: { list: [{ name: 'a' }, { name: 'b' }] } } },
  { name: 'a null one is made', value: { spec: { list: null } }, expected: { spec: { list: [{ name: 'a' }, { name: 'b' }] } } },
  {
    name: 'items that are there stay in front',
    value: { spec: { list: [{ name: 'z' }, null] }, x: 1 },
    expected: { spec: { list: [{ name: 'z' }, null, { name: 'a' }, { name: 'b' }] }, x: 1 }
  }
]

for (const { name, value, expected } of rows) {
  t.test(name, async (t) => {
    const before = structuredClone(value)
    t.strictSame(withNames(value, ['spec', 'list'], ['a', 'b']), expected)
    t.strictSame(value, before, 'the original is not touched')
  })
}

t.test('a path leads through lists, and leaves the other items alone', async (t) => {
  const value = { items: [{ list: [] }, { list: [] }] }
  t.strictSame(withNames(value, ['items', 1, 'list'], ['a']), { items: [{ list: [] }, { list: [{ name: 'a' }] }] })
})
