import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { formatTable, printable } from '../../src/cli/table.ts'

t.test('columns stand three spaces apart, without padding at the end', async (t) => {
  t.equal(formatTable(['NAME', 'KEY'], [['a', 'quay.io'], ['longer-name', '']], false),
    'NAME          KEY\na             quay.io\nlonger-name   -\n')
})

t.test('no row leaves the headings', async (t) => {
  t.equal(formatTable(['A', 'B'], [], false), 'A   B\n')
})

t.test('characters outside the basic plane count once', async (t) => {
  t.equal(formatTable(['A', 'B'], [['😀', 'x'], ['ab', 'y']], false), 'A    B\n😀    x\nab   y\n')
})

t.test('colours change nothing but the colours', async (t) => {
  const rows = [[{ text: 'a', style: 'red' }, 'b'], ['longer', { text: '', style: 'green' }]] as const
  const coloured = formatTable(['X', 'Y'], rows, true)
  t.not(coloured, formatTable(['X', 'Y'], rows, false))
  t.equal(stripVTControlCharacters(coloured), formatTable(['X', 'Y'], rows, false))
})

const hostile = [
  { name: 'an escape sequence', text: '\u001b[2Jx', shown: '\\u001b[2Jx' },
  { name: 'a line break', text: 'a\nb', shown: '\\u000ab', from: 1 },
  { name: 'a C1 control', text: '\u009bx', shown: '\\u009bx' },
  { name: 'a right-to-left override', text: '\u202ex', shown: '\\u202ex' }
]

for (const { name, text, shown } of hostile) {
  t.test(`${name} is written out`, async (t) => {
    t.ok(printable(text).endsWith(shown))
    t.notOk(formatTable(['A'], [[text]], true).includes(text))
  })
}
