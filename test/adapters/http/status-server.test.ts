import t from 'tap'
import { httpLimits } from '../../../src/adapters/http/limits.ts'
import { createStatusServer, type NotReady } from '../../../src/adapters/http/status-server.ts'
import { createMetrics } from '../../../src/adapters/metrics.ts'
import { call } from '../../helpers/http-edge.ts'

let reasons: readonly NotReady[] = [{ check: 'certificate', message: 'no certificate has been loaded yet' }]
const metrics = createMetrics({ build: { version: '1.2.3', commit: 'abc' }, resources: [] })
const status = createStatusServer({ notReady: () => reasons, registry: metrics.registry, limits: httpLimits() })
const address = await status.listen('127.0.0.1', 0)
t.teardown(status.stop)
const get = async (path: string, method = 'GET') => await call(address, { plain: true, method, path })

t.test('not ready is 503 with the reasons, ready is 200; alive is 200 in both', async (t) => {
  const before = await get('/readyz')
  t.equal(before.status, 503)
  t.strictSame(JSON.parse(before.text), { ready: false, reasons })
  t.equal((await get('/livez')).status, 200)
  reasons = []
  const after = await get('/readyz?verbose')
  t.equal(after.status, 200)
  t.strictSame(JSON.parse(after.text), { ready: true, reasons: [] })
  t.equal((await get('/livez')).status, 200)
})

t.test('metrics come in the Prometheus text format', async (t) => {
  const answer = await get('/metrics')
  t.equal(answer.status, 200)
  t.match(answer.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  t.match(answer.text, 'pullpass_build_info{version="1.2.3",commit="abc"} 1')
})

t.test('other paths are 404, other methods 405, and no body is read', async (t) => {
  t.equal((await get('/')).status, 404)
  t.equal((await get('/mutate', 'POST')).status, 404)
  const answer = await call(address, { plain: true, method: 'POST', path: '/metrics', body: '{' })
  t.equal(answer.status, 405)
  t.equal(answer.headers.allow, 'GET, HEAD')
  t.match(JSON.parse(answer.text), { error: { code: 'method_not_allowed' } })
})
