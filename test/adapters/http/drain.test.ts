import { connect } from 'node:tls'
import { Agent } from 'node:https'
import t from 'tap'
import { makeServingCertificate } from '../../helpers/certificates.ts'
import { call, makeReview, startEdge, type Edge } from '../../helpers/http-edge.ts'

const tls = await makeServingCertificate()

/** Callers that keep their connections and pick any server of a list, as the API server does with endpoints. */
function startLoad (endpoints: () => readonly Edge[], callers: number) {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  const result = { answered: 0, closing: 0, failures: [] as unknown[] }
  const control = { stop: false }
  const body = makeReview()
  async function caller (index: number): Promise<void> {
    for (let turn = index; !control.stop && turn < 20_000; turn += 1) {
      const targets = endpoints()
      const target = targets[turn % targets.length]
      if (target === undefined) return
      try {
        const answer = await call(target.address, { body, agent })
        if (answer.status !== 200) result.failures.push(answer.status)
        if (answer.headers.connection === 'close') result.closing += 1
        result.answered += 1
      } catch (error) {
        result.failures.push(error)
      }
    }
  }
  const done = Promise.all(Array.from({ length: callers }, async (_, index) => { await caller(index) }))
  return { result, end: async () => { control.stop = true; await done; agent.destroy() } }
}

t.test('a server that stops under keep-alive load loses no call', async (t) => {
  const stopping = await startEdge({ tls, level: 'error', limits: { drainMs: 3_000 } })
  const staying = await startEdge({ tls, level: 'error' })
  let endpoints: readonly Edge[] = [stopping, staying]
  const load = startLoad(() => endpoints, 10)
  while (load.result.answered < 200) await call(staying.address, { body: makeReview() })
  const stopped = stopping.server.stop()
  t.ok(stopping.server.isDraining())
  // The endpoint goes away a while after the signal, as on real nodes.
  while (load.result.closing < 20) await call(staying.address, { body: makeReview() })
  endpoints = [staying]
  await stopped
  await load.end()
  t.strictSame(load.result.failures, [])
  t.ok(load.result.closing >= 20)
  await t.rejects(call(stopping.address, { body: makeReview() }), { code: 'ECONNREFUSED' })
  await staying.server.stop()
})

t.test('a second stop ends everything at once', async (t) => {
  const edge = await startEdge({ tls, limits: { drainMs: 3_600_000, closeMs: 3_600_000 } })
  const idle = connect({ host: '127.0.0.1', port: edge.address.port, rejectUnauthorized: false })
  idle.on('error', () => {})
  const gone = new Promise((resolve) => { idle.on('close', resolve) })
  await new Promise((resolve) => { idle.on('secureConnect', resolve) })
  const first = edge.server.stop()
  t.equal((await call(edge.address, { body: makeReview() })).headers.connection, 'close')
  await Promise.all([edge.server.stop(), first, gone])
  t.notOk(edge.server.server.listening)
})

t.test('what is still under way after the drain is cut off when the close budget is spent', async (t) => {
  const edge = await startEdge({ tls, limits: { drainMs: 0, closeMs: 50 } })
  const socket = connect({ host: '127.0.0.1', port: edge.address.port, rejectUnauthorized: false })
  socket.on('error', () => {})
  const gone = new Promise((resolve) => { socket.on('close', resolve) })
  socket.write('POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n ')
  while (edge.server.inFlightBytes() === 0) await call(edge.address, { method: 'GET' })
  await edge.server.stop()
  await gone
  t.notOk(edge.server.server.listening)
})

t.test('a server that never listened stops at once', async () => {
  const edge = await startEdge({ tls })
  await edge.server.stop()
  await edge.server.stop()
})
