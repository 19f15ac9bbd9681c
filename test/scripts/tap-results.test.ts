import t from 'tap'
import { TapReader, closingLine, countTests, faultsOf } from '../../scripts/tap-results.ts'
import type { TapNode } from '../../scripts/tap-results.ts'

function read (text: string): readonly TapNode[] {
  const reader = new TapReader()
  return text.split('\n').map((line) => reader.push(line)).filter((node) => node !== undefined)
}

const rows = [
  {
    name: 'a file of plain assertions is one test',
    tap: ['# Subtest: a.test.ts', '    ok 1 - x', '    ok 2 - y', '    1..2', 'ok 1 - a.test.ts # time=1.5ms'],
    line: '1 passed, 0 failed'
  },
  {
    name: 'blocks are counted, the blocks around them are not',
    tap: [
      '# Subtest: a.test.ts', '    # Subtest: outer', '        # Subtest: one', '            ok 1 - x',
      '        ok 1 - one', '        # Subtest: two', '            ok 1 - x', '        ok 2 - two', '    ok 1 - outer',
      'ok 1 - a.test.ts'
    ],
    line: '2 passed, 0 failed'
  },
  {
    name: 'a failed assertion fails its block only',
    tap: [
      '# Subtest: a.test.ts', '    # Subtest: one', '        not ok 1 - x', '    not ok 1 - one', '    # Subtest: two',
      '        ok 1 - x', '    ok 2 - two', 'not ok 1 - a.test.ts'
    ],
    line: '1 passed, 1 failed',
    failed: ['a.test.ts > one']
  },
  {
    name: 'a file that broke before its first test is a failure',
    tap: ['not ok 1 - a.test.ts # time=3ms', '  ---', '  exitCode: 1', '  ...'],
    line: '0 passed, 1 failed',
    failed: ['a.test.ts']
  },
  {
    name: 'a file that failed after its tests passed is a failure beside them',
    tap: ['# Subtest: a.test.ts', '    # Subtest: one', '        ok 1 - x', '    ok 1 - one', 'not ok 1 - a.test.ts'],
    line: '1 passed, 1 failed',
    failed: ['a.test.ts']
  },
  {
    name: 'a skip keeps its reason, a todo counts as skipped',
    tap: [
      '# Subtest: a.test.ts', '    ok 1 - oracle # SKIP go is missing: apt-get install golang',
      '    not ok 2 - later # TODO', 'ok 1 - a.test.ts'
    ],
    line: '0 passed, 0 failed, 2 skipped',
    skipped: [
      { name: 'a.test.ts > oracle', reason: 'go is missing: apt-get install golang' },
      { name: 'a.test.ts > later', reason: '' }
    ]
  },
  {
    name: 'a skipped file is one skip',
    tap: ['# Subtest: a.test.ts', '    1..0 # no go', 'ok 1 - a.test.ts # SKIP no go'],
    line: '0 passed, 0 failed, 1 skipped',
    skipped: [{ name: 'a.test.ts', reason: 'no go' }]
  },
  {
    name: 'what a diagnostic quotes is not a result',
    tap: [
      '# Subtest: a.test.ts', '    not ok 1 - x', '      ---', '      found: |', '    ok 2 - quoted', '      ...',
      'not ok 1 - a.test.ts'
    ],
    line: '0 passed, 1 failed',
    failed: ['a.test.ts']
  },
  {
    name: 'an escaped hash in a name is no directive',
    tap: ['# Subtest: a.test.ts', '    # Subtest: in \\# SKIP list', '        ok 1 - x', '    not ok 1 - in \\# SKIP list',
      'not ok 1 - a.test.ts'],
    line: '0 passed, 1 failed',
    failed: ['a.test.ts > in # SKIP list']
  },
  { name: 'a passing block without an assertion is a test', tap: ['# Subtest: a', '    1..0', 'ok 1 - a'], line: '1 passed, 0 failed' }
]

for (const row of rows) {
  t.test(row.name, async (t) => {
    const totals = countTests(read(row.tap.join('\n')))
    t.equal(closingLine(totals), row.line)
    t.same(totals.failed, row.failed ?? [])
    t.same(totals.skipped, row.skipped ?? [])
  })
}

t.test('two files are read one after the other', async (t) => {
  const files = read(['# Subtest: a', '    ok 1 - x', 'ok 1 - a', '', '# Subtest: b', '    not ok 1 - x', 'not ok 2 - b'].join('\n'))
  t.same(files.map((file) => [file.name, file.ok, file.children.length]), [['a', true, 1], ['b', false, 1]])
})

const passing = { passed: 3, failed: [], skipped: [] }
const skipping = { passed: 3, failed: [], skipped: [{ name: 'oracle', reason: 'go is missing' }] }
const ends = [
  { name: 'a clean run has no fault', end: { totals: passing, exitCode: 0, skipsAllowed: false }, fault: undefined },
  { name: 'a skip is no fault on a machine', end: { totals: skipping, exitCode: 0, skipsAllowed: true }, fault: undefined },
  { name: 'a skip is a fault in CI', end: { totals: skipping, exitCode: 0, skipsAllowed: false }, fault: /nothing may be skipped/ },
  { name: 'tap ending badly is a fault', end: { totals: passing, exitCode: 1, skipsAllowed: true }, fault: /tap ended with 1/ },
  { name: 'a signal is a fault', end: { totals: passing, exitCode: null, skipsAllowed: true }, fault: /a signal/ },
  { name: 'no test at all is a fault', end: { totals: { ...passing, passed: 0 }, exitCode: 0, skipsAllowed: true }, fault: /no test/ },
  { name: 'each failed test is named', end: { totals: { ...passing, failed: ['a > b'] }, exitCode: 1, skipsAllowed: true }, fault: /^failed: a > b$/ }
]

for (const { name, end, fault } of ends) {
  t.test(name, async (t) => {
    const faults = faultsOf(end)
    t.equal(faults.length, fault === undefined ? 0 : 1)
    if (fault !== undefined) t.match(faults[0], fault)
  })
}
