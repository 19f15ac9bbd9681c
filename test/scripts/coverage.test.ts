import t from 'tap'
import { holdsCode } from '../../scripts/coverage.ts'
import { lineRanges, measureFile, missedBars, percentOf, unloadedFile } from '../../scripts/coverage-report.ts'

const range = (line: number) => ({ start: { line }, end: { line } })

const half = {
  statementMap: { 0: range(1), 1: range(2) },
  s: { 0: 3, 1: 0 },
  fnMap: { 0: { loc: range(1) }, 1: { loc: range(5) } },
  f: { 0: 1, 1: 0 },
  branchMap: { 0: { loc: range(7) } },
  b: { 0: [1, 0] }
}

t.test('a file is measured by lines, functions and branches, with the places that were missed', async (t) => {
  t.same(measureFile('src/core/a.ts', half), {
    path: 'src/core/a.ts',
    lines: { total: 2, covered: 1 },
    functions: { total: 2, covered: 1 },
    branches: { total: 2, covered: 1 },
    uncovered: [2, 5, 7]
  })
})

t.test('a file that no test loads counts as nothing covered', async (t) => {
  const file = unloadedFile('src/core/a.ts', 12)
  t.equal(percentOf(file.lines), 0)
  t.equal(lineRanges(file.uncovered), '1-12')
  t.equal(missedBars([file]).length, 3, 'lines, functions and branches of the core')
})

t.test('one branch missed in the core is too much, outside nine lines in ten are enough', async (t) => {
  const whole = { total: 10, covered: 10 }
  const most = { total: 10, covered: 9 }
  const few = { total: 10, covered: 8 }
  const base = { path: 'src/core/a.ts', lines: whole, functions: whole, branches: whole, uncovered: [] }
  t.same(missedBars([base]), [])
  t.match(missedBars([{ ...base, branches: most }]), [/^src\/core and src\/kinds: 90 % of branches .* 100 % needed$/])
  t.same(missedBars([base, { ...base, path: 'src/cli/a.ts', lines: most, branches: few }]), [])
  t.match(missedBars([base, { ...base, path: 'src/cli/a.ts', lines: few }]), [/the rest of src: 80 % of lines/])
})

t.test('a percentage is rounded down, so that 100 means all', async (t) => {
  t.equal(percentOf({ total: 100_000, covered: 99_999 }), 99.99)
  t.equal(percentOf({ total: 0, covered: 0 }), 100)
})

const sources = [
  { name: 'types alone are no code', source: "import type { A } from './a.ts'\n/** x */\nexport interface B extends A { b: 1 }\n", code: false },
  { name: 'a function is code', source: 'export function f (): void {}\n', code: true },
  { name: 'a constant is code', source: 'export const a = 1\n', code: true },
  { name: 'an import for its effect is code', source: "import './a.ts'\n", code: true }
]

for (const { name, source, code } of sources) {
  t.test(name, async (t) => { t.equal(holdsCode(source), code) })
}

t.test('lines that follow each other are shown as a range', async (t) => {
  t.equal(lineRanges([1, 2, 3, 7, 9, 10]), '1-3, 7, 9-10')
  t.equal(lineRanges([]), '')
})
