import { pino, type DestinationStream, type Logger } from 'pino'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** A pino logger; `child({ component })` gives each part its own. */
export type Log = Logger

export interface LogOptions {
  readonly level: LogLevel
  readonly version: string
  /** Where lines go: `openLogStream` in the program, memory in tests. */
  readonly destination: DestinationStream
}

/**
 * One JSON object a line: `level` by name, `time` in ISO 8601, `app`, `version`, then the fields of the line.
 *
 * Lines are made of allow-listed fields; errors are cut down by `describeError`. Redaction is the second net.
 */
export function createLog ({ level, version, destination }: LogOptions): Log {
  return pino({
    level,
    base: { app: 'pullpass', version },
    timestamp: createTimestamp(),
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    redact: { paths: [...redactedFields], censor: '[redacted]' }
  }, destination)
}

/** pino's own ISO time makes a Date for every line, which costs as much as the rest of it; this makes one a second. */
function createTimestamp (): () => string {
  let second = 0
  let prefix = ''
  return () => {
    const now = Date.now()
    const thisSecond = Math.floor(now / 1000)
    if (thisSecond !== second) {
      second = thisSecond
      prefix = new Date(thisSecond * 1000).toISOString().slice(0, -4)
    }
    return `,"time":"${prefix}${String(now - thisSecond * 1000).padStart(3, '0')}Z"`
  }
}

/** Names that no field may have; what is logged under one of them all the same is not written. */
const redactedFields = [
  'auth', 'auths', 'authorization', 'body', 'bytes', 'data', 'headers', 'identitytoken', 'key', 'object', 'password',
  'registrytoken', 'request', 'response', 'secret', 'stringData', 'token', 'username'
] as const

/** Lines on their way to a file descriptor. */
export interface LogStream extends DestinationStream {
  /** Writes what is still in memory; the last thing to do before the process ends. */
  readonly flushSync: () => void
}

/** Buffers up to 8 KiB for at most a second, since a write for every line costs more than making the line. */
export function openLogStream (fileDescriptor: number): LogStream {
  return pino.destination({ dest: fileDescriptor, sync: false, minLength: 8192, periodicFlush: 1000 })
}

/** What is written of an error: never its body, headers or other members, which may hold a secret. */
export interface DescribedError {
  readonly name: string
  readonly code?: string
  readonly message: string
  /** Frames only; the text in front of them repeats the message in full. */
  readonly stack?: string
  readonly cause?: DescribedError
}

const longestMessage = 300
const deepestCause = 3

/**
 * Cuts an error down to what is safe to log. Of the message only the first line stays, since client-node puts body
 * and headers on the next ones; of a SyntaxError nothing does, since JSON.parse quotes its input.
 */
export function describeError (error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { name: typeof error, message: 'not an error object; its text is left out' }
  const { cause } = error
  return {
    name: error.name,
    ...readCode(error),
    message: error instanceof SyntaxError ? 'text left out: it may quote the input' : firstLine(error.message),
    ...readFrames(error),
    ...(cause === undefined || depth >= deepestCause ? {} : { cause: describeError(cause, depth + 1) })
  }
}

function readCode (error: Error): { code?: string } {
  if (!('code' in error)) return {}
  const { code } = error
  return typeof code === 'string' || typeof code === 'number' ? { code: firstLine(String(code)) } : {}
}

function readFrames (error: Error): { stack?: string } {
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return frames.length === 0 ? {} : { stack: frames.join('\n') }
}

function firstLine (text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, longestMessage)
}
