import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A server under measurement, with what the kernel knows of it. */
export interface ServerProcess {
  readonly port: number
  /** User and system time so far, in seconds. */
  readonly cpuSeconds: () => number
  /** High-water mark of resident memory, in MiB. */
  readonly peakMemoryMiB: () => number
  readonly stop: () => Promise<void>
}

/**
 * Starts a server and waits for the line that tells its port.
 *
 * @param readPort the port in a line of its output, or undefined.
 */
export async function startServer (
  argv: readonly string[],
  readPort: (line: string) => number | undefined
): Promise<ServerProcess> {
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const port = readPort(line)
    if (port === undefined) continue
    child.stdout.resume()
    return describeProcess(child, port)
  }
  throw new Error(`${argv.join(' ')} ended before it served`)
}

function describeProcess (child: ChildProcess, port: number): ServerProcess {
  const { pid } = child
  // Linux counts in hundredths of a second on every machine that we know of (getconf CLK_TCK).
  const ticksPerSecond = 100
  return {
    port,
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
    },
    peakMemoryMiB: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    stop: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    }
  }
}

/** The port in the log line of `pullpass serve`. */
export function readServePort (line: string): number | undefined {
  const { msg, listen } = JSON.parse(line) as { msg?: string, listen?: string }
  return msg === 'serving' ? Number(listen?.split(':').at(-1)) : undefined
}
