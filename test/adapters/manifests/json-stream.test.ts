import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { splitJsonStream } from '../../../src/adapters/manifests/json-stream.ts'

const piecesOf = (text: string) => splitJsonStream(text)?.map(({ start, end }) => text.slice(start, end))

const rows = [
  { name: 'one object', text: ' {"a": 1}\n', expected: ['{"a": 1}'] },
  { name: 'objects one after another', text: '{"a": 1}\n{"b": [{}]}{}', expected: ['{"a": 1}', '{"b": [{}]}', '{}'] },
  { name: 'brackets and escapes inside texts do not count', text: '{"a": "}]\\"{\\\\"}', expected: ['{"a": "}]\\"{\\\\"}'] },
  { name: 'an empty text is no JSON', text: '\n', expected: undefined },
  { name: 'a number is no object', text: '1', expected: undefined },
  { name: 'YAML is no JSON', text: 'a: 1\n', expected: undefined },
  { name: 'YAML in braces is no JSON', text: '{a: 1}\n', expected: undefined },
  { name: 'JSON and then YAML is no JSON', text: '{"a": 1}\n---\nb: 1\n', expected: undefined },
  { name: 'an object that does not end is no JSON', text: '{"a": [', expected: undefined }
]

for (const { name, text, expected } of rows) {
  t.test(name, async (t) => { t.strictSame(piecesOf(text), expected) })
}

t.test('what was written one after another is found again', async () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue())
  const gaps = fc.constantFrom('', '\n', ' \r\n')
  fc.assert(fc.property(fc.array(object, { minLength: 1 }), gaps, fc.constantFrom(0, 2), (objects, gap, indent) => {
    const texts = objects.map((value) => JSON.stringify(value, null, indent))
    assert.deepEqual(piecesOf(texts.join(gap)), texts)
  }))
})
