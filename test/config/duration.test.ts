import fc from 'fast-check'
import t from 'tap'
import { formatDuration, parseDuration } from '../../src/config/duration.ts'

const good = [
  { text: '2s', seconds: 2 },
  { text: '10m', seconds: 600 },
  { text: '24h', seconds: 86_400 },
  { text: '1h30m', seconds: 5_400 },
  { text: '500ms', seconds: 0.5 },
  { text: '1h1m1s1ms', seconds: 3_661.001 },
  { text: '0s', seconds: 0 }
]

for (const { text, seconds } of good) {
  t.equal(parseDuration(text), seconds, `${text} is ${seconds} seconds`)
}

for (const text of ['', '2', 's', '2 s', '1s1m', '-1s', '1.5h', '2S', '1d', '2s ', '9999999s', '1m1m']) {
  t.equal(parseDuration(text), undefined, `${JSON.stringify(text)} is no duration`)
}

t.test('a formatted duration reads as itself', async (t) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 3_600_000_000 }), (ms) => {
    return parseDuration(formatDuration(ms / 1000)) === ms / 1000
  }))
  t.equal(formatDuration(90), '1m30s')
  t.equal(formatDuration(0), '0s')
})

t.test('no text makes parsing throw', async () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const seconds = parseDuration(text)
    return seconds === undefined || seconds >= 0
  }))
})
