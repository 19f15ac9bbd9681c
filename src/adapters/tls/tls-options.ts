import { constants } from 'node:crypto'
import type { SecureContextOptions, TlsOptions } from 'node:tls'

/** The PEM texts that a server serves with. */
export interface TlsMaterial {
  /** The leaf first, then the certificates that lead to its authority. */
  readonly certificate: string
  readonly privateKey: string
  /** Absent: callers need no certificate. Present: only callers with a certificate of one of these get in. */
  readonly clientAuthorities?: string
}

export interface TlsPolicy {
  /** False: TLS 1.2 is the floor and 1.3 preferred. */
  readonly tls13Only: boolean
}

/** For `https.createServer` and, unchanged, for `server.setSecureContext`. */
export type ServingTlsOptions = SecureContextOptions & Pick<TlsOptions, 'requestCert' | 'rejectUnauthorized'>

const tls13Ciphers = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'] as const

// OpenShift's profile "Intermediate" without its DHE entries: they need parameters that nothing here sets
// (https://docs.openshift.com/container-platform/4.16/security/tls-security-profiles.html).
const tls12Ciphers = [
  'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'
] as const

/**
 * Builds the whole set of TLS options, for the start and for each reload alike.
 *
 * Whole, since `setSecureContext` puts back to its default whatever it is not given: with `{ key, cert }` alone the
 * version floor and the client authorities are gone. `requestCert` and `rejectUnauthorized` count at the start only, so
 * a server cannot begin or cease to ask for client certificates by a reload.
 */
export function buildTlsOptions (policy: TlsPolicy, material: TlsMaterial): ServingTlsOptions {
  const asksClients = material.clientAuthorities !== undefined
  return {
    cert: material.certificate,
    key: material.privateKey,
    ...(asksClients ? { ca: material.clientAuthorities } : {}),
    requestCert: asksClients,
    rejectUnauthorized: asksClients,
    minVersion: policy.tls13Only ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: (policy.tls13Only ? tls13Ciphers : [...tls13Ciphers, ...tls12Ciphers]).join(':'),
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    // A resumed session is not asked for its certificate again, so sessions live briefly, and a reload ends them all:
    // each context makes its own ticket keys.
    sessionTimeout: 300,
    sessionIdContext: 'pullpass'
  }
}
