import { createHash, createPrivateKey } from 'node:crypto'
import type { KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../../app/ports.ts'
import { PullpassError } from '../../core/errors.ts'
import { parseCertificates, readCertificateFacts } from './certificate-facts.ts'
import type { CertificateFacts } from './certificate-facts.ts'
import { buildTlsOptions } from './tls-options.ts'
import type { ServingTlsOptions, TlsMaterial, TlsPolicy } from './tls-options.ts'

export interface CertificateFiles {
  readonly certificateFile: string
  readonly privateKeyFile: string
  /** Absent: callers need no certificate. */
  readonly clientAuthorityFile?: string
}

/** Where a serving certificate comes from and what it is held against. */
export interface CertificateSource {
  readonly files: CertificateFiles
  readonly policy: TlsPolicy
  readonly clock: Clock
}

export type RefusalReason =
  | 'file_unreadable' | 'certificate_malformed' | 'key_malformed' | 'key_mismatch' | 'client_authority_malformed'
  | 'expired' | 'not_yet_valid' | 'no_names' | 'not_for_servers' | 'chain_disordered' | 'tls_refused'

/** Why a pair cannot be served. `message` is one line without the file's name and never holds key material. */
export interface CertificateRefusal {
  readonly reason: RefusalReason
  readonly file: string
  readonly message: string
}

export interface ServingCertificate {
  readonly material: TlsMaterial
  readonly facts: CertificateFacts
}

/** `digest` tells contents apart, those of unreadable and refused files too. */
export type LoadedCertificate =
  | { readonly ok: true, readonly digest: string, readonly certificate: ServingCertificate }
  | { readonly ok: false, readonly digest: string, readonly refusal: CertificateRefusal }

type FileText = { readonly file: string, readonly text: string } | { readonly file: string, readonly error: string }

interface Candidate {
  readonly chain: readonly [X509Certificate, ...X509Certificate[]]
  readonly key: KeyObject
  readonly now: Date
}

const serverAuth = '1.3.6.1.5.5.7.3.1'
const anyPurpose = '2.5.29.37.0'

/**
 * Reads and checks the files: each parses, the key fits, the dates hold now, there is a DNS or IP name (the API server
 * does not look at the common name), the certificate may serve, the chain is in order, OpenSSL takes the whole.
 *
 * Never throws; a bad pair is a value.
 */
export async function loadCertificate (source: CertificateSource): Promise<LoadedCertificate> {
  const { files } = source
  const names = [files.certificateFile, files.privateKeyFile, files.clientAuthorityFile]
  const texts = await Promise.all(names.filter((name) => name !== undefined).map(readText))
  const digest = createHash('sha256').update(JSON.stringify(texts)).digest('hex')
  const result = checkTexts(source, texts)
  return 'reason' in result ? { ok: false, digest, refusal: result } : { ok: true, digest, certificate: result }
}

/**
 * Gives the certificate of a load, for a server that cannot start without one.
 *
 * @throws PullpassError `certificate_invalid`
 */
export function requireCertificate (loaded: LoadedCertificate): ServingCertificate {
  if (loaded.ok) return loaded.certificate
  const { file, message } = loaded.refusal
  throw new PullpassError('certificate_invalid', `cannot serve TLS with ${file}: ${message}`)
}

async function readText (file: string): Promise<FileText> {
  try {
    return { file, text: await readFile(file, 'utf8') }
  } catch (error) {
    return { file, error: error instanceof Error && 'code' in error ? String(error.code) : 'unknown error' }
  }
}

function checkTexts (source: CertificateSource, texts: readonly FileText[]): ServingCertificate | CertificateRefusal {
  const readable: string[] = []
  for (const entry of texts) {
    if ('error' in entry) {
      return refuse('file_unreadable', entry.file, `it cannot be read (${entry.error}); check path, mount and rights`)
    }
    readable.push(entry.text)
  }
  const [certificate = '', privateKey = '', clientAuthorities] = readable
  const material = { certificate, privateKey, ...(clientAuthorities === undefined ? {} : { clientAuthorities }) }
  return checkMaterial(source, material)
}

function checkMaterial (source: CertificateSource, material: TlsMaterial): ServingCertificate | CertificateRefusal {
  const { files, policy, clock } = source
  const chain = parseCertificates(material.certificate)
  if (chain === undefined) {
    return refuse('certificate_malformed', files.certificateFile, 'it holds no X.509 certificate in PEM; put the leaf and its chain there')
  }
  const key = parseKey(material.privateKey)
  if (key === undefined) {
    return refuse('key_malformed', files.privateKeyFile, 'it holds no unencrypted private key in PEM; put the key of the certificate there')
  }
  return checkPair(files, { chain, key, now: clock.now() }) ??
    checkClientAuthorities(files, material) ??
    checkContext(files, buildTlsOptions(policy, material)) ??
    { material, facts: readCertificateFacts(chain[0]) }
}

function parseKey (pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

function checkPair (files: CertificateFiles, { chain, key, now }: Candidate): CertificateRefusal | undefined {
  const [leaf] = chain
  const file = files.certificateFile
  const { notBefore, notAfter, dnsNames, ipAddresses } = readCertificateFacts(leaf)
  if (!leaf.checkPrivateKey(key)) {
    return refuse('key_mismatch', files.privateKeyFile, `it is not the key of ${file}; replace both together`)
  }
  if (now > notAfter) {
    return refuse('expired', file, `it expired at ${notAfter.toISOString()}; renew it`)
  }
  if (now < notBefore) {
    return refuse('not_yet_valid', file, `it is valid from ${notBefore.toISOString()} on; check the clocks`)
  }
  if (dnsNames.length + ipAddresses.length === 0) {
    return refuse('no_names', file, 'it has no DNS or IP subject alternative name; issue it with the names that callers use')
  }
  return checkPurpose(file, leaf) ?? checkOrder(file, chain)
}

function checkPurpose (file: string, leaf: X509Certificate): CertificateRefusal | undefined {
  // Node names the *extended* key usage so; undefined where the certificate does not limit it.
  const purposes: readonly string[] | undefined = leaf.keyUsage
  if (purposes === undefined || purposes.includes(serverAuth) || purposes.includes(anyPurpose)) return undefined
  return refuse('not_for_servers', file, 'its extended key usage lacks server authentication; issue it for servers')
}

function checkOrder (file: string, chain: readonly X509Certificate[]): CertificateRefusal | undefined {
  const broken = chain.findIndex((certificate, index) => {
    const issuer = chain[index + 1]
    return issuer !== undefined && !(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey))
  })
  if (broken === -1) return undefined
  return refuse('chain_disordered', file, `certificate ${broken + 2} did not issue certificate ${broken + 1}; put the leaf first, then each issuer`)
}

function checkClientAuthorities (files: CertificateFiles, material: TlsMaterial): CertificateRefusal | undefined {
  const { clientAuthorityFile: file } = files
  if (file === undefined || parseCertificates(material.clientAuthorities ?? '') !== undefined) return undefined
  return refuse('client_authority_malformed', file, 'it holds no X.509 certificate in PEM; put the authority of the callers there')
}

/** What only OpenSSL knows, such as a key too short for its security level. */
function checkContext (files: CertificateFiles, options: ServingTlsOptions): CertificateRefusal | undefined {
  try {
    createSecureContext(options)
    return undefined
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return refuse('tls_refused', files.certificateFile, `OpenSSL does not take it (${code}); issue it with an RSA 2048 or P-256 key`)
  }
}

function refuse (reason: RefusalReason, file: string, message: string): CertificateRefusal {
  return { reason, file, message }
}
