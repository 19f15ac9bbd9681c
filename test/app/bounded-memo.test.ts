import t from 'tap'
import { memoizeBounded } from '../../src/app/bounded-memo.ts'

function counting (limit: number): { lengthOf: (text: string) => { length: number }, computed: string[] } {
  const computed: string[] = []
  const lengthOf = memoizeBounded((text) => {
    computed.push(text)
    return { length: text.length }
  }, limit)
  return { lengthOf, computed }
}

t.test('a known text is not computed again', async (t) => {
  const { lengthOf, computed } = counting(2)
  t.equal(lengthOf('a'), lengthOf('a'), 'the same value')
  t.same(computed, ['a'])
})

t.test('at the limit it starts anew and stays right', async (t) => {
  const { lengthOf, computed } = counting(2)
  for (const text of ['a', 'bb', 'ccc', 'a', 'ccc']) t.same(lengthOf(text), { length: text.length })
  t.same(computed, ['a', 'bb', 'ccc', 'a'])
})

t.test('a long text is computed each time', async (t) => {
  const { lengthOf, computed } = counting(2)
  const long = 'x'.repeat(513)
  lengthOf(long)
  t.same(lengthOf(long), { length: 513 })
  t.equal(computed.length, 2)
})
