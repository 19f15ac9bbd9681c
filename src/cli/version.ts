import { Command, Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { exitCodes } from '../core/errors.ts'
import type { CommandDefinition } from './command.ts'

/** As in package.json. */
export const programVersion: string = packageJson.version

/** `pullpass version`: the program's version, and the runtime's with `-o json`. */
export const versionCommand: CommandDefinition = (io, finish) => new Command('version')
  .description('print the version')
  .addOption(new Option('-o, --output <format>', 'form of the result').choices(['text', 'json']).default('text'))
  .addHelpText('after', '\nExamples:\n  pullpass version\n  pullpass version -o json')
  .action(({ output }: { output: 'text' | 'json' }) => {
    const text = output === 'json' ? JSON.stringify({ version: programVersion, node: process.versions.node }) : programVersion
    io.stdout.write(`${text}\n`)
    finish(exitCodes.ready)
  })
