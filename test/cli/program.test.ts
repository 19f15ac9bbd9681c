import { fileURLToPath } from 'node:url'
import { PassThrough } from 'node:stream'
import type { Command } from 'commander'
import t from 'tap'
import { createProgram } from '../../src/cli/program.ts'
import { runCommand } from '../helpers/command-io.ts'

const workingDirectory = fileURLToPath(new URL('../..', import.meta.url))

async function topLevel (): Promise<Command> {
  return await createProgram([], {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    environment: {},
    workingDirectory,
    now: () => new Date(0),
    colours: false,
    stopped: new AbortController().signal
  }, () => {})
}

const { stdout: help } = await runCommand(['--help'], { workingDirectory })
const examples = [...help.matchAll(/^ {2}pullpass ([a-z].*)$/gm)].map(([, line = '']) => line.split(' '))

t.test('the help shows examples of several commands', async (t) => {
  t.same(examples.map(([command]) => command), ['serve', 'inject', 'explain', 'config'])
})

for (const argv of examples.filter(([command]) => command !== 'serve')) {
  t.test(`the example pullpass ${argv.join(' ')} works in a checkout`, async (t) => {
    const { exitCode, stdout } = await runCommand(argv, { workingDirectory })
    t.equal(exitCode, 0)
    t.not(stdout, '')
  })
}

t.test('the example of serve names all that serve asks for', async (t) => {
  const [, ...argv] = examples.find(([command]) => command === 'serve') ?? []
  const serve = (await topLevel()).commands.find((command) => command.name() === 'serve')
  t.same(serve?.parseOptions(argv), { operands: [], unknown: [] })
  t.match(serve?.opts(), { manifests: 'examples/cluster', developmentCertificates: 'certs/dev' })
})

t.test('each command has examples of its own, and its help ends without an empty line', async (t) => {
  const paths = (command: Command, path: readonly string[]): string[][] =>
    [[...path], ...command.commands.flatMap((child) => paths(child, [...path, child.name()]))]
  const seen = new Map<string, string>()
  for (const path of paths(await topLevel(), [])) {
    const { stdout } = await runCommand([...path, '--help'], { workingDirectory })
    const name = ['pullpass', ...path].join(' ')
    t.match(stdout, /\S\n$/, name)
    const shown = stdout.split('Examples:\n')[1]?.split('\n\n')[0]?.trimEnd() ?? ''
    t.ok(shown.includes(name), `${name} is in its examples`)
    t.equal(seen.get(shown), undefined, `${name} has examples of its own`)
    seen.set(shown, name)
  }
})
