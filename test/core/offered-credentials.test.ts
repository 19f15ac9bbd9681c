import t from 'tap'
import { compileOffered } from '../../src/core/offered-credentials.ts'
import { makeCoverage, makeRule } from '../helpers/builders.ts'

const rules = [makeRule('b', { companions: ['missing', 'a', 'planless'] }), makeRule('a'), makeRule('planless')]

t.test('what has a planned copy is offered, with the companions that are offered themselves', async (t) => {
  const offered = compileOffered({ offered: rules, unknown: [] }, makeCoverage({ a: ['quay.io'], b: [], other: ['quay.io'] }))
  t.strictSame(offered.names, ['b', 'a'])
  t.strictSame([...offered.companions], [['b', ['a']], ['a', []]])
  t.equal(offered.pending, true)
  t.equal(offered.unknown, false)
  t.strictSame(offered.keyring.candidates('quay.io/x').direct.map(({ secret }) => secret), ['a'])
})

t.test('companions stand in configured order, not in the order named', async (t) => {
  const rules = [makeRule('x', { companions: ['z', 'y'] }), makeRule('y'), makeRule('z')]
  const offered = compileOffered({ offered: rules, unknown: [] }, makeCoverage({ x: [], y: [], z: [] }))
  t.strictSame(offered.companions.get('x'), ['y', 'z'])
  t.equal(offered.pending, false)
})

t.test('a credential that waits for labels makes the offer uncertain', async (t) => {
  const offered = compileOffered({ offered: [], unknown: rules }, new Map())
  t.strictSame([offered.names, offered.pending, offered.unknown], [[], false, true])
})

t.test('a key that the kubelet cannot parse is passed over', async (t) => {
  const offered = compileOffered({ offered: [makeRule('a')], unknown: [] }, makeCoverage({ a: ['q%zz.io', 'quay.io'] }))
  t.strictSame(offered.keyring.candidates('quay.io/x').direct.map(({ key }) => key), ['quay.io'])
})
