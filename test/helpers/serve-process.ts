import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { holdLeash, leashed } from './leash.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export type LogLine = Readonly<Record<string, unknown>>

interface HttpAnswer {
  readonly status: number
  readonly body: string
  readonly connection?: string | undefined
}

/** What a server is started from, where it is not this checkout's sources on files of its own. */
export interface ServeSource {
  /** A built program (`buildProgram`), started with an empty environment; default `src/main.ts`. */
  readonly program?: string
  /** Shared with another server, which must outlive this one; default: own copies. */
  readonly files?: Pick<ServeProcess, 'folder' | 'certificates'>
}

/** A `pullpass serve` of its own, on a copy of the example cluster and free ports. */
export interface ServeProcess {
  readonly pid: number
  /** The ports of 127.0.0.1 for reviews and for probes. */
  readonly ports: { readonly admission: number, readonly status: number }
  /** The copy; tests may change it. */
  readonly folder: string
  readonly certificates: string
  /** The first line, past or future, that holds. Rejects when the process ends before. */
  readonly waitFor: (holds: (line: LogLine) => boolean) => Promise<LogLine>
  readonly post: (path: string, body: string) => Promise<HttpAnswer>
  readonly get: (path: string) => Promise<HttpAnswer>
  /** Sends signals, the second as soon as the first is logged, and gives the exit code, or the name of the signal. */
  readonly end: (...signals: readonly NodeJS.Signals[]) => Promise<number | NodeJS.Signals | null>
  /** Everything that it ever printed. */
  readonly output: () => string
  readonly remove: () => Promise<void>
}

/** Starts the server and waits until it serves. */
export async function startServe (flags: readonly string[] = [], source: ServeSource = {}): Promise<ServeProcess> {
  const temporary = mkdtempSync(join(tmpdir(), 'pullpass-serve-'))
  const { folder, certificates } = source.files ??
    { folder: join(temporary, 'cluster'), certificates: join(temporary, 'certificates') }
  if (source.files === undefined) cpSync(join(root, 'examples/cluster'), folder, { recursive: true })
  const argv = ['serve', '--manifests', folder, '--own-namespace', 'pullpass', '--drain-seconds', '0',
    '--development-certificates', certificates, '--listen', '127.0.0.1:0', '--status-listen', '127.0.0.1:0', ...flags]
  const child = spawnProgram(source.program, argv)
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const log = followLog(child.stdout, exited)
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => { errors += chunk })
  const serving = await log.waitFor(({ msg }) => msg === 'serving')
  const portOf = (name: string): number => Number(String(serving[name]).split(':').at(-1))
  const ports = { admission: portOf('listen'), status: portOf('statusListen') }
  const agent = new Agent({ keepAlive: true, ca: readFileSync(join(certificates, 'ca.crt')) })
  return {
    pid: child.pid ?? 0,
    ports,
    folder,
    certificates,
    waitFor: log.waitFor,
    post: async (path, body) => await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      httpsRequest({ host: 'localhost', port: ports.admission, path, method: 'POST', agent, headers }, (response) => {
        const { statusCode: status = 0, headers: { connection } } = response
        text(response).then((answer) => { resolve({ status, body: answer, connection }) }, reject)
      }).on('error', reject).end(body)
    }),
    get: async (path) => await new Promise((resolve, reject) => {
      httpRequest({ host: '127.0.0.1', port: ports.status, path, agent: false }, (response) => {
        text(response).then((body) => { resolve({ status: response.statusCode ?? 0, body }) }, reject)
      }).on('error', reject).end()
    }),
    end: async (...signals) => {
      for (const [index, signal] of signals.entries()) {
        if (index > 0) await log.waitFor(({ msg }) => msg === 'draining')
        child.kill(signal)
      }
      const [code, signal] = await exited
      return code ?? signal
    },
    output: () => log.output() + errors,
    remove: async () => {
      agent.destroy()
      child.kill('SIGKILL')
      await exited
      rmSync(temporary, { recursive: true, force: true })
    }
  }
}

/**
 * A built program runs as it would in its image: with nothing in its environment of what a test runner puts there.
 * Either ends with this process, however that ends.
 */
function spawnProgram (program: string | undefined, argv: readonly string[]): ServeChild {
  const [command, first] = program === undefined
    ? [process.execPath, [join(root, 'src/main.ts')]] as const
    : ['env', ['-i', process.execPath, program]] as const
  const child = spawn(...leashed(command, [...first, ...argv]), { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  holdLeash(child)
  return child as ServeChild
}

/** What `spawn` gives for these streams. */
type ServeChild = ChildProcessByStdio<null, Readable, Readable>

function followLog (stream: NodeJS.ReadableStream, exited: Promise<unknown>): Pick<ServeProcess, 'waitFor' | 'output'> {
  const lines: LogLine[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(JSON.parse(line) as LogLine)
    waiting.forEach((look) => { look() })
  })
  return {
    output: () => lines.map((line) => JSON.stringify(line)).join('\n'),
    waitFor: async (holds) => {
      const { promise, resolve, reject } = Promise.withResolvers<LogLine>()
      const look = (): void => {
        const found = lines.find(holds)
        if (found !== undefined) resolve(found)
      }
      waiting.add(look)
      look()
      const said = (): string => lines.map(({ msg }) => String(msg)).join('; ')
      exited.then(() => { reject(new Error(`the server ended before: ${said()}`)) }, reject)
      return await promise.finally(() => waiting.delete(look))
    }
  }
}
