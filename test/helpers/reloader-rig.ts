import { EventEmitter } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { loadCertificate, requireCertificate } from '../../src/adapters/tls/certificate-files.ts'
import type { CertificateRefusal, CertificateSource } from '../../src/adapters/tls/certificate-files.ts'
import { CertificateReloader } from '../../src/adapters/tls/certificate-reloader.ts'
import { buildTlsOptions } from '../../src/adapters/tls/tls-options.ts'
import type { ServingCertificatePems } from './certificates.ts'
import { shakeHands, startTlsServer } from './tls-edge.ts'

/** Longer than any test: what waits for it, waits for something else. */
export const neverMs = 24 * 3_600_000

export interface RigOptions {
  /** Written to the folder, and the authority of the callers. */
  readonly first: ServingCertificatePems
  /** What callers show; counts where a client authority is demanded. */
  readonly caller?: ServingCertificatePems
  readonly clientAuthority?: boolean
  readonly tls13Only?: boolean
  readonly pollIntervalMs?: number
  readonly quietMs?: number
  /** A folder with the pair already in it; default a new one. */
  readonly folder?: string
}

/** A server with the first pair from files, and its reloader, whose reports are events and are kept. */
export async function startRig (t: Test, options: RigOptions) {
  const { first, caller, clientAuthority = false, tls13Only = false } = options
  const { pollIntervalMs = neverMs, quietMs = neverMs } = options
  const at = options.folder ?? t.testdir({ 'tls.crt': first.cert, 'tls.key': first.key, 'ca.crt': first.ca })
  const file = (name: string) => join(at, name)
  const files = { certificateFile: file('tls.crt'), privateKeyFile: file('tls.key') }
  const clock = { offsetMs: 0, now: () => new Date(Date.now() + clock.offsetMs) }
  const source: CertificateSource = {
    files: clientAuthority ? { ...files, clientAuthorityFile: file('ca.crt') } : files,
    policy: { tls13Only },
    clock
  }
  const serving = await loadCertificate(source)
  const { server, port } = await startTlsServer(t, buildTlsOptions(source.policy, requireCertificate(serving).material))
  const events = new EventEmitter()
  const reloads: string[] = []
  const refusals: CertificateRefusal[] = []
  const reloader = new CertificateReloader({
    source,
    serving,
    swap: (tls) => { server.setSecureContext(tls) },
    onReload: ({ fingerprint256 }) => { events.emit('reload', reloads.push(fingerprint256)) },
    onRefused: (refusal) => { events.emit('refused', refusals.push(refusal)) },
    pollIntervalMs,
    settleMs: 20,
    quietMs
  })
  t.teardown(async () => { await reloader.close() })
  const write = async ({ cert, key }: { readonly cert?: string, readonly key?: string }) => {
    if (cert !== undefined) await writeFile(files.certificateFile, cert)
    if (key !== undefined) await writeFile(files.privateKeyFile, key)
  }
  const served = async () => {
    const shown = caller === undefined ? {} : { cert: caller.cert, key: caller.key }
    const seen = await shakeHands(port, { ca: first.ca, ...shown })
    return seen.ok ? seen.fingerprint256 : seen.code
  }
  return { at, source, port, reloader, events, reloads, refusals, clock, write, served }
}
