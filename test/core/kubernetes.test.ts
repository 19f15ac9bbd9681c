import t from 'tap'
import { asList, asRecord, asText, member, memberAt, optInLabel, readOptIn } from '../../src/core/kubernetes.ts'

const scalars = [undefined, null, 0, 1, true, '', 'text', Symbol.iterator]

t.test('a record is an object with keys, nothing else', async (t) => {
  t.strictSame(asRecord({ a: 1 }), { a: 1 })
  for (const value of [...scalars, [], [1]]) t.equal(asRecord(value), undefined)
})

t.test('a list is an array, everything else an empty one', async (t) => {
  t.strictSame(asList([1]), [1])
  for (const value of [...scalars, { length: 1 }]) t.strictSame(asList(value), [])
})

t.test('a text is a non-empty string', async (t) => {
  t.equal(asText('a'), 'a')
  for (const value of ['', 1, null, undefined, ['a']]) t.equal(asText(value), undefined)
})

t.test('members are own ones', async (t) => {
  t.equal(member({ a: 1 }, 'a'), 1)
  for (const name of ['constructor', '__proto__', 'toString']) t.equal(member({}, name), undefined, name)
  t.equal(member(JSON.parse('{"__proto__":2}'), '__proto__'), 2)
  t.equal(member(['a'], '0'), undefined)
  t.equal(member(null, 'a'), undefined)
})

t.test('a path ends at the first member that is not there', async (t) => {
  t.equal(memberAt({ a: { b: 1 } }, ['a', 'b']), 1)
  t.equal(memberAt({ a: null }, ['a', 'b']), undefined)
  t.strictSame(memberAt({ a: 1 }, []), { a: 1 })
})

t.test('the opt-in label has two values that count', async (t) => {
  const optIn = (value: string) => readOptIn(new Map([[optInLabel, value]]))
  t.strictSame(['enabled', 'shadow', 'disabled', 'Enabled', ''].map(optIn), ['enabled', 'shadow', 'none', 'none', 'none'])
  t.equal(readOptIn(new Map()), 'none')
})
