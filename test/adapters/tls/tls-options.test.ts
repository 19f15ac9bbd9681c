import { X509Certificate } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import t from 'tap'
import { buildTlsOptions } from '../../../src/adapters/tls/tls-options.ts'
import { makeCustomCertificate, makeServingCertificate } from '../../helpers/certificates.ts'
import { shakeHands, startTlsServer } from '../../helpers/tls-edge.ts'
import type { Handshake } from '../../helpers/tls-edge.ts'

const pems = await makeServingCertificate()
const { ca } = pems
const material = { certificate: pems.cert, privateKey: pems.key }
const caller = await makeCustomCertificate({ usage: { clientAuth: true } })
// A caller that would speak anything: what is refused is refused by the server.
const oldest = { ca, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const

interface Row {
  readonly name: string
  readonly tls13Only: boolean
  readonly caller: ConnectionOptions
  readonly expected: Partial<Handshake>
}

const versions: readonly Row[] = [
  { name: 'TLS 1.1 is refused', tls13Only: false, caller: { ...oldest, maxVersion: 'TLSv1.1' }, expected: { ok: false, code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' } },
  { name: 'TLS 1.2 is spoken', tls13Only: false, caller: { ca, maxVersion: 'TLSv1.2' }, expected: { ok: true, protocol: 'TLSv1.2' } },
  { name: 'TLS 1.3 is preferred', tls13Only: false, caller: { ca }, expected: { ok: true, protocol: 'TLSv1.3' } },
  { name: 'TLS 1.2 is refused where only 1.3 is wanted', tls13Only: true, caller: { ca, maxVersion: 'TLSv1.2' }, expected: { ok: false, code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' } },
  { name: 'TLS 1.3 is spoken where only 1.3 is wanted', tls13Only: true, caller: { ca }, expected: { ok: true, protocol: 'TLSv1.3' } },
  { name: 'a cipher without forward secrecy is refused', tls13Only: false, caller: { ca, maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }, expected: { ok: false, code: 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE' } },
  { name: 'a CBC cipher is refused', tls13Only: false, caller: { ca, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA' }, expected: { ok: false, code: 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE' } },
  { name: 'the server\'s order of ciphers counts', tls13Only: false, caller: { ca, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256' }, expected: { ok: true, cipher: 'ECDHE-RSA-AES128-GCM-SHA256' } },
  { name: 'a caller that does not trust the authority goes away', tls13Only: false, caller: {}, expected: { ok: false, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } },
  { name: 'another server name does not fit', tls13Only: false, caller: { ca, servername: 'other.example' }, expected: { ok: false, code: 'ERR_TLS_CERT_ALTNAME_INVALID' } }
]

for (const { name, tls13Only, caller, expected } of versions) {
  t.test(name, async (t) => {
    const { port } = await startTlsServer(t, buildTlsOptions({ tls13Only }, material))
    t.match(await shakeHands(port, caller), expected)
  })
}

t.test('an elliptic curve certificate serves by both versions', async (t) => {
  const { cert, key } = await makeCustomCertificate({ curve: 'P-256' })
  const options = buildTlsOptions({ tls13Only: false }, { certificate: cert, privateKey: key })
  const { port } = await startTlsServer(t, options)
  t.match(await shakeHands(port, { ca }), { ok: true, protocol: 'TLSv1.3' })
  t.match(await shakeHands(port, { ca, maxVersion: 'TLSv1.2' }), { ok: true, cipher: /^ECDHE-ECDSA-/ })
})

t.test('the certificate that was given is the one that is shown', async (t) => {
  const { port } = await startTlsServer(t, buildTlsOptions({ tls13Only: false }, material))
  t.match(await shakeHands(port, { ca }), { fingerprint256: new X509Certificate(pems.cert).fingerprint256 })
})

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  t.test(`with a client authority, ${maxVersion} callers need a certificate of it`, async (t) => {
    const options = buildTlsOptions({ tls13Only: false }, { ...material, clientAuthorities: caller.ca })
    const { port } = await startTlsServer(t, options)
    const { cert, key } = caller
    t.match(await shakeHands(port, { ca, maxVersion, cert, key }), { ok: true, protocol: maxVersion })
    t.match(await shakeHands(port, { ca, maxVersion }), { ok: false })
  })
}

t.test('a caller of a strange authority is turned away', async (t) => {
  const options = buildTlsOptions({ tls13Only: false }, { ...material, clientAuthorities: pems.cert })
  const { port } = await startTlsServer(t, options)
  t.match(await shakeHands(port, { ca, cert: caller.cert, key: caller.key }), { ok: false })
})

t.test('without a client authority nobody is asked for a certificate', async (t) => {
  const options = buildTlsOptions({ tls13Only: false }, material)
  t.match(options, { requestCert: false, rejectUnauthorized: false, ca: undefined })
})

t.test('the version floor is said outright, whatever Node\'s default is', async (t) => {
  t.equal(buildTlsOptions({ tls13Only: false }, material).minVersion, 'TLSv1.2')
  t.equal(buildTlsOptions({ tls13Only: true }, material).minVersion, 'TLSv1.3')
})
