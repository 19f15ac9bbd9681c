import assert from 'node:assert/strict'
import { applyPatch, parsePatch } from 'diff'
import fc from 'fast-check'
import t from 'tap'
import { cutPieces, formatPieces } from '../../../src/adapters/manifests/diff-pieces.ts'
import { applySplices } from '../../../src/adapters/manifests/manifest-text.ts'

const patched = (text: string, diff: string): string | false => {
  const [patch] = parsePatch(diff)
  return patch === undefined ? text : applyPatch(text, patch, { fuzzFactor: 0, autoConvertLineEndings: false })
}

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('')

t.test('a line put in is a hunk with three lines around it', async (t) => {
  const text = lines(10)
  const diff = formatPieces('x.yaml', cutPieces(text, [{ at: text.indexOf('line 5'), remove: 0, insert: 'new\n' }]))
  t.equal(diff, '--- x.yaml\n+++ x.yaml\n@@ -2,6 +2,7 @@\n line 2\n line 3\n line 4\n+new\n line 5\n line 6\n line 7\n')
})

t.test('the same text has no diff', async (t) => {
  t.equal(formatPieces('x.yaml', cutPieces(lines(3), [])), '')
  t.equal(formatPieces('x.yaml', []), '')
})

t.test('the diff of any splices leads from the one text to the other', async () => {
  const text = fc.array(fc.constantFrom('a\n', 'b\n', '\n', 'c\r\n', 'd'), { maxLength: 60 }).map((parts) => parts.join(''))
  const splice = fc.record({ at: fc.nat(120), remove: fc.constantFrom(0, 0, 1, 4), insert: fc.constantFrom('x', 'new\n', 'a\nb\n', '\nnew') })
  fc.assert(fc.property(text, fc.array(splice, { maxLength: 6 }), (text, drawn) => {
    let end = 0
    const splices = drawn.toSorted((a, b) => a.at - b.at).flatMap((splice) => {
      if (splice.at < end || splice.at + splice.remove > text.length) return []
      end = splice.at + splice.remove
      return [splice]
    })
    const pieces = cutPieces(text, splices)
    const after = applySplices(text, splices)
    assert.equal(pieces.map(({ before }) => before).join(''), text)
    assert.equal(pieces.map((piece) => piece.after).join(''), after)
    assert.equal(patched(text, formatPieces('x', pieces)), after)
  }), { numRuns: 2_000 })
})
