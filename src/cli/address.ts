import { PullpassError } from '../core/errors.ts'

/** Where a server listens. */
export interface ListenAddress {
  /** Empty: every address of the machine. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

/**
 * Reads `HOST:PORT`; `:8443` is every address, `[::1]:8443` an IPv6 one.
 *
 * @throws PullpassError `usage_invalid`
 */
export function parseListenAddress (text: string, flag: string): ListenAddress {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) {
    throw new PullpassError('usage_invalid', `${flag}: ${JSON.stringify(text)} is no HOST:PORT; write for example 127.0.0.1:8443 or :8443`)
  }
  return { host: match[1] ?? match[2] ?? '', port }
}
