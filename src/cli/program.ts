import { Command, CommanderError } from 'commander'
import { exitCodes, formatProblem, PullpassError, type ExitCode } from '../core/errors.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import { programVersion } from './version.ts'

/** Each subcommand and the module that defines it. Only the one that is asked for gets loaded. */
export const commandLoaders: Readonly<Record<string, () => Promise<CommandDefinition>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand,
  inject: async () => (await import('./inject.ts')).injectCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  certs: async () => (await import('./certs.ts')).certsCommand,
  config: async () => (await import('./config.ts')).configCommand,
  version: async () => (await import('./version.ts')).versionCommand
}

const examples = `
Examples:
  pullpass serve --manifests examples/cluster --development-certificates certs/dev
  pullpass inject -f examples/workloads/pod.yaml --manifests examples/cluster
  pullpass explain quay.io/acme/shop/web:1.4 nginx --secret examples/pull-secret.yaml
  pullpass config validate examples/cluster/pullpass.yaml
  pullpass COMMAND --help

Exit codes: 0 ready, 1 finding or negative answer, 2 usage or bad input, 70 internal (docs/cli.md).`

/**
 * Runs one command line and gives its exit code. Every error ends here: it is said on stderr, in one line a problem,
 * with a stack only where PULLPASS_DEBUG is set.
 */
export async function runProgram (argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ready
  try {
    const program = await createProgram(argv, io, (code) => { exitCode = code })
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    return reportError(error, io)
  }
}

/** The program with the asked-for command, or with all of them where help or a suggestion needs them. */
export async function createProgram (
  argv: readonly string[],
  io: CommandIo,
  finish: (code: ExitCode) => void
): Promise<Command> {
  const asked = argv.find((argument) => !argument.startsWith('-')) ?? ''
  const loaders = Object.hasOwn(commandLoaders, asked) ? [commandLoaders[asked]] : Object.values(commandLoaders)
  const program = new Command('pullpass')
    .description('Image pull secrets for Kubernetes Pods and Argo Workflows, matched as the kubelet does.')
    .version(programVersion, '-V, --version')
    .addHelpText('after', examples)
    .showHelpAfterError('(add --help for the flags and examples)')
  for (const load of loaders) {
    if (load !== undefined) program.addCommand((await load())(io, finish))
  }
  applyToAll(program, (command) => command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text)
    }))
  return program
}

function applyToAll (command: Command, apply: (command: Command) => void): void {
  apply(command)
  for (const child of command.commands) applyToAll(child, apply)
}

function reportError (error: unknown, io: CommandIo): ExitCode {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ready : exitCodes.usage
  const wantsStack = Boolean(io.environment['PULLPASS_DEBUG'])
  if (error instanceof PullpassError) {
    const lines = [`pullpass: ${error.message}`, ...error.problems.map(formatProblem), ...(wantsStack ? [error.stack] : [])]
    io.stderr.write(`${lines.join('\n')}\n`)
    return error.exitCode
  }
  const text = error instanceof Error ? (wantsStack ? error.stack : error.message) : String(error)
  io.stderr.write(`pullpass: internal error, please report it: ${text}\n`)
  return exitCodes.internal
}
