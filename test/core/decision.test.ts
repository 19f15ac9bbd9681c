import t from 'tap'
import { addedNames, skip } from '../../src/core/decision.ts'
import { reasons } from '../../src/core/reasons.ts'

t.test('a skip adds nothing and keeps what was left out', async (t) => {
  t.strictSame(skip('no_images'), { action: 'skip', reason: 'no_images', leftOut: [] })
  const leftOut = [{ name: 'a', reason: 'partial_segment', image: 'quay.io/ab' }] as const
  t.strictSame(skip('partial_segment', leftOut).leftOut, leftOut)
  t.strictSame(addedNames(skip('no_match')), [])
})

t.test('inherited names stand before additions', async (t) => {
  const additions = [{ name: 'x', images: [] }, { name: 'y', images: [] }]
  t.strictSame(addedNames({ action: 'inject', reason: 'images_covered', additions, inherited: ['b', 'a'], leftOut: [] }), ['b', 'a', 'x', 'y'])
})

t.test('every reason is a metric label with a sentence of one line', async (t) => {
  for (const [code, sentence] of Object.entries(reasons)) {
    t.match(code, /^[a-z]+(_[a-z]+)*$/)
    t.match(sentence, /^[^\n]+[^.\n]$/, code)
  }
})
