import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { createYamlParser, parseYaml } from '../../src/adapters/yaml.ts'

const rows = [
  { name: 'JSON is read', text: '{"containers": [{"image": "a"}]}', expected: { containers: [{ image: 'a' }] } },
  { name: 'YAML is read', text: 'containers:\n- image: a\n', expected: { containers: [{ image: 'a' }] } },
  { name: 'of equal keys the last counts', text: 'a: 1\na: 2\n', expected: { a: 2 } },
  { name: 'merge keys are filled in', text: 'a: &a {x: 1}\nb: {<<: *a}\n', expected: { a: { x: 1 }, b: { x: 1 } } },
  { name: 'an open bracket is nothing', text: '[', expected: undefined },
  { name: 'of several documents the first is read', text: 'a: 1\n---\nb: 1\n', expected: { a: 1 } },
  { name: 'an alias without anchor is nothing', text: 'a: *b\n', expected: undefined },
  { name: 'an empty text is null', text: '', expected: null }
]

for (const { name, text, expected } of rows) {
  t.test(name, async (t) => { t.strictSame(parseYaml(text), expected) })
}

t.test('long JSON is read, long YAML is not', async (t) => {
  const long = 'x'.repeat(70_000)
  t.strictSame(parseYaml(JSON.stringify({ long })), { long })
  t.equal(parseYaml(`long: ${long}`), undefined)
})

const costly = [
  { name: 'deep lists', text: '['.repeat(60_000) },
  { name: 'deep maps', text: '{a: '.repeat(16_000) },
  { name: 'many keys', text: 'a:\n'.repeat(20_000) },
  { name: 'many anchors', text: `[${'&a x,'.repeat(10_000)}]` },
  { name: 'many empty lines', text: '\n'.repeat(60_000) },
  {
    name: 'aliases of aliases',
    text: ['a: &a [x,x,x,x,x,x]', 'b: &b [*a,*a,*a,*a,*a,*a]', 'c: &c [*b,*b,*b,*b,*b,*b]', 'd: [*c,*c,*c,*c,*c,*c]'].join('\n')
  }
]

for (const { name, text } of costly) {
  t.test(`${name} are given up`, async (t) => { t.equal(parseYaml(text), undefined) })
}

t.test('one budget is for all texts of an admission, JSON is free', async (t) => {
  const parse = createYamlParser(20)
  t.strictSame(parse('a: 1\n'), { a: 1 })
  t.strictSame(parse('b: 2\n'), { b: 2 })
  t.equal(parse('c: 3\n'.repeat(10)), undefined)
  t.equal(parse('a: 1\n'), undefined, 'the budget is spent')
  t.strictSame(parse('{"a":1}'), { a: 1 })
})

t.test('no text makes it throw, and what JSON reads it reads as JSON', async () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'a:-[]{}&*!|>\'"%@#,? \n\t\\~<'), maxLength: 60 }), (text) => {
    parseYaml(text)
  }), { numRuns: 2_000 })
  fc.assert(fc.property(fc.json(), (text) => { assert.deepEqual(parseYaml(text), JSON.parse(text)) }))
})
