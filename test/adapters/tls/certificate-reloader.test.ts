import { X509Certificate } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { CertificateReloader } from '../../../src/adapters/tls/certificate-reloader.ts'
import { makeCustomCertificate, makeFreshCertificate } from '../../helpers/certificates.ts'
import type { ServingCertificatePems } from '../../helpers/certificates.ts'
import { startRig } from '../../helpers/reloader-rig.ts'
import { shakeHands } from '../../helpers/tls-edge.ts'

const first = await makeFreshCertificate()
const second = await makeFreshCertificate()
const ellipticCurve = await makeCustomCertificate({ curve: 'P-256' })
const caller = await makeCustomCertificate({ usage: { clientAuth: true } })
const { ca } = first
const hours = 3_600_000

const fingerprint = ({ cert }: ServingCertificatePems): string => new X509Certificate(cert).fingerprint256

t.test('a pair that is written over is found by the watch and served', async (t) => {
  const { reloader, events, write, served, refusals, reloads } = await startRig(t, { first })
  t.equal(await reloader.start(), 'unchanged')
  const reloaded = once(events, 'reload')
  await write(second)
  await reloaded
  t.equal(await served(), fingerprint(second))
  t.same(reloads, [fingerprint(second)])
  t.same(refusals, [])
})

t.test('the kubelet\'s swap of the ..data symlink is found by the watch', async (t) => {
  const at = t.testdir({ '..first': { 'tls.crt': first.cert, 'tls.key': first.key } })
  await symlink('..first', join(at, '..data'))
  for (const name of ['tls.crt', 'tls.key']) await symlink(join('..data', name), join(at, name))
  const { reloader, events, served, refusals } = await startRig(t, { first, folder: at })
  await reloader.start()
  t.equal(await served(), fingerprint(first))
  for (const [name, pair] of [['..second', second], ['..third', ellipticCurve]] as const) {
    const reloaded = once(events, 'reload')
    await mkdir(join(at, name))
    await writeFile(join(at, name, 'tls.crt'), pair.cert)
    await writeFile(join(at, name, 'tls.key'), pair.key)
    await symlink(name, join(at, '..data_tmp'))
    await rename(join(at, '..data_tmp'), join(at, '..data'))
    await reloaded
    t.equal(await served(), fingerprint(pair))
  }
  t.same(refusals, [])
})

t.test('a change that no event tells of is found by the poll', async (t) => {
  // The files are links into another folder, which nobody watches.
  const elsewhere = t.testdir({ real: { 'tls.crt': first.cert, 'tls.key': first.key }, mount: {} })
  const mount = join(elsewhere, 'mount')
  for (const name of ['tls.crt', 'tls.key']) await symlink(join('..', 'real', name), join(mount, name))
  const { reloader, events, served } = await startRig(t, { first, folder: mount, pollIntervalMs: 20 })
  await reloader.start()
  const reloaded = once(events, 'reload')
  await writeFile(join(elsewhere, 'real', 'tls.crt'), second.cert)
  await writeFile(join(elsewhere, 'real', 'tls.key'), second.key)
  await reloaded
  t.equal(await served(), fingerprint(second))
})

t.test('a pair that changed between load and start is taken by the start', async (t) => {
  const { reloader, write, served } = await startRig(t, { first })
  await write(second)
  t.equal(await reloader.start(), 'reloaded')
  t.equal(await served(), fingerprint(second))
})

interface BadPair {
  readonly name: string
  readonly reason: string
  readonly files: { readonly cert?: string, readonly key?: string }
}

const bad: readonly BadPair[] = [
  { name: 'garbage', reason: 'certificate_malformed', files: { cert: 'garbage', key: 'garbage' } },
  { name: 'an empty certificate', reason: 'certificate_malformed', files: { cert: '' } },
  { name: 'an empty key', reason: 'key_malformed', files: { key: '' } },
  { name: 'an elliptic curve certificate with an RSA key', reason: 'key_mismatch', files: { cert: ellipticCurve.cert } },
  { name: 'the key of another pair', reason: 'key_mismatch', files: { key: second.key } },
  { name: 'an expired pair', reason: 'expired', files: await makeCustomCertificate({ validFrom: -7200, validUntil: -60 }) },
  { name: 'a pair of the future', reason: 'not_yet_valid', files: await makeCustomCertificate({ validFrom: 60 }) },
  { name: 'a pair without a name', reason: 'no_names', files: await makeCustomCertificate({ hosts: [] }) },
  { name: 'a chain with a stranger', reason: 'chain_disordered', files: { cert: first.cert + second.cert } }
]

for (const { name, reason, files } of bad) {
  t.test(`${name} is reported once and leaves the old pair serving`, async (t) => {
    const { reloader, events, write, served, refusals, reloads } = await startRig(t, { first, quietMs: 1 })
    const refused = once(events, 'refused')
    await write(files)
    await reloader.checkNow()
    await refused
    t.equal(await reloader.checkNow(), 'refused')
    t.same(refusals.map((refusal) => refusal.reason), [reason])
    t.equal(await served(), fingerprint(first))
    await write(second)
    t.equal(await reloader.checkNow(), 'reloaded', 'a good pair afterwards is taken')
    t.equal(await served(), fingerprint(second))
    t.same(reloads, [fingerprint(second)])
  })
}

t.test('half a rotation is refused quietly until the other half has arrived', async (t) => {
  const { reloader, write, served, refusals } = await startRig(t, { first })
  await write({ cert: second.cert })
  t.equal(await reloader.checkNow(), 'waiting')
  t.equal(await reloader.checkNow(), 'waiting')
  t.equal(await served(), fingerprint(first))
  await write({ key: second.key })
  t.equal(await reloader.checkNow(), 'reloaded')
  t.equal(await served(), fingerprint(second))
  t.same(refusals, [])
})

t.test('files that vanish and come back with the same content change nothing', async (t) => {
  const { at, reloader, write, refusals, reloads } = await startRig(t, { first })
  await rm(join(at, 'tls.key'))
  t.equal(await reloader.checkNow(), 'waiting')
  await write(first)
  t.equal(await reloader.checkNow(), 'unchanged')
  t.same([refusals, reloads], [[], []])
})

t.test('a pair of the future is taken when its time has come', async (t) => {
  const { reloader, write, clock, refusals } = await startRig(t, { first })
  await write(await makeCustomCertificate({ validFrom: 1800, validUntil: 7200 }))
  t.equal(await reloader.checkNow(), 'refused')
  clock.offsetMs = 0.75 * hours
  t.equal(await reloader.checkNow(), 'reloaded')
  t.match(refusals, [{ reason: 'not_yet_valid' }])
  t.equal(refusals.length, 1)
})

t.test('the pair that serves is not refused when it expires', async (t) => {
  const { reloader, clock, refusals } = await startRig(t, { first })
  clock.offsetMs = 2 * hours
  t.equal(await reloader.checkNow(), 'unchanged')
  t.same(refusals, [])
})

t.test('a reload keeps the version floor and the demand for a caller\'s certificate', async (t) => {
  const { reloader, write, port } = await startRig(t, { first, clientAuthority: true })
  const trusted = { ca, cert: caller.cert, key: caller.key }
  const assertPolicy = async () => {
    t.match(await shakeHands(port, trusted), { ok: true, protocol: 'TLSv1.3' })
    t.match(await shakeHands(port, { ...trusted, maxVersion: 'TLSv1.2' }), { ok: true, protocol: 'TLSv1.2' })
    t.match(await shakeHands(port, { ca }), { ok: false }, 'a caller without a certificate')
    const oldest = { ...trusted, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    t.match(await shakeHands(port, oldest), { ok: false, code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
  }
  await assertPolicy()
  await write(second)
  t.equal(await reloader.checkNow(), 'reloaded')
  await assertPolicy()
})

t.test('a reload keeps TLS 1.3 as the only version', async (t) => {
  const { reloader, write, port } = await startRig(t, { first, tls13Only: true })
  await write(second)
  t.equal(await reloader.checkNow(), 'reloaded')
  t.match(await shakeHands(port, { ca, maxVersion: 'TLSv1.2' }), { ok: false })
  t.match(await shakeHands(port, { ca }), { ok: true, fingerprint256: fingerprint(second) })
})

t.test('a changed client authority counts from the reload on', async (t) => {
  const { at, reloader, port } = await startRig(t, { first, clientAuthority: true })
  const trusted = { ca, cert: caller.cert, key: caller.key }
  t.match(await shakeHands(port, trusted), { ok: true })
  await writeFile(join(at, 'ca.crt'), second.cert)
  t.equal(await reloader.checkNow(), 'reloaded')
  t.match(await shakeHands(port, trusted), { ok: false })
})

t.test('a connection that is kept alive survives a reload', async (t) => {
  const { reloader, write, port, served } = await startRig(t, { first })
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
  t.teardown(() => { agent.destroy() })
  const ask = async () => {
    const call = request({ host: '127.0.0.1', port, servername: 'localhost', agent })
    call.end()
    const [response] = await once(call, 'response')
    return { body: await text(response), reused: call.reusedSocket }
  }
  t.same(await ask(), { body: 'ok', reused: false })
  await write(second)
  t.equal(await reloader.checkNow(), 'reloaded')
  t.same(await ask(), { body: 'ok', reused: true })
  t.equal(await served(), fingerprint(second))
})

t.test('a server that refuses the options is reported and asked again', async (t) => {
  const { source } = await startRig(t, { first })
  const events = new EventEmitter()
  let refuses = true
  const reloader = new CertificateReloader({
    source,
    swap: () => { if (refuses) throw new Error('no') },
    onReload: () => { events.emit('reload') },
    onRefused: (refusal) => { events.emit('refused', refusal) },
    pollIntervalMs: 20
  })
  t.teardown(async () => { await reloader.close() })
  const refused = once(events, 'refused')
  await t.rejects(reloader.start())
  t.match(await refused, [{ reason: 'tls_refused', file: source.files.certificateFile }])
  const reloaded = once(events, 'reload')
  refuses = false
  await reloaded
})

t.test('a folder that appears later is watched, and its first pair comes by the swap', async (t) => {
  const at = join(t.testdir(), 'mount')
  const files = { certificateFile: join(at, 'tls.crt'), privateKeyFile: join(at, 'tls.key') }
  const events = new EventEmitter()
  const reloader = new CertificateReloader({
    source: { files, policy: { tls13Only: false }, clock: { now: () => new Date() } },
    swap: ({ cert }) => { events.emit('swap', cert) },
    onReload: () => undefined,
    onRefused: () => undefined,
    pollIntervalMs: 20
  })
  t.teardown(async () => { await reloader.close() })
  t.equal(await reloader.start(), 'waiting')
  const swapped = once(events, 'swap')
  await mkdir(at)
  await writeFile(files.privateKeyFile, first.key)
  await writeFile(files.certificateFile, first.cert)
  t.same(await swapped, [first.cert])
})

t.test('after close nothing is read and nothing is reported', async (t) => {
  const { reloader, write, served, reloads } = await startRig(t, { first, pollIntervalMs: 1 })
  await reloader.start()
  await reloader.close()
  await write(second)
  t.equal(await reloader.checkNow(), 'unchanged')
  t.equal(await served(), fingerprint(first))
  t.same(reloads, [])
})
