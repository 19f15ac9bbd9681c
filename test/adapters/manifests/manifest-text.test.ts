import t from 'tap'
import { applySplices, readManifestText, type ManifestText } from '../../../src/adapters/manifests/manifest-text.ts'
import { asRecord } from '../../../src/core/kubernetes.ts'

function read (text: string): ManifestText {
  const result = readManifestText(text, 'x.yaml')
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.manifest
}

const valuesOf = (text: string): unknown[] => read(text).documents.map(({ value }) => value)

t.test('YAML is read as Kubernetes reads it: version 1.1, but times stay texts', async (t) => {
  const text = 'a: 0644\nb: yes\nc: 2020-01-01\nd: 12:30\n1: x\ne: [e5, ., 1e3, 1.5, .5, 0x10, v1]\nbase: &b {x: 1}\nf: {<<: *b}\n'
  t.strictSame(valuesOf(text), [
    { a: 0o644, b: true, c: '2020-01-01', d: '12:30', 1: 'x', e: ['e5', '.', 1000, 1.5, 0.5, 16, 'v1'], base: { x: 1 }, f: { x: 1 } }
  ])
})

const formats = [
  { name: 'many YAML documents', text: 'a: 1\n---\nb: 1\n', format: 'yaml', count: 2 },
  { name: 'one JSON object', text: '{"a": 1}', format: 'json', count: 1 },
  { name: 'JSON objects one after another', text: '{"a": 1}\n{"b": 1}\n', format: 'json', count: 2 },
  { name: 'JSON indented by tabs', text: '{\n\t"a": [\n\t\t1\n\t]\n}\n', format: 'json', count: 1 },
  { name: 'YAML in braces', text: '{a: 1}\n', format: 'yaml', count: 1 },
  { name: 'comments only', text: '# nothing\n', format: 'yaml', count: 1 },
  { name: 'an empty text', text: '', format: 'yaml', count: 0 }
]

for (const { name, text, format, count } of formats) {
  t.test(`${name}: ${format}`, async (t) => {
    const manifest = read(text)
    t.equal(manifest.format, format)
    t.ok(manifest.documents.filter(({ value }) => asRecord(value) !== undefined).length <= count)
    t.ok(manifest.documents.length <= Math.max(1, count))
    t.equal(manifest.text, text)
  })
}

const faults = [
  { name: 'a tab as indentation', text: 'a: 1\n---\nb:\n\tc: 1\n', line: 4 },
  { name: 'a key that stands twice', text: 'a: 1\na: 2\n', line: 2 },
  { name: 'a key that stands twice in the second JSON object', text: '{"a": 1}\n{"b": 1,\n "b": 2}\n', line: 3 },
  { name: 'an alias without an anchor', text: 'a: *x\n', line: 1 },
  { name: 'an alias that leads back to itself', text: 'a: &x\n  b: *x\n', line: undefined },
  {
    name: 'aliases that multiply',
    text: `${['a', 'b', 'c', 'd'].map((key, index) => `${key}: &${key} [${index === 0 ? 'x' : Array(9).fill(`*${'abc'[index - 1]}`).join()}]`).join('\n')}\n`,
    line: 2
  },
  { name: 'brackets nested too deeply', text: '['.repeat(20_000), line: 1 }
]

for (const { name, text, line } of faults) {
  t.test(`${name} is a problem with a place`, async (t) => {
    const result = readManifestText(text, 'x.yaml')
    t.equal(result.ok, false)
    if (result.ok) return
    const [problem] = result.problems
    t.equal(problem?.file, 'x.yaml')
    if (line !== undefined && name !== 'brackets nested too deeply') t.equal(problem?.line, line)
  })
}

t.test('no problem quotes the text, which may hold a secret', async (t) => {
  const result = readManifestText('password: "hunter2\nother: [\n', 'x.yaml')
  t.equal(result.ok, false)
  t.notMatch(JSON.stringify(result), 'hunter2')
})

t.test('splices are made from front to back, whatever their order', async (t) => {
  const splices = [{ at: 3, remove: 1, insert: 'X' }, { at: 0, remove: 0, insert: '<' }, { at: 5, remove: 0, insert: '>' }]
  t.equal(applySplices('abcde', splices), '<abcXe>')
  t.equal(applySplices('abc', []), 'abc')
})

t.test('edits in several documents leave what is between them', async (t) => {
  const text = '# one\nspec: {a: 1}\n--- # two\nspec:\n  a: 1\n...\n# three\n---\nspec: {a: 1}'
  const { documents } = read(text)
  const edits = documents.flatMap((document) => document.edit([{ path: ['spec', 'list'], names: ['m'], list: 'absent' }]).splices)
  t.equal(
    applySplices(text, edits),
    '# one\nspec: {list: [{name: m}], a: 1}\n--- # two\nspec:\n  list:\n    - name: m\n  a: 1\n...\n# three\n---\nspec: {list: [{name: m}], a: 1}'
  )
})

t.test('edits in JSON objects one after another are JSON again', async (t) => {
  const text = '{"spec":{"a":1}}\n{"spec":{"list":[]}}\n'
  const [first, second] = read(text).documents
  const splices = [
    ...first?.edit([{ path: ['spec', 'list'], names: ['n', 'o'], list: 'absent' }]).splices ?? [],
    ...second?.edit([{ path: ['spec', 'list'], names: ['n'], list: 'present' }]).splices ?? []
  ]
  t.equal(applySplices(text, splices), '{"spec":{"list": [{"name": "n"}, {"name": "o"}], "a":1}}\n{"spec":{"list":[{"name": "n"}]}}\n')
  t.equal(read(applySplices(text, splices)).format, 'json')
})
