import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import type { Command } from 'commander'
import t from 'tap'
import type { CommandIo } from '../../src/cli/command.ts'
import { commandLoaders, createProgram } from '../../src/cli/program.ts'
import { exitCodes } from '../../src/core/errors.ts'

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')

const io: CommandIo = {
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  environment: {},
  workingDirectory: '/',
  now: () => new Date(0),
  colours: false,
  stopped: new AbortController().signal
}

/** `pullpass certs generate` and its like, without the groups that only hold others. */
function leaves (command: Command, path: readonly string[]): Array<{ name: string, command: Command }> {
  if (command.commands.length === 0) return [{ name: path.join(' '), command }]
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]))
}

/** Heading to flags, as the page has them. */
function documented (): Map<string, string[]> {
  const sections = page.split(/^## `pullpass /m).slice(1).map((section): [string, string[]] => [
    section.slice(0, section.indexOf('`')),
    [...section.matchAll(/^\| `(-[^`]*)`/gm)].map(([, flags = '']) => flags)
  ])
  return new Map(sections)
}

t.test('docs/cli.md has every command with every flag, and no other', async (t) => {
  const program = await createProgram([], io, () => {})
  const commands = program.commands.flatMap((command) => leaves(command, [command.name()]))
  const sections = documented()
  t.same([...sections.keys()].sort(), commands.map(({ name }) => name).sort(), 'commands')
  for (const { name, command } of commands) {
    t.same(sections.get(name)?.toSorted(), command.options.map(({ flags }) => flags).toSorted(), name)
  }
})

t.test('docs/cli.md has every exit code', async (t) => {
  const rows = [...page.matchAll(/^\| (\d+) \| (\w+) \|/gm)].map(([, code, name]) => [name, Number(code)])
  t.same(Object.fromEntries(rows), exitCodes)
})

t.test('every loader gives the command of its name', async (t) => {
  for (const [name, load] of Object.entries(commandLoaders)) {
    t.equal((await load())(io, () => {}).name(), name)
  }
})
