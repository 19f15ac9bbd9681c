import { readFileSync } from 'node:fs'
import t from 'tap'
import { Registry } from '@prometheus-io/client'
import { httpLimits, httpLimitTable } from '../../../src/adapters/http/limits.ts'
import { refusals } from '../../../src/adapters/http/refusal.ts'
import { createStatusServer } from '../../../src/adapters/http/status-server.ts'
import { makeServingCertificate } from '../../helpers/certificates.ts'
import { startEdge } from '../../helpers/http-edge.ts'

const page = readFileSync(new URL('../../../docs/http.md', import.meta.url), 'utf8')

/** The cells of the table rows whose first cell is in backticks, below a heading. */
function tableBelow (heading: string): string[][] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return section.split('\n').filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replaceAll('`', '')))
}

t.test('docs/http.md has one row for each limit, with its value, and no other', async (t) => {
  const documented = tableBelow('Limits').map(([name, value]) => `${name} ${value}`)
  t.strictSame(documented, Object.entries(httpLimitTable).map(([name, { value, unit }]) => `${name} ${value} ${unit}`))
})

t.test('docs/http.md has one row for each refusal, with its status, and no other', async (t) => {
  const documented = tableBelow('Refusals').map(([code, status]) => `${code} ${status}`)
  t.strictSame(documented, Object.entries(refusals).map(([code, { status }]) => `${code} ${status}`))
})

t.test('the running admission server has the values of the table', async (t) => {
  const edge = await startEdge({ tls: await makeServingCertificate(), limits: httpLimits() })
  const { server } = edge.server
  const effective = {
    headersTimeoutMs: server.headersTimeout,
    requestTimeoutMs: server.requestTimeout,
    keepAliveTimeoutMs: server.keepAliveTimeout,
    maxConnections: server.maxConnections,
    maxRequestsPerSocket: server.maxRequestsPerSocket
  }
  t.match(httpLimits(), effective)
  t.equal(server.timeout, 0, 'no other timeout of the sockets')
  await Promise.all([edge.server.stop(), edge.server.stop()])
})

t.test('the running status server has the values of the table', async (t) => {
  const limits = httpLimits()
  const status = createStatusServer({ notReady: () => [], registry: new Registry(), limits })
  await status.listen('127.0.0.1', 0)
  t.teardown(status.stop)
  t.equal(status.server.maxConnections, limits.statusMaxConnections)
  t.equal(status.server.keepAliveTimeout, limits.keepAliveTimeoutMs)
  t.equal(status.server.headersTimeout, limits.headersTimeoutMs)
})

t.test('the limits hold together', async (t) => {
  const limits = httpLimits()
  t.ok(limits.keepAliveTimeoutMs >= 120_000, 'above the 90 s of the API server')
  t.ok(limits.headersTimeoutMs < limits.requestTimeoutMs, 'else Node swaps the two')
  t.ok(limits.requestTimeoutMs > limits.maxWaitMs + limits.bodyTimeoutMs, 'a body that waited can still be read')
  t.ok(limits.headersTimeoutMs + limits.connectionsCheckingIntervalMs <= 6_000, 'slow headers end within 6 s')
  t.ok(limits.smallInFlightBytes + limits.bodyBytes <= limits.inFlightBytes, 'the largest body fits')
})
