import type { Readable, Writable } from 'node:stream'
import type { Command } from 'commander'
import type { ExitCode } from '../core/errors.ts'

/** Everything that a command may touch of the process that runs it. */
export interface CommandIo {
  readonly stdin: Readable
  /** Data only. */
  readonly stdout: Writable
  /** Messages. */
  readonly stderr: Writable
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
  readonly now: () => Date
  /** Colours and live tables are for people: true where stdout is a terminal and NO_COLOR is not set. */
  readonly colours: boolean
  /** Aborted by the first SIGTERM or SIGINT; a second one ends the process at once. */
  readonly stopped: AbortSignal
}

/**
 * Defines one subcommand. Its action calls `finish` with the exit code, or throws a PullpassError that carries one.
 * What costs time to load (servers, client-node, node-forge) is imported inside the action.
 */
export type CommandDefinition = (io: CommandIo, finish: (code: ExitCode) => void) => Command
