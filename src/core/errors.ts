/** The process exit codes of every command (design §8); the same table stands in docs/cli.md. */
export const exitCodes = {
  ready: 0,
  finding: 1,
  usage: 2,
  unreachable: 3,
  forbidden: 4,
  deadline: 5,
  never: 6,
  internal: 70
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

interface ErrorKind {
  readonly exitCode: ExitCode
  readonly meaning: string
}

/** Every error code, what it means and how a command that meets it ends. docs/errors.md has one heading a code. */
export const errorKinds = {
  usage_invalid: { exitCode: exitCodes.usage, meaning: 'a flag or an argument is missing, unknown or contradicts another' },
  file_unreadable: { exitCode: exitCodes.usage, meaning: 'a file or folder named on the command line cannot be read' },
  file_unwritable: { exitCode: exitCodes.usage, meaning: 'a file or folder named on the command line cannot be written, or must not be replaced' },
  yaml_invalid: { exitCode: exitCodes.usage, meaning: 'a file is not valid YAML or JSON' },
  config_invalid: { exitCode: exitCodes.usage, meaning: 'the configuration breaks its schema or contradicts itself' },
  manifests_invalid: { exitCode: exitCodes.usage, meaning: 'an object in the manifests folder has a wrong shape or stands twice' },
  certificate_invalid: { exitCode: exitCodes.usage, meaning: 'a certificate, its key or the client CA cannot be used' },
  listen_failed: { exitCode: exitCodes.usage, meaning: 'the server cannot listen on the address that it was given' },
  internal: { exitCode: exitCodes.internal, meaning: 'Pullpass itself failed; please report it' }
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorKinds

/** One place in a file, counted from 1 as editors do. */
export interface SourcePosition {
  readonly file: string
  readonly line?: number
  readonly column?: number
}

/** One thing wrong with an input: where, what, and what to do next. Never holds a secret value. */
export interface Problem extends SourcePosition {
  readonly message: string
}

/** `file:line:column: message`, the form that editors and terminals link. */
export function formatProblem (problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':')
  return `${place}: ${problem.message}`
}

/**
 * A promise of the outside world that did not hold. Expected outcomes are values, not errors.
 *
 * `message` is one line: what was being done, to what, what was found, what to do next. `problems` lists every
 * finding of an input that was refused as a whole.
 */
export class PullpassError extends Error {
  readonly code: ErrorCode
  readonly problems: readonly Problem[]

  constructor (code: ErrorCode, message: string, detail: { cause?: unknown, problems?: readonly Problem[] } = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'PullpassError'
    this.code = code
    this.problems = detail.problems ?? []
  }

  get exitCode (): ExitCode {
    return errorKinds[this.code].exitCode
  }
}
