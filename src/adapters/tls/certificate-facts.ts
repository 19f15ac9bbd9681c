import { X509Certificate } from 'node:crypto'
import { isIP, isIPv6, SocketAddress } from 'node:net'

/** What people and metrics want to know of one certificate. Distinguished names stand on one line. */
export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  /** Hexadecimal, upper case. */
  readonly serialNumber: string
  readonly fingerprint256: string
  /** DNS names of the subject alternative name; empty where there is none. */
  readonly dnsNames: readonly string[]
  /** IP addresses of the subject alternative name, IPv6 in its short form; empty where there is none. */
  readonly ipAddresses: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

// One entry as Node prints it: `DNS:a.example`, `IP Address:10.0.0.1`, `URI:"odd, value"`. A value with odd characters
// is a JSON string, so that no value can pretend to be a further entry (CVE-2021-44532).
const altNameEntry = /([A-Za-z0-9 ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy

/**
 * Reads every certificate of a PEM text, in its order. Text around the blocks is left aside, as OpenSSL does.
 *
 * Undefined: there is none, or one of them is not X.509.
 */
export function parseCertificates (pem: string): readonly [X509Certificate, ...X509Certificate[]] | undefined {
  try {
    const [first, ...others] = (pem.match(pemCertificate) ?? []).map((block) => new X509Certificate(block))
    return first === undefined ? undefined : [first, ...others]
  } catch {
    return undefined
  }
}

/**
 * Reads the text that Node gives for a subject alternative name. Values with odd characters stay in Node's quoted form.
 * IPv6 addresses, which Node writes out, are given in their short form. Absent text gives no names.
 *
 * @example parseAltNames('DNS:a.example, IP Address:0:0:0:0:0:0:0:1')
 *   // { dnsNames: ['a.example'], ipAddresses: ['::1'] }
 */
export function parseAltNames (text: string | undefined): Pick<CertificateFacts, 'dnsNames' | 'ipAddresses'> {
  const entries = [...(text ?? '').matchAll(altNameEntry)]
  const named = (kind: string): string[] => entries.flatMap(([, type, value = '']) => type === kind ? [value] : [])
  return { dnsNames: named('DNS'), ipAddresses: named('IP Address').filter((address) => isIP(address) !== 0).map(shortAddress) }
}

function shortAddress (address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address
}

/** Takes the facts from a parsed certificate. */
export function readCertificateFacts (certificate: X509Certificate): CertificateFacts {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    serialNumber: certificate.serialNumber,
    fingerprint256: certificate.fingerprint256,
    ...parseAltNames(certificate.subjectAltName),
    notBefore: certificate.validFromDate,
    notAfter: certificate.validToDate
  }
}

// Node puts each part of a name on its own line, and gives undefined for an empty name although it is typed as text.
function oneLine (name: string | undefined): string {
  return (name ?? '').split('\n').join(', ')
}
