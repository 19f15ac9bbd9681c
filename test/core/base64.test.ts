import t from 'tap'
import fc from 'fast-check'
import { decodeBase64 } from '../../src/core/base64.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Bit by bit, as RFC 4648 describes it. */
function decodeModel (text: string, padded: boolean): number[] | undefined {
  const characters = [...text].filter((character) => character !== '\r' && character !== '\n')
  if (padded) {
    if (characters.length % 4 !== 0) return undefined
    for (let at = 0; at < 2 && characters.at(-1) === '='; at += 1) characters.pop()
  }
  const values = characters.map((character) => alphabet.indexOf(character))
  if (values.includes(-1) || values.length % 4 === 1) return undefined
  const bits = values.flatMap((value) => [5, 4, 3, 2, 1, 0].map((bit) => (value >> bit) & 1))
  return Array.from({ length: Math.floor(bits.length / 8) }, (_, byte) =>
    bits.slice(byte * 8, byte * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0))
}

const rows = [
  { name: 'padded', text: 'Zm9vOmJhcg==', padding: 'required', bytes: 'foo:bar' },
  { name: 'one padding character', text: 'Zm9vOmI=', padding: 'required', bytes: 'foo:b' },
  { name: 'no padding needed', text: 'Zm9v', padding: 'required', bytes: 'foo' },
  { name: 'padding missing', text: 'Zm9vOmJhcg', padding: 'required', bytes: undefined },
  { name: 'padding half there', text: 'Zm9vOmJhcg=', padding: 'required', bytes: undefined },
  { name: 'padding too long', text: 'Z===', padding: 'required', bytes: undefined },
  { name: 'padding alone', text: '====', padding: 'required', bytes: undefined },
  { name: 'line ends anywhere', text: 'Zm9v\r\nOmJhcg=\n=', padding: 'required', bytes: 'foo:bar' },
  { name: 'bits behind the last byte', text: 'Zm9vOmJhch==', padding: 'required', bytes: 'foo:bar' },
  { name: 'unpadded', text: 'Zm9vOmJhcg', padding: 'forbidden', bytes: 'foo:bar' },
  { name: 'padding that is forbidden', text: 'Zm9vOmJhcg==', padding: 'forbidden', bytes: undefined },
  { name: 'one character alone', text: 'Zm9vO', padding: 'forbidden', bytes: undefined },
  { name: 'a space', text: 'Zm9v OmJhcg', padding: 'forbidden', bytes: undefined },
  { name: 'the URL alphabet', text: 'Oj4_', padding: 'forbidden', bytes: undefined },
  { name: 'nothing', text: '', padding: 'forbidden', bytes: '' }
] as const

for (const { name, text, padding, bytes } of rows) {
  t.test(`base64, ${padding} padding: ${name}`, async (t) => {
    const decoded = decodeBase64(text, padding)
    t.equal(decoded === undefined ? undefined : Buffer.from(decoded).toString(), bytes)
  })
}

t.test('exactly what a strict decoder accepts is accepted, with the same bytes', async () => {
  const digits = fc.constantFrom(...'AZaz09+/-_ =\r\n')
  const text = fc.string({ unit: fc.oneof(fc.constantFrom(...'Zm9vOmJh'), digits), maxLength: 14 })
  fc.assert(fc.property(text, fc.boolean(), (text, padded) => {
    const decoded = decodeBase64(text, padded ? 'required' : 'forbidden')
    const model = decodeModel(text, padded)
    return JSON.stringify(decoded === undefined ? undefined : [...decoded]) === JSON.stringify(model)
  }), { numRuns: 5000 })
})

t.test('any bytes come back', async () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    const text = Buffer.from(bytes).toString('base64')
    return Buffer.from(bytes).equals(decodeBase64(text, 'required') ?? Buffer.from('!')) &&
      Buffer.from(bytes).equals(decodeBase64(text.replace(/=+$/, ''), 'forbidden') ?? Buffer.from('!'))
  }), { numRuns: 300 })
})
