import t from 'tap'
import fc from 'fast-check'
import { foldName, isDeeperThan, kindOf, membersOf, parseGoJson, stringOf } from '../../src/core/go-json.ts'
import type { JsonNode } from '../../src/core/go-json.ts'

function parse (text: string): JsonNode | undefined {
  return parseGoJson(Buffer.from(text))
}

/** A node as a value; numbers and lists as JSON.parse gives them, since nothing takes those apart. */
function valueOf (node: JsonNode): unknown {
  const kind = kindOf(node)
  if (kind === 'object') return Object.fromEntries(membersOf(node).map(({ name, value }) => [name, valueOf(value)]))
  return kind === 'string' ? stringOf(node) : JSON.parse(node.text.slice(node.start, node.end))
}

function members (text: string): unknown {
  const node = parse(text)
  return node === undefined ? undefined : membersOf(node).map(({ name, value }) => [name, valueOf(value)])
}

const kinds = [
  ['{}', 'object'], ['[1]', 'array'], ['"a"', 'string'], ['-1', 'number'], ['0', 'number'], ['1e9', 'number'],
  ['true', 'boolean'], ['false', 'boolean'], ['null', 'null'], [' \n\t\r{} ', 'object']
] as const

t.test('a document of each kind', async (t) => {
  for (const [text, kind] of kinds) {
    const node = parse(text)
    t.equal(node && kindOf(node), kind, text)
  }
})

t.test('what Go refuses is refused', async (t) => {
  for (const text of ['', ' ', '\uFEFF{}', '{}x', '{"a":1,}', "{'a':1}", '{a:1}', '01', 'NaN', '{} {}', '"\n"']) {
    t.equal(parse(text), undefined, JSON.stringify(text))
  }
})

t.test('duplicates stand in the order written', async (t) => {
  t.strictSame(members('{"a":1,"b":{"a":[2]},"a":"3"}'), [['a', 1], ['b', { a: [2] }], ['a', '3']])
})

t.test('white space, escapes and brackets inside of strings do not mislead', async (t) => {
  t.strictSame(members(' { "a\\"}" : "]\\\\" ,\n"b" :\t[ "}" , {"c":"["} ] , "c":-0.5e1 , "d":null } '),
    [['a"}', ']\\'], ['b', ['}', { c: '[' }]], ['c', -5], ['d', null]])
})

t.test('lone surrogates and bytes that are no UTF-8 read as the replacement character', async (t) => {
  t.strictSame(members('{"\\ud800":"\\udfff!"}'), [['\uFFFD', '\uFFFD!']])
  const read = (bytes: readonly number[]): string | undefined => {
    const node = parseGoJson(Buffer.from([0x22, ...Buffer.from('aé€\u{1F600}'), ...bytes, 0x22]))
    return node && stringOf(node)
  }
  t.equal(read([]), 'aé€\u{1F600}')
  t.equal(read([0xff]), 'aé€\u{1F600}\uFFFD')
  // Go replaces each byte of a cut sequence, TextDecoder all of them by one character.
  t.equal(read([0xe2, 0x82, 0x41]), 'aé€\u{1F600}\uFFFD\uFFFDA')
})

t.test('names fold as Go folds them: ASCII letters, the long s and the Kelvin sign', async (t) => {
  t.equal(foldName('AUTH\u017F'), 'auths')
  t.equal(foldName('\u212Aey'), 'key')
  t.equal(foldName('Ä'), 'Ä')
})

t.test('a document deeper than 10,000 is refused, one of that depth is not', async (t) => {
  t.equal(parse('['.repeat(10_001) + ']'.repeat(10_001)), undefined)
  t.ok(parse('['.repeat(10_000) + ']'.repeat(10_000)))
  t.ok(parse(JSON.stringify({ long: '['.repeat(20_000) })), 'brackets inside of a string are no depth')
})

t.test('depth counts open brackets outside of strings', async (t) => {
  t.equal(isDeeperThan('[[]]', 1), true)
  t.equal(isDeeperThan('[[]]', 2), false)
  t.equal(isDeeperThan('[{},{},"[[["]', 2), false)
})

t.test('every document without duplicates reads as JSON.parse reads it', async () => {
  const document = fc.json().map((text) => JSON.stringify(JSON.parse(text), null, 1))
  fc.assert(fc.property(document, (text) => {
    const node = parse(text)
    // A member called __proto__ is an own one here and there.
    return node !== undefined && JSON.stringify(valueOf(node)) === JSON.stringify(JSON.parse(text), wellFormed)
  }), { numRuns: 1000 })
})

function wellFormed (_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value
}
