import { execFile } from 'node:child_process'
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'
import { createAuthority, issueServingCertificate } from '../../src/adapters/tls/development-authority.ts'
import type { CertificateAuthority } from '../../src/adapters/tls/development-authority.ts'

/** All PEM. `ca` is what a caller trusts. */
export interface ServingCertificatePems {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export interface CustomCertificate {
  /** Default localhost and 127.0.0.1; empty: no subject alternative name at all. */
  readonly hosts?: readonly string[]
  /** Seconds from now; default one hour ago. */
  readonly validFrom?: number
  /** Seconds from now; default one hour ahead. */
  readonly validUntil?: number
  /** Default the usages of a server. */
  readonly usage?: Readonly<Record<string, unknown>>
  readonly curve?: string
  readonly rsaBits?: number
}

const hour = 3600
const cache = new Map<string, Promise<ServingCertificatePems>>()
let sharedAuthority: Promise<CertificateAuthority> | undefined

/** The authority of all certificates that a test process makes. */
export async function testAuthority (): Promise<CertificateAuthority> {
  sharedAuthority ??= createAuthority({ commonName: 'Test CA', now: new Date(), lifetimeSeconds: 24 * hour })
  return await sharedAuthority
}

/** A good certificate for the hosts, valid for an hour; the same one at each call of a process with the same hosts. */
export async function makeServingCertificate (
  { hosts = ['localhost', '127.0.0.1'] }: { readonly hosts?: readonly string[] } = {}
): Promise<ServingCertificatePems> {
  const name = hosts.join(' ')
  const made = cache.get(name) ?? makeFreshCertificate({ hosts })
  cache.set(name, made)
  return await made
}

/** A good certificate with a key of its own, another one at each call. */
export async function makeFreshCertificate (
  { hosts = ['localhost', '127.0.0.1'] }: { readonly hosts?: readonly string[] } = {}
): Promise<ServingCertificatePems> {
  const request = { hosts, now: new Date(), lifetimeSeconds: hour }
  const { authority, certificate, privateKey } = await issueServingCertificate(await testAuthority(), request)
  return { ca: authority, cert: certificate, key: privateKey }
}

/** A certificate of the test authority with anything wrong or unusual that a test needs, elliptic curves too. */
export async function makeCustomCertificate (custom: CustomCertificate): Promise<ServingCertificatePems> {
  const authority = await testAuthority()
  const keys = await makeKeys(custom)
  const certificate = forge.pki.createCertificate()
  certificate.serialNumber = '41'
  certificate.validity.notBefore = fromNow(custom.validFrom ?? -hour)
  certificate.validity.notAfter = fromNow(custom.validUntil ?? hour)
  // Forge knows no elliptic curves: its place is taken while the body is made, and the real key is put in afterwards.
  certificate.publicKey = forge.pki.certificateFromPem(authority.certificate).publicKey
  certificate.setSubject([{ name: 'commonName', value: 'custom' }])
  certificate.setIssuer(forge.pki.certificateFromPem(authority.certificate).subject.attributes)
  certificate.setExtensions(extensions(custom))
  const cert = signWithKey(certificate, keys.publicKey, authority.privateKey)
  return { ca: authority.certificate, cert, key: keys.privateKey }
}

function extensions ({ hosts = ['localhost', '127.0.0.1'], usage = { serverAuth: true } }: CustomCertificate): object[] {
  const altNames = hosts.map((host) => /^[\d.]+$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host })
  return [{ name: 'extKeyUsage', ...usage }, ...(altNames.length === 0 ? [] : [{ name: 'subjectAltName', altNames }])]
}

async function makeKeys (
  { curve, rsaBits = 2048 }: CustomCertificate
): Promise<{ readonly publicKey: Buffer, readonly privateKey: string }> {
  const encoding = {
    publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  } as const
  return curve === undefined
    ? await promisify(generateKeyPair)('rsa', { modulusLength: rsaBits, ...encoding })
    : await promisify(generateKeyPair)('ec', { namedCurve: curve, ...encoding })
}

/** Signs the body by hand, with the subject's public key taken from its DER form (RFC 5280, 4.1). */
function signWithKey (certificate: forge.pki.Certificate, publicKey: Buffer, signingKey: string): string {
  const { asn1, md, pki, util } = forge
  const key = pki.privateKeyFromPem(signingKey)
  certificate.sign(key, md.sha256.create())
  const [body, algorithm] = children(pki.certificateToAsn1(certificate))
  if (body === undefined || algorithm === undefined) throw new Error('forge made no certificate')
  const subjectPublicKeyInfo = 6
  children(body)[subjectPublicKeyInfo] = asn1.fromDer(publicKey.toString('binary'))
  const digest = md.sha256.create()
  digest.update(asn1.toDer(body).getBytes())
  const signature = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, `\0${key.sign(digest)}`)
  const whole = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [body, algorithm, signature])
  const base64 = util.encode64(asn1.toDer(whole).getBytes(), 64).replaceAll('\r\n', '\n')
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
}

function children (node: forge.asn1.Asn1): forge.asn1.Asn1[] {
  if (typeof node.value === 'string') throw new Error('a primitive ASN.1 value has no children')
  return node.value
}

function fromNow (seconds: number): Date {
  return new Date(Date.now() + seconds * 1000)
}

/** The reason to skip a test that needs the openssl program, by tap's convention; false where it is there. */
export async function skipWithoutOpenssl (): Promise<string | false> {
  return await promisify(execFile)('openssl', ['version'])
    .then(() => false as const, () => 'openssl is not installed: apt-get install openssl')
}
