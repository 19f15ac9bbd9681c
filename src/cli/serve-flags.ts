import type { FactFlags } from './options.ts'

/** The flags of `serve` as commander gives them. */
export interface ServeFlags extends FactFlags {
  readonly listen: string
  readonly statusListen: string
  readonly tlsCertFile?: string
  readonly tlsPrivateKeyFile?: string
  readonly clientCaFile?: string
  readonly tlsMinVersion: '1.2' | '1.3'
  readonly developmentCertificates?: string
  readonly drainSeconds: string
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug'
}
