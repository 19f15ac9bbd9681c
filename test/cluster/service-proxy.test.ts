import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { askUntil } from './bounded.ts'
import { startServiceProxy, type Fault, type ServiceProxy } from './service-proxy.ts'

interface Endpoint {
  readonly port: number
  /** Those that it was given so far, in order. */
  readonly sockets: readonly Socket[]
}

/** Answers each piece with its own name and the piece; ends when the caller has ended. */
async function startEndpoint (t: Test, name: string): Promise<Endpoint> {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {}) // One that is reset is what some tests ask for.
    socket.on('data', (piece: Buffer) => { socket.write(`${name}:${piece.toString()};`) })
    socket.on('end', () => { socket.end('bye') })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    sockets.forEach((socket) => { socket.destroy() })
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets }
}

async function start (t: Test, fault?: Fault): Promise<{ readonly proxy: ServiceProxy, readonly endpoint: Endpoint }> {
  const proxy = await startServiceProxy()
  t.teardown(proxy.close)
  const endpoint = await startEndpoint(t, 'a')
  await proxy.addWhenReady(endpoint.port, async () => true)
  proxy.setFault(fault)
  return { proxy, endpoint }
}

/** A connection that ends with the test. */
function dial (t: Test, { port }: ServiceProxy): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  t.teardown(() => { socket.destroy() })
  return socket
}

/** Sends a text, ends, and gives the whole answer; rejects with `ECONNRESET` where the connection is reset. */
async function converse (t: Test, proxy: ServiceProxy, said: string): Promise<string> {
  return await text(dial(t, proxy).end(said))
}

t.test('connections go to the endpoints in turn, and without one they are reset', async (t) => {
  const proxy = await startServiceProxy()
  t.teardown(proxy.close)
  await t.rejects(converse(t, proxy, 'x'), { code: 'ECONNRESET' })
  const [a, b] = await Promise.all([startEndpoint(t, 'a'), startEndpoint(t, 'b')])
  let asked = 0
  await proxy.addWhenReady(a.port, async () => { asked += 1; return asked === 3 })
  t.equal(asked, 3, 'it is added when it is ready')
  await proxy.addWhenReady(b.port, async () => true)
  t.same([await converse(t, proxy, '1'), await converse(t, proxy, '2'), await converse(t, proxy, '3')],
    ['a:1;bye', 'b:2;bye', 'a:3;bye'])
  t.same([proxy.given(a.port), proxy.given(b.port)], [2, 1])
})

t.test('an endpoint leaves a second later, and keeps the connections that it has', async (t) => {
  const { proxy, endpoint } = await start(t)
  const open = dial(t, proxy)
  open.write('x')
  await once(open, 'data')
  const before = performance.now()
  const leaving = proxy.removeLate(endpoint.port)
  t.equal(await converse(t, proxy, '1'), 'a:1;bye', 'not yet')
  await leaving
  t.ok(performance.now() - before >= 990, 'a second')
  await t.rejects(converse(t, proxy, '2'), { code: 'ECONNRESET' })
  open.end('y')
  t.equal(await text(open), 'a:y;bye')
})

t.test('a delayed connection passes everything, later in both directions', async (t) => {
  const { proxy } = await start(t, { kind: 'delay', ms: 100 })
  const before = performance.now()
  t.equal(await converse(t, proxy, 'x'), 'a:x;bye')
  t.ok(performance.now() - before >= 190, 'there and back')
})

t.test('a cut connection is reset on both sides after so many bytes of the answer', async (t) => {
  const { proxy, endpoint } = await start(t, { kind: 'cut', afterBytes: 4 })
  const socket = dial(t, proxy)
  socket.write('x')
  t.equal(String(await once(socket, 'data')), 'a:x;')
  socket.write('y')
  const [served] = endpoint.sockets
  if (served === undefined) throw new Error('the endpoint was given no connection')
  const [cut] = await Promise.all([once(served, 'error'), t.rejects(once(socket, 'data'), { code: 'ECONNRESET' })])
  t.match(cut, [{ code: 'ECONNRESET' }])
})

t.test('a half-closed connection ends towards the server only', async (t) => {
  const { proxy } = await start(t, { kind: 'half-close', afterBytes: 2 })
  const socket = dial(t, proxy)
  socket.write('xyz')
  t.equal(await text(socket), 'a:xy;bye')
})

t.test('a frozen connection is taken and passes nothing, until all are reset', async (t) => {
  const { proxy, endpoint } = await start(t, { kind: 'freeze' })
  const socket = dial(t, proxy)
  let heard = ''
  socket.on('data', (piece: Buffer) => { heard += piece.toString() }).write('x')
  await askUntil(async () => proxy.given(endpoint.port) === 1, 'the proxy does not take the connection')
  proxy.setFault(undefined)
  t.equal(await converse(t, proxy, '1'), 'a:1;bye', 'another one passes')
  const ended = once(socket, 'end')
  proxy.resetAll()
  await t.rejects(ended, { code: 'ECONNRESET' })
  t.equal(heard, '')
  t.equal(endpoint.sockets.length, 2)
})
