/**
 * The part of Go's net/url that decides what a credential key means: host and path of `https://` + key, or nothing
 * (semantics B.5; Go 1.26, strict about colons). WHATWG's URL differs in nearly every odd case, so it is no help.
 *
 * Text is handled as bytes, one character a byte, since Go compares, cuts and unescapes bytes.
 */
export interface HostAndPath {
  /** With port, case kept. */
  readonly host: string
  /** Unescaped; empty or starting with `/`. */
  readonly path: string
}

/** A text's UTF-8 bytes, one character (U+0000–U+00FF) a byte: such strings sort and cut as Go's do. */
export function toByteString (text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

const controlByte = /[\x00-\x1f\x7f]/ // eslint-disable-line no-control-regex -- Go refuses exactly these
const hostBytes = /^[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\x80-\xff]*$/
const userInfo = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/
const optionalPort = /^(?::[0-9]*)?$/

/** Parses what follows a scheme and `//`. Undefined where Go reports an error. */
export function parseHostAndPath (bytes: string): HostAndPath | undefined {
  const [url, fragment] = cutAt(bytes, bytes.indexOf('#'))
  if (controlByte.test(url) || unescapeBytes(fragment) === undefined) return undefined
  const [beforeQuery] = cutAt(url, url.indexOf('?'))
  const slash = beforeQuery.indexOf('/')
  const authority = slash === -1 ? beforeQuery : beforeQuery.slice(0, slash)
  const path = unescapeBytes(slash === -1 ? '' : beforeQuery.slice(slash))
  const host = parseAuthority(authority)
  return host === undefined || path === undefined ? undefined : { host, path }
}

function parseAuthority (authority: string): string | undefined {
  const at = authority.lastIndexOf('@')
  if (at === -1) return parseHost(authority)
  const user = authority.slice(0, at)
  if (!userInfo.test(user) || unescapeBytes(user) === undefined) return undefined
  return parseHost(authority.slice(at + 1))
}

function parseHost (host: string): string | undefined {
  const bracket = host.lastIndexOf('[')
  if (bracket > 0) return undefined
  if (bracket === 0) return parseBracketHost(host)
  const colon = host.indexOf(':')
  if (colon !== -1 && !optionalPort.test(host.slice(colon))) return undefined
  return unescapeHost(host)
}

/** `[IPv6]` or `[IPv6%25zone]` with an optional port. */
function parseBracketHost (host: string): string | undefined {
  const close = host.lastIndexOf(']')
  const port = host.slice(close + 1)
  if (close === -1 || !optionalPort.test(port)) return undefined
  const inside = host.slice(1, close)
  const zoneAt = inside.indexOf('%25')
  const address = unescapeHost(zoneAt === -1 ? inside : inside.slice(0, zoneAt))
  const zone = zoneAt === -1 ? '' : unescapeZone(inside.slice(zoneAt))
  if (address === undefined || zone === undefined) return undefined
  return isIpv6(address + zone) ? `[${address}${zone}]${port}` : undefined
}

/** In a host only bytes from 0x80 on may be escaped. */
function unescapeHost (text: string): string | undefined {
  if (!hostBytes.test(text.replaceAll('%', ''))) return undefined
  return unescapeBytes(text, (byte, escape) => byte >= 0x80 || escape === '%25')
}

/** In a zone also those that a host could hold unescaped, and the space. */
function unescapeZone (text: string): string | undefined {
  if (!hostBytes.test(text.replaceAll('%', ''))) return undefined
  const isAllowed = (byte: number): boolean => byte === 0x20 || hostBytes.test(String.fromCharCode(byte))
  return unescapeBytes(text, (byte, escape) => escape === '%25' || isAllowed(byte))
}

type EscapeRule = (byte: number, escape: string) => boolean

/** Replaces `%XX`; undefined for a `%` without two hex digits, or an escape that is not allowed here. */
function unescapeBytes (text: string, allowed: EscapeRule = () => true): string | undefined {
  if (!text.includes('%')) return text
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined
  const escapes = [...text.matchAll(/%[0-9A-Fa-f]{2}/g)]
  if (!escapes.every(([escape]) => allowed(parseInt(escape.slice(1), 16), escape))) return undefined
  return text.replace(/%[0-9A-Fa-f]{2}/g, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)))
}

/** netip.ParseAddr, for IPv6 with an optional zone. */
function isIpv6 (text: string): boolean {
  const [address, zone] = cutAt(text, text.indexOf('%'))
  if (text.includes('%') && zone === '') return false
  const ipv4 = /^(.*:)((?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|$)){4})$/.exec(address)
  if (ipv4?.[2]?.endsWith('.') === true) return false
  const groups = ipv4 === null ? address : `${ipv4[1]}0:0`
  const halves = groups.split('::')
  if (halves.length > 2) return false
  const parts = halves.flatMap((half) => half === '' ? [] : half.split(':'))
  if (!parts.every((part) => /^[0-9A-Fa-f]{1,4}$/.test(part))) return false
  return halves.length === 2 ? parts.length <= 7 : parts.length === 8
}

/** The text before an index and after the character there; all of it and nothing for −1. */
function cutAt (text: string, index: number): [string, string] {
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}
