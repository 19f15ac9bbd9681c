import { connect, type TLSSocket } from 'node:tls'

/** Where to send, and what. */
export interface Target {
  readonly host: string
  readonly port: number
  /** With query, as the API server appends it. */
  readonly path: string
  /** PEM of the authority that signed the server's certificate. */
  readonly authority: string | Buffer
}

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** Sorted, in milliseconds. */
  readonly latencies: Float64Array
}

interface Answer {
  readonly status: number
  /** The server closes the connection behind it. */
  readonly last: boolean
}

/** One keep-alive connection that has one request under way at a time, as the API server's client does. */
class Connection {
  readonly #socket: TLSSocket
  readonly #request: Buffer
  #answered: ((answer: Answer) => void) | undefined
  #buffered: Buffer = Buffer.alloc(0)

  private constructor (socket: TLSSocket, request: Buffer) {
    this.#socket = socket
    this.#request = request
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => { this.#take(chunk) })
  }

  static async open (target: Target, body: Buffer): Promise<Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>()
    const { host, port, authority } = target
    const socket = connect({ host, port, ca: authority, servername: 'localhost' }, () => {
      resolve(new Connection(socket, makeRequest(target, body)))
    })
    socket.once('error', reject)
    return await promise
  }

  async send (): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>()
    this.#answered = resolve
    this.#socket.write(this.#request)
    return await promise
  }

  close (): void {
    this.#socket.destroy()
  }

  #take (chunk: Buffer): void {
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk])
    const end = this.#buffered.indexOf('\r\n\r\n')
    if (end === -1) return
    const head = this.#buffered.toString('latin1', 0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (this.#buffered.length < end + 4 + length) return
    this.#buffered = this.#buffered.subarray(end + 4 + length)
    this.#answered?.({ status: Number(head.slice(9, 12)), last: /\r\nconnection: close/i.test(head) })
  }
}

function makeRequest ({ host, path }: Target, body: Buffer): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`, `host: ${host}`, 'user-agent: kube-apiserver-admission', 'content-type: application/json',
    'accept: application/json, */*', 'accept-encoding: gzip', `content-length: ${body.length}`, '', ''
  ]
  return Buffer.concat([Buffer.from(head.join('\r\n')), body])
}

export interface LoadShape {
  readonly connections: number
  /** At most this many requests. */
  readonly requests: number
  /** Requests a second, sent whether or not answers have come; absent: as fast as answers come. */
  readonly rate?: number
}

/** Sends a bounded number of requests and measures each; any answer but 200 is an error. */
export async function applyLoad (target: Target, body: Buffer, shape: LoadShape): Promise<LoadResult> {
  const opening = Array.from({ length: shape.connections }, async () => await Connection.open(target, body))
  const connections = await Promise.all(opening)
  const latencies = new Float64Array(shape.requests)
  let sent = 0
  const started = performance.now()
  const work = async (_: Connection, slot: number): Promise<void> => {
    while (sent < shape.requests) {
      const index = sent++
      const due = shape.rate === undefined ? performance.now() : started + index * 1000 / shape.rate
      await until(due)
      const { status, last } = await connections[slot]?.send() ?? { status: 0, last: false }
      if (status !== 200) throw new Error(`the server answered ${status}`)
      // From when it was due, so that a stalled server is not measured less often.
      latencies[index] = performance.now() - due
      if (last) connections[slot] = await Connection.open(target, body)
    }
  }
  try {
    await Promise.all(connections.map(work))
  } finally {
    connections.forEach((connection) => { connection.close() })
  }
  return { requests: shape.requests, seconds: (performance.now() - started) / 1000, latencies: latencies.sort() }
}

/** Waits for a moment to well below a millisecond: a timer for most of it, then turns of the event loop. */
async function until (due: number): Promise<void> {
  const wait = due - performance.now()
  if (wait > 2) await new Promise((resolve) => setTimeout(resolve, wait - 1.5))
  while (performance.now() < due) await new Promise(setImmediate)
}

/** The value below which a share of all lies. */
export function percentile (sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
