import { generateKeyPair, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import forge from 'node-forge'

type Pem = string

/** A certificate authority: its certificate and the key that signs. */
export interface CertificateAuthority {
  readonly certificate: Pem
  readonly privateKey: Pem
}

/** What a server needs (certificate and key) and what its callers need (authority). All PEM. */
export interface CertificateBundle {
  readonly certificate: Pem
  readonly privateKey: Pem
  readonly authority: Pem
}

export interface AuthorityRequest {
  /** Tells authorities apart for people; printable ASCII. */
  readonly commonName: string
  readonly now: Date
  readonly lifetimeSeconds: number
}

export interface ServingRequest {
  /** DNS names, a leading `*.` allowed, and IP addresses: what callers dial. At least one; see `isCertificateHost`. */
  readonly hosts: readonly string[]
  readonly now: Date
  readonly lifetimeSeconds: number
}

type Extension = Readonly<Record<string, unknown>> & { readonly name: string }

interface Signing {
  readonly subject: forge.pki.CertificateField[]
  readonly issuer: forge.pki.CertificateField[]
  readonly publicKey: forge.pki.PublicKey
  readonly signingKey: forge.pki.rsa.PrivateKey
  readonly notBefore: Date
  readonly notAfter: Date
  readonly extensions: readonly Extension[]
}

// Clocks differ: a certificate that is valid from this second on is refused by a caller whose clock is behind.
const backDatingSeconds = 3600
const dnsLabel = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i
const dnsType = 2
const ipType = 7

/**
 * Makes a certificate authority that may issue leaves only (path length 0).
 *
 * RSA, since node-forge knows no elliptic curves; the key comes from Node, since forge would block for seconds.
 */
export async function createAuthority (request: AuthorityRequest): Promise<CertificateAuthority> {
  const keys = await makeKeys()
  const subject = name(request.commonName)
  const certificate = sign({
    subject,
    issuer: subject,
    publicKey: forge.pki.publicKeyFromPem(keys.publicKey),
    signingKey: forge.pki.privateKeyFromPem(keys.privateKey),
    notBefore: after(request.now, -backDatingSeconds),
    notAfter: after(request.now, request.lifetimeSeconds),
    extensions: [
      { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
      { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
      { name: 'subjectKeyIdentifier' }
    ]
  })
  return { certificate, privateKey: keys.privateKey }
}

/**
 * Makes a key and a serving certificate of the authority. It never outlives the authority, whatever was asked.
 *
 * The names stand in the subject alternative name alone; callers do not look at the common name.
 */
export async function issueServingCertificate (
  authority: CertificateAuthority, request: ServingRequest
): Promise<CertificateBundle> {
  const keys = await makeKeys()
  const issuer = forge.pki.certificateFromPem(authority.certificate)
  const wanted = after(request.now, request.lifetimeSeconds)
  const certificate = sign({
    subject: name('pullpass-webhook'),
    issuer: issuer.subject.attributes,
    publicKey: forge.pki.publicKeyFromPem(keys.publicKey),
    signingKey: forge.pki.privateKeyFromPem(authority.privateKey),
    notBefore: after(request.now, -backDatingSeconds),
    notAfter: wanted < issuer.validity.notAfter ? wanted : issuer.validity.notAfter,
    extensions: [
      { name: 'basicConstraints', critical: true, cA: false },
      { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: request.hosts.map(altName) },
      { name: 'subjectKeyIdentifier' },
      { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() }
    ]
  })
  return { certificate, privateKey: keys.privateKey, authority: authority.certificate }
}

/**
 * Tells whether a text can stand in a certificate as the name of a server: an IP address, or a DNS name in ASCII of at
 * most 253 characters, with `*` at most as its whole first label.
 */
export function isCertificateHost (host: string): boolean {
  if (isIP(host) !== 0) return !host.includes('%')
  const labels = host.replace(/^\*\./, '').split('.')
  return host.length <= 253 && labels.every((label) => dnsLabel.test(label))
}

async function makeKeys (): Promise<{ readonly publicKey: Pem, readonly privateKey: Pem }> {
  return await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  })
}

function sign (signing: Signing): Pem {
  const certificate = forge.pki.createCertificate()
  certificate.serialNumber = makeSerial()
  certificate.validity.notBefore = signing.notBefore
  certificate.validity.notAfter = signing.notAfter
  certificate.publicKey = signing.publicKey
  certificate.setSubject(signing.subject)
  certificate.setIssuer(signing.issuer)
  certificate.setExtensions([...signing.extensions])
  certificate.sign(signing.signingKey, forge.md.sha256.create())
  return forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n')
}

/** 128 bits in hexadecimal. The top bits are 01: positive (RFC 5280, 4.1.2.2) and without a leading zero byte. */
function makeSerial (): string {
  const [first = 0, ...others] = randomBytes(16)
  return Buffer.from([(first & 0x3f) | 0x40, ...others]).toString('hex')
}

function name (commonName: string): forge.pki.CertificateField[] {
  return [{ name: 'organizationName', value: 'Pullpass' }, { name: 'commonName', value: commonName }]
}

function altName (host: string): Readonly<Record<string, unknown>> {
  return isIP(host) === 0 ? { type: dnsType, value: host } : { type: ipType, ip: host }
}

function after (instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1000)
}
