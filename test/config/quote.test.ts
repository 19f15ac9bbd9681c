import fc from 'fast-check'
import t from 'tap'
import { formatPath, nearest, quote } from '../../src/config/quote.ts'

t.test('a quoted text is one printable line of bounded length', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
    const shown = quote(text)
    // eslint-disable-next-line no-control-regex -- control characters are what must not occur
    return !/[\u0000-\u001f\u007f-\u009f\u202e]/.test(shown) && shown.length <= 6 * 81 + 2
  }))
})

t.test('terminal escapes and text direction marks are shown as escapes', async (t) => {
  t.equal(quote('\u001b[31mred'), '"\\u001b[31mred"')
  t.equal(quote('a\u202eb'), '"a\\u202eb"')
  t.equal(quote('\u009b1m'), '"\\u009b1m"')
})

t.test('a path is written as in code', async (t) => {
  t.equal(formatPath([]), 'the file')
  t.equal(formatPath(['credentials', 0, 'name']), 'credentials[0].name')
  t.equal(formatPath(['matchLabels', 'example.com/team']), 'matchLabels["example.com/team"]')
})

t.test('a slip of the fingers finds its word, another word finds none', async (t) => {
  t.equal(nearest('registry', ['registries', 'name']), undefined)
  t.equal(nearest('registrys', ['registries', 'name']), 'registries')
  t.equal(nearest('Namespaces', ['namespaces', 'name']), 'namespaces')
  t.equal(nearest('zzz', ['registries', 'name']), undefined)
  t.equal(nearest('x'.repeat(1000), ['registries']), undefined)
})
