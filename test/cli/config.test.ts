import { Readable, Writable } from 'node:stream'
import t from 'tap'
import type { CommandIo } from '../../src/cli/command.ts'
import { configCommand } from '../../src/cli/config.ts'
import { configurationSchema } from '../../src/config/schema-check.ts'

const good = 'apiVersion: pullpass.dev/v1\nkind: PullpassConfiguration\ncredentials: [{name: a, namespaces: [x]}]\n'

async function run (args: readonly string[], workingDirectory: string, stdin = '') {
  const output = { out: '', err: '' }
  const sink = (name: keyof typeof output) => new Writable({
    write (chunk, _encoding, done) {
      output[name] += String(chunk)
      done()
    }
  })
  const io: CommandIo = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: sink('out'),
    stderr: sink('err'),
    environment: {},
    workingDirectory,
    now: () => new Date(0),
    colours: false,
    stopped: new AbortController().signal
  }
  const codes: number[] = []
  await configCommand(io, (code) => codes.push(code)).parseAsync([...args], { from: 'user' })
  return { ...output, codes }
}

t.test('a valid file is told with its number of credentials, by exit code 0', async (t) => {
  const folder = t.testdir({ 'a.yaml': good })
  t.same(await run(['validate', 'a.yaml'], folder), { out: 'a.yaml is valid: 1 credential\n', err: '', codes: [0] })
})

t.test('standard input is read for -', async (t) => {
  const result = await run(['validate', '-'], '/', good.replace(/credentials.*\n/, ''))
  t.same(result, { out: '- is valid: 0 credentials\n', err: '', codes: [0] })
})

t.test('warnings go to standard error and leave the file valid', async (t) => {
  t.same(await run(['validate', '-'], '/', `${good}platform: openshift\n`), {
    out: '- is valid: 1 credential\n',
    err: 'standard input:4:1: warning: platform has no effect in this version yet; remove it or expect nothing of it\n',
    codes: [0]
  })
})

t.test('every problem of every file is listed, by exit code 2', async (t) => {
  const folder = t.testdir({ 'a.yaml': good, 'b.yaml': `${good}platform: x\nzebra: 1\n` })
  const { out, err, codes } = await run(['validate', 'b.yaml', 'absent.yaml', 'a.yaml'], folder)
  t.equal(out, 'a.yaml is valid: 1 credential\n')
  t.match(err, /^b\.yaml:4:11: platform .*\nb\.yaml:5:1: .*"zebra".*\nb\.yaml is not valid: 2 problems\n/)
  t.match(err, /^absent\.yaml: .*ENOENT/m)
  t.same(codes, [2])
})

t.test('the schema is printed as JSON', async (t) => {
  const { out, codes } = await run(['schema'], '/')
  t.same(JSON.parse(out), configurationSchema())
  t.same(codes, [0])
})

t.test('the help has examples', async (t) => {
  let help = ''
  const io: CommandIo = {
    stdin: Readable.from([]), stdout: new Writable(), stderr: new Writable(), environment: {}, workingDirectory: '/', now: () => new Date(0), colours: false, stopped: new AbortController().signal
  }
  const command = configCommand(io, () => {}).exitOverride().configureOutput({ writeOut: (text) => { help += text } })
  command.outputHelp()
  t.match(help, /Examples:\n {2}pullpass config validate pullpass\.yaml/)
})
