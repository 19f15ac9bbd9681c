import { join } from 'node:path'
import t from 'tap'
import { loadCertificate, requireCertificate } from '../../../src/adapters/tls/certificate-files.ts'
import type { CertificateSource, RefusalReason } from '../../../src/adapters/tls/certificate-files.ts'
import { PullpassError } from '../../../src/core/errors.ts'
import { makeCustomCertificate, makeFreshCertificate, makeServingCertificate } from '../../helpers/certificates.ts'

const good = await makeServingCertificate()
const other = await makeFreshCertificate()
const ellipticCurve = await makeCustomCertificate({ curve: 'P-256' })
const expired = await makeCustomCertificate({ validFrom: -7200, validUntil: -60 })
const future = await makeCustomCertificate({ validFrom: 60, validUntil: 7200 })
const nameless = await makeCustomCertificate({ hosts: [] })
const forClients = await makeCustomCertificate({ usage: { clientAuth: true } })
const forAnything = await makeCustomCertificate({ usage: { '2.5.29.37.0': true } })
const weak = await makeCustomCertificate({ rsaBits: 512 })

function sourceIn (folder: string, { clientAuthority = false, now = () => new Date() } = {}): CertificateSource {
  const file = (name: string) => join(folder, name)
  const files = { certificateFile: file('tls.crt'), privateKeyFile: file('tls.key') }
  return {
    files: clientAuthority ? { ...files, clientAuthorityFile: file('ca.crt') } : files,
    policy: { tls13Only: false },
    clock: { now }
  }
}

const accepted = [
  { name: 'an RSA pair', cert: good.cert, key: good.key },
  { name: 'a chain in order', cert: good.cert + good.ca, key: good.key },
  { name: 'an elliptic curve pair', cert: ellipticCurve.cert, key: ellipticCurve.key },
  { name: 'a certificate for any purpose', cert: forAnything.cert, key: forAnything.key },
  { name: 'a pair with text around it and CRLF', cert: `leaf\r\n${good.cert.replaceAll('\n', '\r\n')}`, key: good.key }
]

for (const { name, cert, key } of accepted) {
  t.test(`${name} is taken`, async (t) => {
    const loaded = await loadCertificate(sourceIn(t.testdir({ 'tls.crt': cert, 'tls.key': key })))
    t.match(loaded, { ok: true, certificate: { material: { certificate: cert, privateKey: key } } })
    t.same(requireCertificate(loaded).facts.dnsNames, ['localhost'])
  })
}

interface Refused {
  readonly name: string
  readonly reason: RefusalReason
  readonly file: string
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

const refused: readonly Refused[] = [
  { name: 'an empty certificate file', reason: 'certificate_malformed', file: 'tls.crt', cert: '', key: good.key },
  { name: 'garbage for a certificate', reason: 'certificate_malformed', file: 'tls.crt', cert: 'garbage', key: good.key },
  { name: 'half a certificate', reason: 'certificate_malformed', file: 'tls.crt', cert: good.cert.slice(0, 500), key: good.key },
  { name: 'a key for a certificate', reason: 'certificate_malformed', file: 'tls.crt', cert: good.key, key: good.key },
  { name: 'an empty key file', reason: 'key_malformed', file: 'tls.key', cert: good.cert, key: '' },
  { name: 'garbage for a key', reason: 'key_malformed', file: 'tls.key', cert: good.cert, key: 'garbage' },
  { name: 'the key of another pair', reason: 'key_mismatch', file: 'tls.key', cert: good.cert, key: other.key },
  { name: 'an elliptic curve certificate with an RSA key', reason: 'key_mismatch', file: 'tls.key', cert: ellipticCurve.cert, key: good.key },
  { name: 'an RSA certificate with an elliptic curve key', reason: 'key_mismatch', file: 'tls.key', cert: good.cert, key: ellipticCurve.key },
  { name: 'an expired certificate', reason: 'expired', file: 'tls.crt', cert: expired.cert, key: expired.key },
  { name: 'a certificate of the future', reason: 'not_yet_valid', file: 'tls.crt', cert: future.cert, key: future.key },
  { name: 'a certificate without a name', reason: 'no_names', file: 'tls.crt', cert: nameless.cert, key: nameless.key },
  { name: 'a certificate for clients', reason: 'not_for_servers', file: 'tls.crt', cert: forClients.cert, key: forClients.key },
  { name: 'a chain with a stranger', reason: 'chain_disordered', file: 'tls.crt', cert: good.cert + other.cert, key: good.key },
  { name: 'a chain that begins with the authority', reason: 'key_mismatch', file: 'tls.key', cert: good.ca + good.cert, key: good.key },
  { name: 'a key too short for OpenSSL', reason: 'tls_refused', file: 'tls.crt', cert: weak.cert, key: weak.key },
  { name: 'garbage for a client authority', reason: 'client_authority_malformed', file: 'ca.crt', cert: good.cert, key: good.key, ca: 'garbage' }
]

for (const { name, reason, file, cert, key, ca } of refused) {
  t.test(`${name} is refused with the reason ${reason}`, async (t) => {
    const folder = t.testdir({ 'tls.crt': cert, 'tls.key': key, ...(ca === undefined ? {} : { 'ca.crt': ca }) })
    const loaded = await loadCertificate(sourceIn(folder, { clientAuthority: ca !== undefined }))
    t.match(loaded, { ok: false, refusal: { reason, file: join(folder, file) } })
    t.throws(() => requireCertificate(loaded), {
      code: 'certificate_invalid',
      message: new RegExp(`^cannot serve TLS with .*${file.replace('.', '\\.')}: [^\\n]+[^.\\n]$`)
    })
  })
}

t.test('a refusal never holds key material', async (t) => {
  const folder = t.testdir({ 'tls.crt': good.cert, 'tls.key': other.key })
  const loaded = await loadCertificate(sourceIn(folder))
  const text = JSON.stringify(loaded)
  for (const line of other.key.split('\n').filter((line) => line.length > 20)) t.notOk(text.includes(line))
})

for (const missing of ['tls.crt', 'tls.key', 'ca.crt']) {
  t.test(`a missing ${missing} is refused by its name`, async (t) => {
    const present = Object.entries({ 'tls.crt': good.cert, 'tls.key': good.key, 'ca.crt': good.ca })
    const folder = t.testdir(Object.fromEntries(present.filter(([name]) => name !== missing)))
    const loaded = await loadCertificate(sourceIn(folder, { clientAuthority: true }))
    t.match(loaded, { ok: false, refusal: { reason: 'file_unreadable', file: join(folder, missing), message: /ENOENT/ } })
  })
}

t.test('the dates are held against the clock that was given', async (t) => {
  const folder = t.testdir({ 'tls.crt': good.cert, 'tls.key': good.key })
  const at = async (hours: number) => {
    const loaded = await loadCertificate(sourceIn(folder, { now: () => new Date(Date.now() + hours * 3_600_000) }))
    return loaded.ok ? 'good' : loaded.refusal.reason
  }
  t.same([await at(-2), await at(0), await at(2)], ['not_yet_valid', 'good', 'expired'])
})

t.test('equal contents have equal digests, and different ones do not', async (t) => {
  const load = async (cert: string) => await loadCertificate(sourceIn(t.testdir({ 'tls.crt': cert, 'tls.key': good.key })))
  const first = await load(good.cert)
  t.equal((await load(good.cert)).digest, first.digest)
  t.not((await load(`${good.cert}\n`)).digest, first.digest)
  t.not((await load('')).digest, first.digest)
})

t.test('a good load is handed out and a bad one is thrown as a PullpassError', async (t) => {
  const bad = await loadCertificate(sourceIn(t.testdir()))
  t.throws(() => requireCertificate(bad), PullpassError)
})
