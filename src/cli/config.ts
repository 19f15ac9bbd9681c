import { buffer } from 'node:stream/consumers'
import { resolve } from 'node:path'
import { Command } from 'commander'
import type { ParsedConfiguration } from '../config/load.ts'
import { exitCodes, formatProblem } from '../core/errors.ts'
import type { CommandDefinition, CommandIo } from './command.ts'

const validateExamples = `
  pullpass config validate pullpass.yaml
  sed 's/team-a/team-b/' pullpass.yaml | pullpass config validate -`

const schemaExamples = `
  pullpass config schema > pullpass.schema.json`

const groupHelp = `
Examples:${validateExamples}${schemaExamples}`

const validateHelp = `
Examples:${validateExamples}

Exit codes: 0 every file is valid, 2 a file is not valid or cannot be read.`

const schemaHelp = `
Examples:${schemaExamples}

An editor with a YAML language server takes it from the first line of a configuration:
  # yaml-language-server: $schema=pullpass.schema.json`

/** `pullpass config`: checks configuration files, prints their JSON Schema. */
export const configCommand: CommandDefinition = (io, finish) => {
  const command = new Command('config').description('check a configuration file or print its JSON Schema')
  command.addHelpText('after', groupHelp)
  command.command('validate')
    .description('check configuration files and list every problem with its line and column')
    .argument('<file...>', 'files to check; - reads standard input')
    .addHelpText('after', validateHelp)
    .action(async (files: string[]) => { finish(await validate(io, files) ? exitCodes.ready : exitCodes.usage) })
  command.command('schema')
    .description('print the JSON Schema of the configuration file')
    .addHelpText('after', schemaHelp)
    .action(async () => {
      const { configurationSchema } = await import('../config/schema-check.ts')
      io.stdout.write(`${JSON.stringify(configurationSchema(), null, 2)}\n`)
      finish(exitCodes.ready)
    })
  return command
}

async function validate (io: CommandIo, files: readonly string[]): Promise<boolean> {
  const { createConfigurationParser } = await import('../config/load.ts')
  const parser = createConfigurationParser()
  let valid = true
  for (const file of files) {
    const read = await readInput(io, file)
    const parsed = read.ok ? parser.parse(read.text, read.name) : { ok: false as const, problems: [read.problem] }
    report(io, file, parsed)
    valid &&= parsed.ok
  }
  return valid
}

function report (io: CommandIo, file: string, parsed: ParsedConfiguration): void {
  const notes = parsed.ok
    ? parsed.warnings.map((warning) => formatProblem({ ...warning, message: `warning: ${warning.message}` }))
    : parsed.problems.map(formatProblem)
  for (const note of notes) io.stderr.write(`${note}\n`)
  if (parsed.ok) io.stdout.write(`${file} is valid: ${count(parsed.configuration.credentials.length, 'credential')}\n`)
  else io.stderr.write(`${file} is not valid: ${count(parsed.problems.length, 'problem')}\n`)
}

function count (number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}

async function readInput (io: CommandIo, file: string) {
  const { decodeText, readText } = await import('../adapters/manifests/read-text.ts')
  if (file === '-') return { name: 'standard input', ...decodeText(await buffer(io.stdin), 'standard input') }
  const result = await readText(resolve(io.workingDirectory, file))
  return { name: file, ...result.ok ? result : { ...result, problem: { ...result.problem, file } } }
}
