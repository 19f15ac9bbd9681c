import { connect as connectTcp, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { Agent } from 'node:https'
import t from 'tap'
import { makeServingCertificate } from '../../helpers/certificates.ts'
import { call, makeReview, skipping, startEdge, type Edge } from '../../helpers/http-edge.ts'

const tls = await makeServingCertificate()

t.test('60 bodies of 6.5 MB at once are all answered, and never more is in memory than allowed', async (t) => {
  let highest = 0
  let waiting = 0
  const edge: Edge = await startEdge({
    tls,
    level: 'error',
    admit: () => {
      highest = Math.max(highest, edge.server.inFlightBytes())
      waiting = Math.max(waiting, edge.server.waiting())
      return skipping
    }
  })
  t.teardown(edge.server.stop)
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  t.teardown(() => { agent.destroy() })
  const body = Buffer.from(JSON.stringify(makeReview({ object: { spec: { note: 'x'.repeat(6_500_000) } } })))
  const answers = await Promise.all(Array.from({ length: 60 }, async () => await call(edge.address, { body, agent })))
  t.strictSame(answers.filter(({ status }) => status !== 200), [])
  t.ok(highest > 0 && highest <= 20 * 1024 * 1024, `${highest} bytes`)
  t.ok(waiting > 0, `${waiting} bodies waited`)
  t.equal(edge.server.inFlightBytes(), 0)
  t.match(await edge.metrics.registry.metrics(), /pullpass_admission_in_flight 0\n/)
})

t.test('a small body does not wait while large ones hold all the room', async (t) => {
  const limits = { inFlightBytes: 200_000, smallInFlightBytes: 50_000, smallBodyBytes: 10_000 }
  const edge = await startEdge({ tls, limits })
  t.teardown(async () => { await Promise.all([edge.server.stop(), edge.server.stop()]) })
  const held = post(edge, 150_000)
  const waits = post(edge, 150_000)
  t.teardown(() => { held.destroy(); waits.destroy() })
  await until(edge, async () => edge.server.waiting() === 1)
  t.equal((await call(edge.address, { body: makeReview() })).status, 200)
  t.match(await edge.metrics.registry.metrics(), /pullpass_admission_in_flight_bytes 150000\n/)
  t.match(await edge.metrics.registry.metrics(), /pullpass_admission_in_flight 2\n/)
})

t.test('a body for which no room comes in time is refused, and one whose sender goes away gives its room back', async (t) => {
  const limits = { inFlightBytes: 160_000, smallInFlightBytes: 10_000, smallBodyBytes: 10_000, maxWaitMs: 50 }
  const edge = await startEdge({ tls, limits })
  t.teardown(edge.server.stop)
  const held = post(edge, 150_000)
  await until(edge, async () => edge.server.inFlightBytes() === 150_000)
  const answer = await call(edge.address, { body: Buffer.alloc(150_000, 0x20) })
  t.equal(answer.status, 503)
  t.match(answer.text, /waited_too_long/)
  t.equal(answer.headers['retry-after'], undefined)
  held.destroy()
  await until(edge, async () => edge.server.inFlightBytes() === 0)
})

const quick = {
  headersTimeoutMs: 200,
  bodyTimeoutMs: 200,
  handshakeTimeoutMs: 200,
  connectionsCheckingIntervalMs: 20,
  lingerMs: 50
}
const head = 'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n'

const attacks: ReadonlyArray<{ name: string, plain?: boolean, piece: string, first: string, answer: RegExp }> = [
  { name: 'no TLS handshake', plain: true, first: '', piece: '', answer: /^$/ },
  { name: 'no headers', first: '', piece: '', answer: /^HTTP\/1\.1 408 .*headers_timeout/s },
  { name: 'trickled headers', first: 'POST /mutate HTTP/1.1\r\n', piece: 'X: y\r\n', answer: /^HTTP\/1\.1 408 .*headers_timeout/s },
  { name: 'a trickled body', first: head, piece: ' ', answer: /^HTTP\/1\.1 408 .*body_timeout/s }
]

for (const { name, plain, first, piece, answer } of attacks) {
  t.test(`${name}: the connection is ended`, async (t) => {
    const edge = await startEdge({ tls, limits: quick })
    t.teardown(edge.server.stop)
    const port = edge.address.port
    const socket: Socket = plain === true
      ? connectTcp({ host: '127.0.0.1', port })
      : connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
    let text = ''
    const { promise, resolve } = Promise.withResolvers<void>()
    socket.on('data', (bytes: Buffer) => { text += bytes.toString() }).on('error', () => {}).on('close', () => { resolve() })
    socket.write(first)
    const trickle = setInterval(() => { if (piece !== '') socket.write(piece) }, 40)
    await promise
    clearInterval(trickle)
    t.match(text, answer)
    t.equal(edge.server.inFlightBytes(), 0)
  })
}

/** Sends headers that declare a body of so many bytes, and one byte of it. */
function post (edge: Edge, bytes: number): Socket {
  const socket = connect({ host: '127.0.0.1', port: edge.address.port, rejectUnauthorized: false })
  socket.on('error', () => {})
  socket.write(`POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n `)
  return socket
}

/** Waits by calls to the server itself, so that each look comes after one more turn of its loop; bounded. */
async function until (edge: Edge, holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if (await holds()) return
    await call(edge.address, { method: 'GET' })
  }
  throw new Error('the state that the test waits for did not come')
}
