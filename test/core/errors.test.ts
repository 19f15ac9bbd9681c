import t from 'tap'
import { PullpassError, errorKinds, exitCodes, formatProblem } from '../../src/core/errors.ts'

t.test('an error carries code, exit code, cause and problems', async (t) => {
  const cause = new Error('inner')
  const problems = [{ file: 'a.yaml', line: 1, message: 'wrong' }]
  const error = new PullpassError('config_invalid', 'reading a.yaml: wrong', { cause, problems })
  t.match(error, { name: 'PullpassError', code: 'config_invalid', message: 'reading a.yaml: wrong', cause, problems })
  t.equal(error.exitCode, exitCodes.usage)
})

t.test('without details there is no cause and no problem', async (t) => {
  const error = new PullpassError('internal', 'broken')
  t.notOk('cause' in error)
  t.strictSame(error.problems, [])
  t.equal(error.exitCode, exitCodes.internal)
})

t.test('every code has a meaning and an exit code that design §8 knows', async (t) => {
  const known: readonly number[] = Object.values(exitCodes)
  for (const [code, kind] of Object.entries(errorKinds)) {
    t.match(code, /^[a-z_]+$/)
    t.match(kind.meaning, /[^.]$/, code)
    t.ok(known.includes(kind.exitCode), code)
  }
})

t.test('a problem is written as editors link it', async (t) => {
  t.equal(formatProblem({ file: 'a.yaml', line: 3, column: 5, message: 'wrong' }), 'a.yaml:3:5: wrong')
  t.equal(formatProblem({ file: 'a.yaml', message: 'wrong' }), 'a.yaml: wrong')
})
