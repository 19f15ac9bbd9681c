import { createServer } from 'node:net'
import t from 'tap'
import { createAdmissionServer } from '../../../src/adapters/http/admission-server.ts'
import { httpLimits } from '../../../src/adapters/http/limits.ts'
import { createLog } from '../../../src/adapters/log.ts'
import type { AdmissionRequest } from '../../../src/core/admission-review.ts'
import type { AdmissionMode } from '../../../src/app/admission.ts'
import { PullpassError } from '../../../src/core/errors.ts'
import { member, memberAt } from '../../../src/core/kubernetes.ts'
import { makeServingCertificate } from '../../helpers/certificates.ts'
import { call, injecting, makeReview, skipping, startEdge } from '../../helpers/http-edge.ts'

const tls = await makeServingCertificate()
const canary = 'canary-7f3a'

t.test('a review is answered by the protocol, whatever the query', async (t) => {
  const asked: Array<{ request: AdmissionRequest, mode: AdmissionMode }> = []
  const edge = await startEdge({ tls, admit: (request, mode) => { asked.push({ request, mode }); return injecting } })
  t.teardown(edge.server.stop)
  const paths = { '/mutate': 'mutate', '/mutate?timeout=5s': 'mutate', '/shadow?timeout=1s&x=%zz': 'shadow' }
  for (const [path, mode] of Object.entries(paths)) {
    const answer = await call(edge.address, { path, body: makeReview() })
    const review: unknown = JSON.parse(answer.text)
    t.equal(answer.status, 200, path)
    t.equal(answer.headers['content-type'], 'application/json')
    t.equal(answer.headers['retry-after'], undefined)
    t.equal(member(review, 'apiVersion'), 'admission.k8s.io/v1')
    t.equal(member(review, 'kind'), 'AdmissionReview')
    t.strictSame(memberAt(review, ['response', 'uid']), 'u-1')
    t.equal(memberAt(review, ['response', 'allowed']), true)
    t.equal(memberAt(review, ['response', 'patchType']), 'JSONPatch')
    t.strictSame(JSON.parse(Buffer.from(String(memberAt(review, ['response', 'patch'])), 'base64').toString()), injecting.patch)
    t.strictSame(memberAt(review, ['response', 'warnings']), injecting.warnings)
    t.equal(asked.at(-1)?.mode, mode)
  }
})

t.test('the answer repeats the version of the question, and has no patch where nothing is added', async (t) => {
  const edge = await startEdge({ tls, admit: () => skipping })
  t.teardown(edge.server.stop)
  const answer = await call(edge.address, { body: makeReview({}, { apiVersion: 'admission.k8s.io/v1beta1' }) })
  t.strictSame(JSON.parse(answer.text), {
    apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview', response: { uid: 'u-1', allowed: true }
  })
})

t.test('keys that would reach a prototype do not make a pod fail', async (t) => {
  let seen: AdmissionRequest | undefined
  const edge = await startEdge({ tls, admit: (request) => { seen = request; return skipping } })
  t.teardown(edge.server.stop)
  const body = JSON.stringify(makeReview()).replace('"spec":', '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"spec":')
  const answer = await call(edge.address, { body })
  t.equal(answer.status, 200)
  t.ok(Object.hasOwn(seen?.object ?? {}, '__proto__'))
  t.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

t.test('a decision that failed still admits the pod, counts as an error and leaves one error line', async (t) => {
  const thrown = Object.assign(new Error(`HTTP-Code: 500\nBody: ${canary}`), { body: canary, headers: { authorization: canary } })
  const decision = { action: 'skip', reason: 'internal_error', leftOut: [] } as const
  const failed = { decision, patch: [], warnings: [], auditAnnotations: {}, error: thrown }
  const edge = await startEdge({ tls, level: 'error', admit: () => failed })
  t.teardown(edge.server.stop)
  const answer = await call(edge.address, { body: makeReview() })
  t.strictSame(memberAt(JSON.parse(answer.text), ['response']), { uid: 'u-1', allowed: true })
  const lines = edge.logLines()
  t.equal(lines.length, 1)
  t.match(lines[0], { level: 'error', component: 'admission', reason: 'internal_error', err: { name: 'Error', message: 'HTTP-Code: 500' } })
  t.match(await edge.metrics.registry.metrics(), /pullpass_admission_requests_total\{[^}]*outcome="error"[^}]*\} 1/)
  t.notMatch(edge.logText(), new RegExp(canary))
})

t.test('one line is logged for each admission: info for an injection, debug for a skip', async (t) => {
  const edge = await startEdge({ tls, admit: (request) => request.name === 'skip' ? skipping : injecting })
  t.teardown(edge.server.stop)
  await call(edge.address, { body: makeReview({ dryRun: true, name: 'web' }), path: '/shadow' })
  await call(edge.address, { body: makeReview({ name: 'skip', resource: { group: 'argoproj.io', version: 'v1alpha1', resource: 'workflows' } }) })
  const [first, second, ...more] = edge.logLines()
  t.equal(more.length, 0)
  const fixed = ['app', 'component', 'decision', 'dryRun', 'durationMs', 'level', 'mode', 'msg', 'name', 'namespace', 'operation',
    'reason', 'resource', 'secretNames', 'time', 'uid', 'version']
  t.strictSame(Object.keys(first ?? {}).sort(), fixed)
  t.match(first, {
    level: 'info',
    component: 'admission',
    uid: 'u-1',
    resource: 'pods',
    operation: 'CREATE',
    namespace: 'team-a',
    name: 'web',
    decision: 'inject',
    reason: 'images_covered',
    secretNames: ['acme-quay'],
    dryRun: true,
    mode: 'shadow',
    durationMs: Number
  })
  t.match(second, { level: 'debug', resource: 'workflows.argoproj.io', decision: 'skip', reason: 'no_match', secretNames: [], mode: 'mutate' })
})

t.test('nothing of a body or a header comes into log or metrics', async (t) => {
  const edge = await startEdge({ tls })
  t.teardown(edge.server.stop)
  const headers = { authorization: `Bearer ${canary}`, [canary]: canary }
  const object = { spec: { containers: [{ image: canary, env: [{ name: 'P', value: canary }] }] }, metadata: { annotations: { [canary]: canary } } }
  const bodies = [makeReview({ object, userInfo: { username: canary } }), `{"a":"${canary}`, canary, makeReview({}, { kind: canary })]
  for (const body of bodies) await call(edge.address, { headers, body, path: `/mutate?token=${canary}` })
  await call(edge.address, { headers, body: '', path: `/${canary}` })
  t.ok(edge.logLines().length >= bodies.length)
  t.notMatch(edge.logText(), new RegExp(canary))
  t.notMatch(await edge.metrics.registry.metrics(), new RegExp(canary))
})

t.test('an address that cannot be used is a listen_failed with what to do', async (t) => {
  const other = createServer()
  const { promise, resolve } = Promise.withResolvers<void>()
  other.listen(0, '127.0.0.1', resolve)
  await promise
  t.teardown(() => { other.close() })
  const address = other.address()
  const port = typeof address === 'object' ? address?.port ?? 0 : 0
  const edge = await startEdge({ tls })
  await edge.server.stop()
  const log = createLog({ level: 'error', version: '0', destination: { write: () => {} } })
  const parts = { admit: () => skipping, log, metrics: edge.metrics.admission, tls, limits: httpLimits() }
  const server = createAdmissionServer(parts)
  const error: unknown = await server.listen('127.0.0.1', port).catch((reason: unknown) => reason)
  t.ok(error instanceof PullpassError)
  const message = `listening on 127.0.0.1:${port}: EADDRINUSE: another program listens there; choose another port`
  t.match(error, { code: 'listen_failed', message })
  await server.stop()
})
