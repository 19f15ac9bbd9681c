import t from 'tap'
import fc from 'fast-check'
import { isGlob, matchGlob } from '../../src/core/glob.ts'

const rows: ReadonlyArray<readonly [pattern: string, yes: readonly string[], no: readonly string[]]> = [
  ['', [''], ['a']],
  ['abc', ['abc'], ['ab', 'abcd', 'ABC', '']],
  ['*', ['', 'a', 'abc'], []],
  ['**', ['', 'a'], []],
  ['a*', ['a', 'abc'], ['ba', '']],
  ['*a', ['a', 'ba', 'aaa'], ['ab']],
  ['a*b*c', ['abc', 'axbxbxc'], ['ab', 'acb', 'abcd']],
  ['*ab', ['ab', 'aab', 'abab'], ['aba']],
  ['?', ['a'], ['', 'ab']],
  ['a?c', ['abc'], ['ac']],
  ['[abc]', ['a', 'c'], ['d', '', 'ab']],
  ['[a-c]x', ['ax', 'cx'], ['dx', 'x']],
  ['[^a-c]', ['d', '-'], ['b']],
  ['[a-a]', ['a'], ['b']],
  ['[ab-dz]', ['a', 'c', 'z'], ['e', '-']],
  ['[::1]', [':', '1'], ['::1']],
  ['x[', [], ['x', 'x[']],
  ['[a', [], ['a']],
  ['[]', [], ['', ']']],
  ['[]a]', [], [']', 'a']],
  ['[^]', [], ['a', '^']],
  ['[-]', [], ['-']],
  ['[a-]', [], ['a', '-']],
  ['[a--]', [], ['a']],
  ['[a-', [], ['a']],
  ['*[', [], ['abc']]
]

for (const [pattern, yes, no] of rows) {
  t.test(`pattern ${JSON.stringify(pattern)}`, async (t) => {
    for (const text of yes) t.equal(matchGlob(pattern, text), true, `matches ${JSON.stringify(text)}`)
    for (const text of no) t.equal(matchGlob(pattern, text), false, `does not match ${JSON.stringify(text)}`)
  })
}

t.test('a glob is what holds a star, a question mark or an opening bracket', async (t) => {
  for (const pattern of ['*', 'a?b', '[::1]']) t.ok(isGlob(pattern))
  for (const pattern of ['', 'quay', 'a]']) t.notOk(isGlob(pattern))
})

t.test('stars match as a regular expression does', async () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
  fc.assert(fc.property(pattern, text, (pattern, text) => {
    const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`)
    return matchGlob(pattern, text) === expression.test(text)
  }), { numRuns: 3000 })
})

t.test('many stars take no exponential time', async (t) => {
  t.equal(matchGlob(`${'*a'.repeat(60)}b`, 'a'.repeat(250)), false)
})
