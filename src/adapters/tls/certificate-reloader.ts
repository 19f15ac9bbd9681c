import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import { loadCertificate } from './certificate-files.ts'
import type { CertificateRefusal, CertificateSource, LoadedCertificate, RefusalReason } from './certificate-files.ts'
import type { CertificateFacts } from './certificate-facts.ts'
import { buildTlsOptions } from './tls-options.ts'
import type { ServingTlsOptions } from './tls-options.ts'

export interface CertificateReloaderOptions {
  readonly source: CertificateSource
  /** What serves now; absent where the server still waits for its first good pair, which then comes by `swap`. */
  readonly serving?: LoadedCertificate
  /** Takes the new option set into use: `(options) => server.setSecureContext(options)`. */
  readonly swap: (options: ServingTlsOptions) => void
  /** After a swap. Must not throw. */
  readonly onReload: (facts: CertificateFacts) => void
  /** Once for each bad content; the old pair goes on serving. Must not throw. */
  readonly onRefused: (refusal: CertificateRefusal) => void
  /** The safety net under the watch (network file systems, a paused machine). Default one minute. */
  readonly pollIntervalMs?: number
  /** How long after the first file event to look, so that a burst counts once. Default 100 ms. */
  readonly settleMs?: number
  /** How long a pair that may be half written is left unreported. Default 10 s. */
  readonly quietMs?: number
}

/** `waiting`: the pair may be half written and is not yet reported. */
export type CheckOutcome = 'unchanged' | 'reloaded' | 'waiting' | 'refused'

/** What a look between two writes can give; it mends itself when the other file arrives. */
const passing: ReadonlySet<RefusalReason> = new Set([
  'file_unreadable', 'certificate_malformed', 'key_malformed', 'key_mismatch', 'client_authority_malformed'
])

/**
 * Keeps a TLS server's certificate in step with its files.
 *
 * It watches the folders and not the files, since the kubelet swaps a symlink (`..data`) beside them and a watch on a
 * file would stay with the old one. What counts is the content, so an event without a change does nothing.
 */
export class CertificateReloader {
  readonly #options: CertificateReloaderOptions
  readonly #watchers = new Map<string, FSWatcher>()
  #servingDigest: string | undefined
  #reported = ''
  #checks: Promise<CheckOutcome> = Promise.resolve('unchanged')
  #poll: NodeJS.Timeout | undefined
  #settle: NodeJS.Timeout | undefined
  #quiet: NodeJS.Timeout | undefined
  #patienceOver = false
  #closed = false

  constructor (options: CertificateReloaderOptions) {
    this.#options = options
    this.#servingDigest = options.serving?.ok === true ? options.serving.digest : undefined
  }

  /** Begins to watch and looks once, for what changed since the pair was loaded. The owner calls `close` in the end. */
  async start (): Promise<CheckOutcome> {
    this.#openWatchers()
    this.#poll = setInterval(() => this.#lookAgain(), this.#options.pollIntervalMs ?? 60_000)
    return await this.checkNow()
  }

  /** Looks at the files now. Looks run one after the other; one after `close` changes nothing. */
  async checkNow (): Promise<CheckOutcome> {
    const look = async (): Promise<CheckOutcome> => await this.#check()
    this.#checks = this.#checks.then(look, look)
    return await this.#checks
  }

  /** Ends the watch and waits for a look that is under way. Nothing is called afterwards. */
  async close (): Promise<void> {
    this.#closed = true
    clearInterval(this.#poll)
    clearTimeout(this.#settle)
    this.#endQuiet()
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
    await this.#checks.catch(() => undefined)
  }

  #lookAgain (): void {
    this.#openWatchers()
    this.#lookInBackground()
  }

  #lookInBackground (): void {
    this.checkNow().catch(() => {
      const file = this.#options.source.files.certificateFile
      const message = 'the server did not take it and keeps the old one; restart it to see why'
      this.#options.onRefused({ reason: 'tls_refused', file, message })
    })
  }

  /** A folder that is not there yet, or was lost, is tried again at each poll. */
  #openWatchers (): void {
    const { certificateFile, privateKeyFile, clientAuthorityFile } = this.#options.source.files
    const files = [certificateFile, privateKeyFile, clientAuthorityFile].filter((file) => file !== undefined)
    for (const folder of new Set(files.map((file) => dirname(file)))) {
      if (!this.#watchers.has(folder)) this.#openWatcher(folder)
    }
  }

  #openWatcher (folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#lookSoon())
      watcher.on('error', () => this.#dropWatcher(folder))
      this.#watchers.set(folder, watcher)
    } catch {
      // No such folder, or no watch left (ENOSPC): the poll goes on without.
    }
  }

  #dropWatcher (folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
  }

  #lookSoon (): void {
    if (this.#closed) return
    // Counted from the first event: a folder that never comes to rest must not keep a renewed pair out.
    this.#settle ??= setTimeout(() => {
      this.#settle = undefined
      this.#lookInBackground()
    }, this.#options.settleMs ?? 100).unref()
  }

  async #check (): Promise<CheckOutcome> {
    if (this.#closed) return 'unchanged'
    const loaded = await loadCertificate(this.#options.source)
    if (this.#closed) return 'unchanged'
    // Before the refusals: the pair that serves may expire where it lies, and its expiry is a metric of its own.
    const served = loaded.digest === this.#servingDigest
    if (!loaded.ok && !served) return this.#refuse(loaded.digest, loaded.refusal)
    this.#endQuiet()
    this.#reported = ''
    if (served || !loaded.ok) return 'unchanged'
    const { policy } = this.#options.source
    this.#options.swap(buildTlsOptions(policy, loaded.certificate.material))
    this.#servingDigest = loaded.digest
    this.#options.onReload(loaded.certificate.facts)
    return 'reloaded'
  }

  #refuse (digest: string, refusal: CertificateRefusal): CheckOutcome {
    const what = `${digest} ${refusal.reason}`
    if (what === this.#reported) return 'refused'
    if (passing.has(refusal.reason) && !this.#patienceOver) {
      this.#startQuiet()
      return 'waiting'
    }
    this.#endQuiet()
    this.#reported = what
    this.#options.onRefused(refusal)
    return 'refused'
  }

  #startQuiet (): void {
    this.#quiet ??= setTimeout(() => {
      this.#patienceOver = true
      this.#lookInBackground()
    }, this.#options.quietMs ?? 10_000).unref()
  }

  #endQuiet (): void {
    clearTimeout(this.#quiet)
    this.#quiet = undefined
    this.#patienceOver = false
  }
}
