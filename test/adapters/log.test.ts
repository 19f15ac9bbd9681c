import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createLog, describeError, openLogStream } from '../../src/adapters/log.ts'

function capture () {
  const lines: string[] = []
  const log = createLog({ level: 'info', version: '1.2.3', destination: { write: (line: string) => { lines.push(line) } } })
  return { log, text: () => lines.join(''), line: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> }
}

t.test('a line has the level by name, the time in ISO 8601 and the base fields', async (t) => {
  const { log, line, text } = capture()
  log.child({ component: 'x' }).info({ namespace: 'team-a' }, 'made')
  t.match(line(), { level: 'info', app: 'pullpass', version: '1.2.3', component: 'x', namespace: 'team-a', msg: 'made' })
  const written = line()['time']
  t.equal(written, new Date(String(written)).toISOString())
  t.ok(Math.abs(Date.parse(String(written)) - Date.now()) < 10_000)
  log.debug('not at this level')
  t.equal(text().split('\n').length, 2)
})

t.test('an error is cut down to name, code, first line, frames and cause', async (t) => {
  const { log, line, text } = capture()
  const cause = Object.assign(new Error('HTTP-Code: 403\nBody: canary'), { code: 403, body: 'canary', headers: { a: 'canary' } })
  log.error({ err: new TypeError('reading x', { cause }) }, 'failed')
  t.match(line()['err'], { name: 'TypeError', message: 'reading x', stack: /^ {4}at /, cause: { code: '403', message: 'HTTP-Code: 403' } })
  t.notMatch(text(), /canary/)
})

t.test('the text of a syntax error and of what is no error is left out', async (t) => {
  t.throws(() => { JSON.parse('{"canary') }, SyntaxError)
  t.notMatch(JSON.stringify(describeError(new SyntaxError('"canary" is not valid JSON'))), /canary/)
  t.strictSame(describeError('canary'), { name: 'string', message: 'not an error object; its text is left out' })
})

t.test('causes that go round end', async (t) => {
  const error = new Error('round')
  error.cause = error
  t.equal(JSON.stringify(describeError(error)).split('"round"').length - 1, 4)
})

t.test('fields that nobody should log are not written', async (t) => {
  const { log, text } = capture()
  log.info({ password: 'canary', headers: { authorization: 'canary' }, data: 'canary', object: { a: 'canary' }, token: 'canary' }, 'oops')
  t.notMatch(text(), /canary/)
})

t.test('flushing writes what was still in memory', async (t) => {
  const file = join(t.testdir({}), 'log')
  const fileDescriptor = openSync(file, 'w')
  const stream = openLogStream(fileDescriptor)
  createLog({ level: 'info', version: '0', destination: stream }).info('last words')
  stream.flushSync()
  t.match(readFileSync(file, 'utf8'), /last words/)
  closeSync(fileDescriptor)
})
