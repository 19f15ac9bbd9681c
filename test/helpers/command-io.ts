import { PassThrough } from 'node:stream'
import type { CommandIo } from '../../src/cli/command.ts'
import { runProgram } from '../../src/cli/program.ts'

/** What came of a command that ran in this process. */
export interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** All that was written to a stream; one read gives one piece. */
function collected (stream: PassThrough): string {
  const pieces: Buffer[] = []
  for (let piece = stream.read(); piece !== null; piece = stream.read()) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** Runs a command line in this process, on streams in memory. */
export async function runCommand (
  argv: readonly string[],
  given: Partial<CommandIo> & { readonly input?: string } = {}
): Promise<Ran> {
  const { input = '', ...io } = given
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const stdin = new PassThrough()
  stdin.end(input)
  const exitCode = await runProgram(argv, {
    stdin,
    stdout,
    stderr,
    environment: {},
    workingDirectory: '/',
    now: () => new Date(0),
    colours: false,
    stopped: new AbortController().signal,
    ...io
  })
  return { exitCode, stdout: collected(stdout), stderr: collected(stderr) }
}
