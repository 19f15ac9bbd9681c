import { createPrivateKey } from 'node:crypto'
import type { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseCertificates, readCertificateFacts } from '../adapters/tls/certificate-facts.ts'
import type { CertificateFacts } from '../adapters/tls/certificate-facts.ts'
import { exitCodes, PullpassError } from '../core/errors.ts'
import type { ExitCode } from '../core/errors.ts'
import type { CommandIo } from './command.ts'

export interface ShowOptions {
  readonly output: 'table' | 'json'
  /** Absent: nothing is said about a key. */
  readonly key?: string
}

type Finding = 'expired' | 'not_yet_valid' | 'no_names' | 'key_mismatch'

interface Report {
  readonly apiVersion: 'pullpass.dev/v1'
  readonly kind: 'CertificateReport'
  readonly file: string
  /** In the order of the file; `daysLeft` counts whole days and is negative after the end. */
  readonly certificates: ReadonlyArray<CertificateFacts & { readonly daysLeft: number }>
  readonly keyMatches?: boolean
  /** What keeps the first certificate from serving now; empty: nothing. */
  readonly findings: readonly Finding[]
}

const millisecondsADay = 86_400_000

/**
 * Prints what stands in a PEM file, as a table or as one JSON object, and gives the exit code: a certificate that
 * cannot serve now, or a key that does not fit, is a finding.
 *
 * @throws PullpassError `file_unreadable`, `certificate_invalid`
 */
export async function showCertificates (io: CommandIo, file: string, options: ShowOptions): Promise<ExitCode> {
  const chain = parseCertificates(await readPem(io, file))
  if (chain === undefined) {
    throw new PullpassError('certificate_invalid', `cannot show ${file}: it holds no X.509 certificate in PEM; name another file`)
  }
  const keyMatches = options.key === undefined ? undefined : await fits(io, chain[0], options.key)
  const now = io.now()
  const certificates = chain.map(readCertificateFacts)
    .map((facts) => ({ ...facts, daysLeft: Math.floor((facts.notAfter.getTime() - now.getTime()) / millisecondsADay) }))
  const report: Report = {
    apiVersion: 'pullpass.dev/v1',
    kind: 'CertificateReport',
    file,
    certificates,
    ...(keyMatches === undefined ? {} : { keyMatches }),
    findings: findFaults(readCertificateFacts(chain[0]), now, keyMatches)
  }
  io.stdout.write(options.output === 'json' ? `${JSON.stringify(report)}\n` : formatReport(report))
  return report.findings.length === 0 ? exitCodes.ready : exitCodes.finding
}

async function readPem (io: CommandIo, file: string): Promise<string> {
  if (file === '-') return await text(io.stdin)
  try {
    return await readFile(resolve(io.workingDirectory, file), 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new PullpassError('file_unreadable', `cannot read ${file}: ${code}; check the path and its rights`, { cause: error })
  }
}

async function fits (io: CommandIo, certificate: X509Certificate, keyFile: string): Promise<boolean> {
  const pem = await readPem(io, keyFile)
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem))
  } catch {
    // The library's error stays out: it could quote what it read.
    throw new PullpassError('certificate_invalid', `cannot use ${keyFile}: it holds no unencrypted private key in PEM; name the key's file`)
  }
}

function findFaults (facts: CertificateFacts, now: Date, keyMatches: boolean | undefined): Finding[] {
  const faults: ReadonlyArray<readonly [Finding, boolean]> = [
    ['expired', now > facts.notAfter],
    ['not_yet_valid', now < facts.notBefore],
    ['no_names', facts.dnsNames.length + facts.ipAddresses.length === 0],
    ['key_mismatch', keyMatches === false]
  ]
  return faults.flatMap(([finding, found]) => found ? [finding] : [])
}

function formatReport (report: Report): string {
  const blocks = report.certificates.map((certificate) => formatRows([
    ['Subject', certificate.subject || '<none>'],
    ['Names', [...certificate.dnsNames, ...certificate.ipAddresses].join(', ') || '<none>'],
    ['Issuer', certificate.issuer || '<none>'],
    ['Serial number', certificate.serialNumber],
    ['Not before', certificate.notBefore.toISOString()],
    ['Not after', `${certificate.notAfter.toISOString()} (${formatDays(certificate.daysLeft)})`]
  ]))
  const verdict = formatRows([
    ...(report.keyMatches === undefined ? [] : [['Key', report.keyMatches ? 'fits' : 'does not fit'] as const]),
    ['Findings', report.findings.join(', ') || '<none>']
  ])
  return [...blocks, verdict].join('\n')
}

function formatRows (rows: ReadonlyArray<readonly [string, string]>): string {
  return rows.map(([title, value]) => `${`${title}:`.padEnd(16)}${value}\n`).join('')
}

function formatDays (days: number): string {
  if (days < 0) return 'expired'
  return `${days} ${days === 1 ? 'day' : 'days'} left`
}
