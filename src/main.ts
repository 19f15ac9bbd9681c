#!/usr/bin/env node
// The only place that knows the process: its arguments, environment, streams, signals and exit code.
import type { CommandIo } from './cli/command.ts'

const oldestNode = 24
const [nodeMajor = 0] = process.versions.node.split('.').map(Number)

/** Aborts on the first SIGTERM or SIGINT; the second ends the process at once. */
function stopOnSignal (): AbortSignal {
  const controller = new AbortController()
  for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15]] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(128 + number)
      controller.abort()
    })
  }
  return controller.signal
}

function createIo (): CommandIo {
  let stopped: AbortSignal | undefined
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    workingDirectory: process.cwd(),
    now: () => new Date(),
    colours: process.stdout.isTTY && !process.env['NO_COLOR'],
    // A command that does not ask keeps the default: the first signal ends it.
    get stopped () {
      stopped ??= stopOnSignal()
      return stopped
    }
  }
}

if (nodeMajor < oldestNode) {
  process.stderr.write(`pullpass: needs Node ${oldestNode} or newer, this is ${process.versions.node}; in a checkout use npx pullpass\n`)
  process.exitCode = 2
} else {
  // A reader that has seen enough (`| head`) is no error, but the command's answer still counts: a command writes at
  // its end, so that its exit code is there a turn later.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    setImmediate(() => process.exit(process.exitCode ?? 0))
  })
  const { runProgram } = await import('./cli/program.ts')
  process.exitCode = await runProgram(process.argv.slice(2), createIo())
}
