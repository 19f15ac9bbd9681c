import { execFile } from 'node:child_process'
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import forge from 'node-forge'
import t from 'tap'
import { createAuthority, isCertificateHost, issueServingCertificate } from '../../../src/adapters/tls/development-authority.ts'
import { makeServingCertificate, skipWithoutOpenssl, testAuthority } from '../../helpers/certificates.ts'

const now = new Date(Math.floor(Date.now() / 1000) * 1000)
const authority = await createAuthority({ commonName: 'Some CA', now, lifetimeSeconds: 1000 })
const hosts = ['a.example', '*.b.example', '10.0.0.1', '::1']
const bundle = await issueServingCertificate(authority, { hosts, now, lifetimeSeconds: 600 })
const ca = new X509Certificate(authority.certificate)
const leaf = new X509Certificate(bundle.certificate)

t.test('the leaf is signed by the authority, which signs itself', async (t) => {
  t.ok(leaf.checkIssued(ca) && leaf.verify(ca.publicKey))
  t.ok(ca.checkIssued(ca) && ca.verify(ca.publicKey))
  t.equal(bundle.authority, authority.certificate)
})

t.test('only the authority may sign', async (t) => {
  t.equal(ca.ca, true)
  t.equal(leaf.ca, false)
})

t.test('each key is the key of its certificate', async (t) => {
  t.ok(leaf.checkPrivateKey(createPrivateKey(bundle.privateKey)))
  t.ok(ca.checkPrivateKey(createPrivateKey(authority.privateKey)))
  t.equal(leaf.publicKey.asymmetricKeyDetails?.modulusLength, 2048)
})

t.test('the leaf is for servers and for the hosts that were asked for', async (t) => {
  t.same(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  t.equal(leaf.subjectAltName, 'DNS:a.example, DNS:*.b.example, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  t.ok(leaf.checkHost('a.example'))
  t.ok(leaf.checkHost('x.b.example'))
  t.ok(leaf.checkIP('::1'))
  t.notOk(leaf.checkHost('c.example'))
})

t.test('both are valid from an hour ago until the end of their lifetime', async (t) => {
  for (const [certificate, seconds] of [[ca, 1000], [leaf, 600]] as const) {
    t.same(certificate.validFromDate, new Date(now.getTime() - 3_600_000))
    t.same(certificate.validToDate, new Date(now.getTime() + seconds * 1000))
  }
})

t.test('a leaf never outlives its authority', async (t) => {
  const long = await issueServingCertificate(authority, { hosts, now, lifetimeSeconds: 5000 })
  t.same(new X509Certificate(long.certificate).validToDate, ca.validToDate)
})

t.test('serial numbers are positive, have 128 bits and differ', async (t) => {
  for (const { serialNumber } of [ca, leaf]) t.match(serialNumber, /^[4-7][0-9A-F]{31}$/)
  t.not(ca.serialNumber, leaf.serialNumber)
})

t.test('constraints and usages that must be critical are so, and the key identifiers name each other', async (t) => {
  const [parsedCa, parsedLeaf] = [authority, bundle].map(({ certificate }) => forge.pki.certificateFromPem(certificate))
  t.match(parsedCa?.getExtension('basicConstraints'), { critical: true, cA: true, pathLenConstraint: 0 })
  t.match(parsedCa?.getExtension('keyUsage'), { critical: true, keyCertSign: true, digitalSignature: false })
  t.match(parsedLeaf?.getExtension('basicConstraints'), { critical: true, cA: false })
  t.match(parsedLeaf?.getExtension('keyUsage'), { critical: true, digitalSignature: true, keyCertSign: false })
  const identifier = parsedCa?.generateSubjectKeyIdentifier().getBytes() ?? ''
  t.equal(identifier.length, 20)
  t.match(parsedCa?.getExtension('subjectKeyIdentifier'), { subjectKeyIdentifier: forge.util.bytesToHex(identifier) })
  const issuerIdentifier: unknown = parsedLeaf?.getExtension('authorityKeyIdentifier')
  t.match(issuerIdentifier, { value: `\x30\x16\x80\x14${identifier}` })
})

t.test('the authority\'s key is not in what a server gets', async (t) => {
  t.notMatch(JSON.stringify(bundle), authority.privateKey.split('\n')[1] ?? 'absent')
})

t.test('openssl accepts the chain by its strict rules', { skip: await skipWithoutOpenssl() }, async (t) => {
  const folder = t.testdir()
  const [caFile, leafFile] = [join(folder, 'ca.pem'), join(folder, 'leaf.pem')]
  await writeFile(caFile, authority.certificate)
  await writeFile(leafFile, bundle.certificate)
  const verify = async (...more: string[]) => await promisify(execFile)('openssl',
    ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', caFile, ...more, leafFile])
  t.match(await verify('-verify_hostname', 'a.example'), { stdout: `${leafFile}: OK\n` })
  t.match(await verify('-verify_ip', '10.0.0.1'), { stdout: `${leafFile}: OK\n` })
  await t.rejects(verify('-verify_hostname', 'c.example'))
})

t.test('openssl refuses the chain with another authority', { skip: await skipWithoutOpenssl() }, async (t) => {
  const folder = t.testdir({ 'ca.pem': (await testAuthority()).certificate, 'leaf.pem': bundle.certificate })
  await t.rejects(promisify(execFile)('openssl', ['verify', '-CAfile', join(folder, 'ca.pem'), join(folder, 'leaf.pem')]))
})

t.test('the certificates of the other tests are made once for the same hosts', async (t) => {
  t.equal(await makeServingCertificate({ hosts: ['a'] }), await makeServingCertificate({ hosts: ['a'] }))
  t.not((await makeServingCertificate({ hosts: ['b'] })).cert, (await makeServingCertificate({ hosts: ['a'] })).cert)
})

const names = [
  { name: 'a service name', host: 'pullpass.pullpass.svc', valid: true },
  { name: 'a single label', host: 'localhost', valid: true },
  { name: 'a wildcard label', host: '*.example', valid: true },
  { name: 'an IPv4 address', host: '10.0.0.1', valid: true },
  { name: 'an IPv6 address', host: '::1', valid: true },
  { name: 'a zone', host: 'fe80::1%eth0', valid: false },
  { name: 'an empty name', host: '', valid: false },
  { name: 'a wildcard inside', host: 'a.*.example', valid: false },
  { name: 'a port', host: 'a.example:443', valid: false },
  { name: 'an URL', host: 'https://a.example', valid: false },
  { name: 'an empty label', host: 'a..example', valid: false },
  { name: 'a hyphen in front', host: '-a.example', valid: false },
  { name: 'a hyphen at the end', host: 'a-.example', valid: false },
  { name: 'a letter beyond ASCII', host: 'bücher.example', valid: false },
  { name: 'a label of 64 characters', host: 'a'.repeat(64), valid: false },
  { name: 'a name of 255 characters', host: Array(128).fill('a').join('.'), valid: false }
]

for (const { name, host, valid } of names) {
  t.test(`${name} is ${valid ? 'a' : 'no'} host of a certificate`, async (t) => { t.equal(isCertificateHost(host), valid) })
}
