import fc from 'fast-check'
import t from 'tap'
import { isNestedDeeper, parseJsonBody } from '../../../src/adapters/http/body.ts'

t.test('every JSON text reads as JSON.parse reads it', async () => {
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => {
    const parsed = parseJsonBody(Buffer.from(text), 100)
    return parsed.ok && JSON.stringify(parsed.value) === JSON.stringify(JSON.parse(text))
  }))
})

t.test('no bytes make the parser throw', async () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, levels) => {
    const parsed = parseJsonBody(Buffer.from(bytes), levels)
    return parsed.ok || parsed.code.startsWith('body_')
  }), { numRuns: 500 })
})

t.test('the depth is that of a recursive count', async () => {
  const depth = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 12, noUnicodeString: false }), fc.nat(8), (value, levels) =>
    isNestedDeeper(Buffer.from(JSON.stringify(value)), levels) === (depth(value) > levels)))
})

t.test('three million levels are refused quickly', async (t) => {
  const startedAt = performance.now()
  t.strictSame(parseJsonBody(Buffer.alloc(3_000_000, '['), 10_000), { ok: false, code: 'body_too_deep' })
  t.ok(performance.now() - startedAt < 1000)
})
