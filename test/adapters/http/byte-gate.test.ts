import fc from 'fast-check'
import t from 'tap'
import { createByteGate, type GatePlace } from '../../../src/adapters/http/byte-gate.ts'

const limits = { inFlightBytes: 100, smallInFlightBytes: 20, smallBodyBytes: 10 }

t.test('large bodies wait in the order in which they came', async (t) => {
  const gate = createByteGate(limits)
  const started: string[] = []
  const first = gate.enter(50, () => { started.push('first') })
  gate.enter(40, () => { started.push('second') })
  gate.enter(11, () => { started.push('third') })
  t.strictSame(started, ['first'])
  t.equal(gate.waiting(), 2)
  first.leave()
  first.leave()
  t.strictSame(started, ['first', 'second', 'third'])
  t.equal(gate.inFlightBytes(), 51)
})

t.test('small bodies do not wait behind large ones', async (t) => {
  const gate = createByteGate(limits)
  const started: string[] = []
  gate.enter(80, () => { started.push('large') })
  gate.enter(60, () => { started.push('waits') })
  gate.enter(10, () => { started.push('small') })
  t.strictSame(started, ['large', 'small'])
})

t.test('one that gives up makes way for those behind it', async (t) => {
  const gate = createByteGate(limits)
  const started: string[] = []
  gate.enter(50, () => {})
  const waits = gate.enter(60, () => { started.push('waits') })
  gate.enter(30, () => { started.push('behind') })
  t.strictSame(started, [])
  waits.leave()
  t.strictSame(started, ['behind'])
})

t.test('a body above the whole bound goes alone instead of waiting for ever', async (t) => {
  const gate = createByteGate(limits)
  let started = false
  gate.enter(500, () => { started = true })
  t.ok(started)
})

t.test('whatever comes and goes, the bound holds, everything starts once and everything is given back', async () => {
  const step = fc.record({ bytes: fc.integer({ min: 1, max: 80 }), leaves: fc.nat(5) })
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const gate = createByteGate(limits)
    const inside: GatePlace[] = []
    let starts = 0
    const enter = (place: GatePlace): void => {
      starts += 1
      inside.push(place)
    }
    for (const { bytes, leaves } of steps) {
      gate.enter(bytes, enter)
      for (let count = 0; count < leaves; count += 1) inside.shift()?.leave()
      if (gate.inFlightBytes() > limits.inFlightBytes) return false
    }
    while (inside.length > 0) inside.shift()?.leave()
    return starts === steps.length && gate.inFlightBytes() === 0 && gate.waiting() === 0
  }))
})
