/** One line of the table. */
export interface Row {
  readonly body: string
  readonly load: string
  readonly server: string
  readonly perSecond: number
  readonly cpuMicroseconds: number
  readonly p50: number
  readonly p99: number
  readonly peakMemoryMiB: number
}

/** The middle of some numbers. */
export function median (numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  const high = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return (low + high) / 2
}

const yardstick = 'bare node:https'

/** A Markdown table, as docs/performance.md has it; the last column compares with the bare server's CPU. */
export function formatTable (machine: object, rows: readonly Row[]): string {
  const head = ['body', 'load', 'server', 'req/s', 'CPU µs/req', 'p50 ms', 'p99 ms', 'peak MiB', 'CPU × bare']
  const lines = rows.map((row) => {
    const { body, load, server, perSecond, cpuMicroseconds, p50, p99, peakMemoryMiB } = row
    const bare = rows.find((other) => other.server === yardstick && other.body === body && other.load === load)
    const ratio = bare === undefined ? '' : (cpuMicroseconds / bare.cpuMicroseconds).toFixed(2)
    return [body, load, server, perSecond.toFixed(0), cpuMicroseconds.toFixed(0), p50.toFixed(2), p99.toFixed(2),
      peakMemoryMiB.toFixed(0), ratio]
  })
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`)
  return [JSON.stringify(machine), '', ...table].join('\n')
}
