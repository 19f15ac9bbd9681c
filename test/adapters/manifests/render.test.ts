import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { joinTexts, renderObject } from '../../../src/adapters/manifests/render.ts'

t.test('JSON is printed pretty', async (t) => {
  t.equal(renderObject({ a: 1 }, 'json'), '{\n  "a": 1\n}\n')
})

t.test('YAML holds the same texts for readers of YAML 1.1, and folds no line', async (t) => {
  const objects = [{ a: 'on', b: '0644', c: 'y', d: '1e3', e: 'null', f: 'x'.repeat(200) }, { long: 'a b '.repeat(60) }]
  const text = objects.map((object) => renderObject(object, 'yaml')).join('---\n')
  t.strictSame(parseAllDocuments(text, { version: '1.1' }).map((document): unknown => document.toJS()), objects)
  t.equal(text.split('\n').length, 9, 'no line is folded')
})

const rows = [
  { name: 'nothing', texts: [], expected: '' },
  { name: 'one text stays as it is', texts: ['a: 1'], expected: 'a: 1' },
  { name: 'two texts get a marker between them', texts: ['a: 1', 'b: 1\n'], expected: 'a: 1\n---\nb: 1\n' },
  { name: 'a marker that is there is enough', texts: ['a: 1\n', '# c\n\n---\nb: 1\n'], expected: 'a: 1\n# c\n\n---\nb: 1\n' },
  { name: 'a directive needs an end above it', texts: ['a: 1\n', '%YAML 1.2\n---\nb: 1\n'], expected: 'a: 1\n...\n%YAML 1.2\n---\nb: 1\n' },
  { name: 'empty texts are left out', texts: ['\n', 'a: 1\n', ''], expected: 'a: 1\n' }
]

for (const { name, texts, expected } of rows) {
  t.test(name, async (t) => { t.equal(joinTexts(texts, 'yaml'), expected) })
}

t.test('JSON needs no marker', async (t) => {
  t.equal(joinTexts(['{}', '[]\n'], 'json'), '{}\n[]\n')
})
