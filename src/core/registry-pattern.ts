import { isGlob, matchGlob } from './glob.ts'
import { parseHostAndPath, toByteString } from './go-url.ts'

/** The key by which the kubelet puts an entry's login in order, as bytes (see `toByteString`). */
export type EffectiveKey = string

/**
 * What the kubelet makes of an `auths` key (semantics B.5): scheme, user, query and fragment gone, `/v1/` and `/v2/`
 * stripped. Undefined where it skips the entry.
 */
export function effectiveKeyOf (key: string): EffectiveKey | undefined {
  const bytes = toByteString(key)
  const parsed = parseHostAndPath(bytes.replace(/^https?:\/\//, ''))
  if (parsed === undefined) return undefined
  const path = /^\/v[12]\//.test(parsed.path) ? parsed.path.slice(3) : parsed.path
  return path === '' || path === '/' ? parsed.host : parsed.host + path
}

/**
 * A key without user information, which may hold a password and which the kubelet drops (semantics B.5). Also of keys
 * with another scheme, or that cannot be parsed.
 */
export function withoutUserInfo (key: string): string {
  return key.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/)?[^/?#]*@/, '$1')
}

/** An effective key taken apart for matching. */
export interface RegistryPattern {
  readonly hostParts: readonly string[]
  readonly port: string
  readonly path: string
  /** Whether a part of the host is a glob. */
  readonly wildcard: boolean
}

/**
 * Parses an effective key or an image name. The kubelet parses keys a second time when it matches, so that an escape
 * may be taken off twice. Undefined: matches nothing.
 */
export function parseRegistryPattern (bytes: string): RegistryPattern | undefined {
  const parsed = parseHostAndPath(bytes)
  if (parsed === undefined) return undefined
  const { host, port } = splitHostPort(parsed.host)
  return { hostParts: host.split('.'), port, path: parsed.path, wildcard: isGlob(host) }
}

/**
 * Whether a key covers an image: same port, as many host parts, each matching, and the key's path a byte prefix of the
 * image's (semantics C.1.4).
 */
export function matchesPattern (pattern: RegistryPattern, image: RegistryPattern): boolean {
  return pattern.port === image.port &&
    image.path.startsWith(pattern.path) &&
    pattern.hostParts.every((part, index) => matchGlob(part, image.hostParts[index] ?? '')) &&
    pattern.hostParts.length === image.hostParts.length
}

/** Whether a key that covers the image ends inside a path segment of it, as `quay.io/acme` in `quay.io/acme-x/app`. */
export function endsInsideSegment (pattern: RegistryPattern, image: RegistryPattern): boolean {
  const next = image.path.charAt(pattern.path.length)
  return pattern.path !== '' && !pattern.path.endsWith('/') && next !== '' && next !== '/'
}

/** net.SplitHostPort; a host that it refuses is taken whole, without a port. */
function splitHostPort (text: string): { host: string, port: string } {
  const colon = text.lastIndexOf(':')
  const whole = { host: text, port: '' }
  if (colon === -1) return whole
  const port = text.slice(colon + 1)
  if (text.startsWith('[')) return text[colon - 1] === ']' ? { host: text.slice(1, colon - 1), port } : whole
  const host = text.slice(0, colon)
  return host.includes(']') ? whole : { host, port }
}
