import { connect } from 'node:tls'
import fc from 'fast-check'
import t from 'tap'
import { refusals } from '../../../src/adapters/http/refusal.ts'
import { makeServingCertificate } from '../../helpers/certificates.ts'
import { call, makeReview, skipping, startEdge, type CallOptions, type Edge } from '../../helpers/http-edge.ts'

const tls = await makeServingCertificate()
const limits = { bodyBytes: 400_000, nestingLevels: 10_000, lingerMs: 100 }
const edge = await startEdge({ tls, admit: () => skipping, limits })
t.teardown(edge.server.stop)

const valid = JSON.stringify(makeReview())
const nested = (levels: number): string =>
  valid.replace('"spec":', `"deep":${'['.repeat(levels)}${']'.repeat(levels)},"spec":`)

interface Row extends CallOptions {
  readonly name: string
  readonly status: number
  readonly code?: keyof typeof refusals
}

const rows: readonly Row[] = [
  { name: 'a content type with parameters', status: 200, headers: { 'content-type': 'Application/JSON; charset=utf-8' }, body: valid },
  { name: 'duplicate keys, of which the last one counts', status: 200, body: valid.replace('"kind":', '"kind":"X","kind":') },
  { name: 'brackets inside strings are no levels', status: 200, body: valid.replace('"spec":', `"s":"${'[{\\"'.repeat(20_000)}","spec":`) },
  { name: 'exactly as deep as allowed', status: 200, body: nested(9_997) },
  { name: 'text that is not ASCII', status: 200, body: valid.replace('u-1', 'ü-1') },
  { name: 'no content type', status: 415, code: 'content_type_unsupported', headers: { 'content-type': '' }, body: valid },
  { name: 'a content type that is none', status: 415, code: 'content_type_unsupported', headers: { 'content-type': '@@@' }, body: valid },
  { name: 'another content type', status: 415, code: 'content_type_unsupported', headers: { 'content-type': 'text/plain' }, body: valid },
  { name: 'a compressed body', status: 415, code: 'content_encoding_unsupported', headers: { 'content-encoding': 'gzip' }, body: valid },
  { name: 'an empty body', status: 400, code: 'body_empty', body: '' },
  { name: 'a NUL byte', status: 400, code: 'body_not_json', body: '\0' },
  { name: 'text that breaks off', status: 400, code: 'body_not_json', body: valid.slice(0, -1) },
  { name: 'a byte order mark', status: 400, code: 'body_has_bom', body: `\ufeff${valid}` },
  { name: 'bytes that are no UTF-8', status: 400, code: 'body_not_utf8', body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) },
  { name: 'one level too deep', status: 400, code: 'body_too_deep', body: nested(10_001) },
  { name: 'only opening brackets', status: 400, code: 'body_too_deep', body: '['.repeat(300_000) },
  { name: 'a body that is too large', status: 413, code: 'body_too_large', body: Buffer.alloc(400_001, 0x20) },
  { name: 'JSON that is no object', status: 400, code: 'review_invalid', body: 'null' },
  { name: 'no request', status: 400, code: 'review_invalid', body: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' } },
  { name: 'no uid', status: 400, code: 'review_invalid', body: makeReview({ uid: '' }) },
  { name: 'an unknown version', status: 400, code: 'review_invalid', body: makeReview({}, { apiVersion: 'admission.k8s.io/v9' }) },
  { name: 'another kind', status: 400, code: 'review_invalid', body: makeReview({}, { kind: 'ConversionReview' }) },
  { name: 'another path', status: 404, code: 'path_unknown', path: '/mutate/', body: valid },
  { name: 'another path with a broken body', status: 404, code: 'path_unknown', path: '/', body: '{' },
  { name: 'another method', status: 405, code: 'method_not_allowed', method: 'PUT', body: valid },
  { name: 'GET', status: 405, code: 'method_not_allowed', method: 'GET', path: '/shadow?timeout=5s' }
]

for (const { name, status, code, ...options } of rows) {
  t.test(`${name}: ${status}${code === undefined ? '' : ` ${code}`}`, async (t) => {
    const headers = Object.fromEntries(Object.entries(options.headers ?? {}))
    const answer = await call(edge.address, { ...options, headers })
    t.equal(answer.status, status, answer.text)
    t.equal(answer.headers['content-type'], 'application/json')
    if (code === undefined) return
    const { error } = JSON.parse(answer.text) as { error: { code: string, message: string } }
    t.equal(error.code, code)
    t.equal(refusals[code].status, status)
    t.match(error.message, /^[a-z].{10,}[^.]$/)
    if (status === 405) t.equal(answer.headers.allow, 'POST')
    t.match(await edge.metrics.registry.metrics(), new RegExp(`pullpass_admission_refused_total\\{code="${code}"\\} [1-9]`))
  })
}

t.test('a chunked body that grows past the limit is refused while it comes', async (t) => {
  const answer = await raw(edge, [
    'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    `${(400_001).toString(16)}\r\n${' '.repeat(400_001)}\r\n`
  ])
  t.match(answer, /^HTTP\/1\.1 413 .*"body_too_large"/s)
})

t.test('a chunked body without a byte in it is an empty body', async (t) => {
  const answer = await raw(edge, [
    'POST /mutate HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    '0\r\n\r\n'
  ])
  t.match(answer, /^HTTP\/1\.1 400 .*"body_empty"/s)
})

t.test('bytes that are no HTTP get a 400, headers that are too large a 431', async (t) => {
  t.match(await raw(edge, ['nonsense\r\n\r\n']), /^HTTP\/1\.1 400 .*"http_malformed"/s)
  t.match(await raw(edge, [`POST /mutate HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`]), /^HTTP\/1\.1 431 .*"headers_too_large"/s)
})

t.test('no bytes at all make the server fail', async (t) => {
  await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json()), async (input) => {
    const answer = await call(edge.address, { body: Buffer.from(input) })
    return answer.status === 400
  }), { numRuns: 60 })
  t.equal((await call(edge.address, { body: valid })).status, 200)
  t.equal(edge.server.inFlightBytes(), 0)
})

/** Writes bytes over TLS and returns what comes back until the server closes. */
async function raw (target: Edge, pieces: readonly string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect({ host: '127.0.0.1', port: target.address.port, rejectUnauthorized: false })
  let text = ''
  socket.on('data', (piece: Buffer) => { text += piece.toString() })
  socket.on('error', () => {})
  socket.on('close', () => { resolve(text) })
  for (const piece of pieces) socket.write(piece)
  return await promise
}
