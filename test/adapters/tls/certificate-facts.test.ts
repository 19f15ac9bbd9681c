import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { parseAltNames, parseCertificates, readCertificateFacts } from '../../../src/adapters/tls/certificate-facts.ts'
import { makeCustomCertificate, makeServingCertificate } from '../../helpers/certificates.ts'

const altNames = [
  { name: 'no text is no name', text: undefined, dnsNames: [], ipAddresses: [] },
  { name: 'an empty text is no name', text: '', dnsNames: [], ipAddresses: [] },
  { name: 'names and addresses are told apart', text: 'DNS:a.example, IP Address:10.0.0.1, DNS:*.b.example', dnsNames: ['a.example', '*.b.example'], ipAddresses: ['10.0.0.1'] },
  { name: 'a long IPv6 address is shortened', text: 'IP Address:0:0:0:0:0:0:0:1', dnsNames: [], ipAddresses: ['::1'] },
  { name: 'other kinds of name are left aside', text: 'email:a@b.example, URI:spiffe://x/y, DNS:a', dnsNames: ['a'], ipAddresses: [] },
  { name: 'a quoted value cannot pretend to be a further name', text: 'URI:"x, DNS:evil.example", DNS:a', dnsNames: ['a'], ipAddresses: [] },
  { name: 'an escaped quote does not end a value', text: 'URI:"x\\", DNS:evil.example", DNS:a', dnsNames: ['a'], ipAddresses: [] },
  { name: 'an odd DNS value keeps its quotes', text: 'DNS:"a, DNS:evil.example"', dnsNames: ['"a, DNS:evil.example"'], ipAddresses: [] },
  { name: 'an invalid address is no address', text: 'IP Address:<invalid>', dnsNames: [], ipAddresses: [] }
]

for (const { name, text, dnsNames, ipAddresses } of altNames) {
  t.test(name, async (t) => { t.same(parseAltNames(text), { dnsNames, ipAddresses }) })
}

t.test('any list of plain names is read back', async () => {
  const label = fc.stringMatching(/^[a-z0-9.*-]{1,20}$/)
  fc.assert(fc.property(fc.array(label), (names) => {
    const parsed = parseAltNames(names.map((name) => `DNS:${name}`).join(', '))
    return JSON.stringify(parsed.dnsNames) === JSON.stringify(names)
  }))
})

t.test('any value in quotes yields exactly one name', async () => {
  fc.assert(fc.property(fc.string(), (value) => {
    const parsed = parseAltNames(`URI:${JSON.stringify(value)}, DNS:only.example`)
    return JSON.stringify(parsed) === JSON.stringify({ dnsNames: ['only.example'], ipAddresses: [] })
  }))
})

t.test('any text at all is parsed without an exception', async () => {
  fc.assert(fc.property(fc.string(), (text) => {
    parseAltNames(text)
    return parseCertificates(text) === undefined
  }))
})

t.test('every certificate of a file is read, in order and with text between them', async (t) => {
  const { ca, cert } = await makeServingCertificate()
  const chain = parseCertificates(`# leaf\n${cert}\n# authority\r\n${ca.replaceAll('\n', '\r\n')}`) ?? []
  t.same(chain.map(({ fingerprint256 }) => fingerprint256),
    [cert, ca].map((pem) => new X509Certificate(pem).fingerprint256))
})

t.test('a file with one broken certificate is refused as a whole', async (t) => {
  const { cert } = await makeServingCertificate()
  t.equal(parseCertificates(`${cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`), undefined)
})

t.test('the facts are those of the certificate', async (t) => {
  const { cert } = await makeServingCertificate({ hosts: ['a.example', '10.0.0.1', '::1'] })
  const x509 = new X509Certificate(cert)
  t.same(readCertificateFacts(x509), {
    subject: 'O=Pullpass, CN=pullpass-webhook',
    issuer: 'O=Pullpass, CN=Test CA',
    serialNumber: x509.serialNumber,
    fingerprint256: x509.fingerprint256,
    dnsNames: ['a.example'],
    ipAddresses: ['10.0.0.1', '::1'],
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo)
  })
})

t.test('a certificate without names has facts with empty lists', async (t) => {
  const { cert } = await makeCustomCertificate({ hosts: [] })
  t.match(readCertificateFacts(new X509Certificate(cert)), { dnsNames: [], ipAddresses: [] })
})
