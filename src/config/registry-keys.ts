import { parseImageReference } from '../core/image-reference.ts'
import { effectiveKeyOf, matchesPattern, parseRegistryPattern, type EffectiveKey } from '../core/registry-pattern.ts'
import { quote } from './quote.ts'

const schemeForm = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//
const portForm = /:(\d+)$/
const ipv6Host = /^\[[0-9A-Fa-f:.]+\]/

/** Docker Hub's login in the form that docker writes: used where no other key matches an image of the Hub. */
const hubKey: EffectiveKey = 'index.docker.io'

/**
 * Why the kubelet could never use this `auths` key for an image, or undefined for a key that it could use
 * (semantics B.5, C.1). The answer starts with a verb. A key that looks as if it held a login is not repeated in it.
 * A key that works only because a part of it is dropped or decoded is refused as well: it means other than it says.
 */
export function explainDeadKey (key: string): string | undefined {
  const rest = key.replace(/^https?:\/\//, '')
  if (rest.includes('@')) return 'holds an @; a key is a host and a path, without user, password or digest'
  const form = explainForm(key, rest)
  if (form !== undefined || coversSomeImage(key)) return form
  return explainHub(key, rest) ?? explainHost(key, rest) ?? explainPath(key, rest) ??
    `is ${quote(key)}, which covers no image name; write host/path as image names have it`
}

/**
 * Looks for an image below the key. One is enough, and letters in place of each star, with a little behind the path,
 * give one wherever there is any: a digit or a mark fits nowhere that a letter does not. A lone first part is a host
 * if it has upper case.
 */
function coversSomeImage (key: string): boolean {
  const effective = effectiveKeyOf(key)
  const pattern = effective === undefined ? undefined : parseRegistryPattern(effective)
  if (effective === undefined || pattern === undefined) return false
  if (effective === hubKey) return true
  const slash = effective.indexOf('/')
  const [host, path] = slash === -1 ? [effective, ''] : [effective.slice(0, slash), effective.slice(slash)]
  return ['a', 'A'].some((letter) => ['', 'a', '/a'].some((tail) => {
    const image = parseImageReference(host.replaceAll('*', letter) + path + tail)
    const name = image.ok ? parseRegistryPattern(image.reference.name) : undefined
    return name !== undefined && matchesPattern(pattern, name)
  }))
}

function explainForm (key: string, rest: string): string | undefined {
  const scheme = schemeForm.exec(rest)
  if (scheme !== null) {
    return `is ${quote(key)}, whose scheme the kubelet does not know; remove ${quote(scheme[0])}`
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\s\u0000-\u001f\u007f]/.test(key)) return `is ${quote(key)}, which holds white space; remove it`
  if (/[?#]/.test(key)) return `is ${quote(key)}; what follows ? or # is dropped, so remove it (the only wildcard is * in the host)`
  if (/[%[\]\\^`{|}"<>]/.test(rest.replace(ipv6Host, ''))) return `is ${quote(key)}, which holds a character that no image name has; remove it`
  return explainPort(key, rest)
}

function explainPort (key: string, rest: string): string | undefined {
  const host = rest.split('/')[0] ?? ''
  if (/[^:]:$/.test(host)) return `is ${quote(key)}, whose port is no number; write host:port, or the host alone`
  return ipv6Host.test(host) && !portForm.test(host)
    ? `is ${quote(key)}, an IPv6 address without a port, whose brackets the kubelet takes for a wildcard; write [address]:port`
    : undefined
}

function explainHub (key: string, rest: string): string | undefined {
  if (/^index\.docker\.io\/v[12]$/.test(rest)) {
    return `is ${quote(key)}, which matches nothing without a final slash; write https://index.docker.io/v1/`
  }
  const path = /^index\.docker\.io\/(?:v[12]\/)?(.+)$/.exec(rest)?.[1]
  return path === undefined
    ? undefined
    : `is ${quote(key)}, which matches nothing: images of Docker Hub are looked up below docker.io; write ${quote(`docker.io/${path}`)}`
}

function explainHost (key: string, rest: string): string | undefined {
  const host = (rest.split('/')[0] ?? '').replace(ipv6Host, 'ipv6.host')
  if (host.includes(':') && !portForm.test(host)) return `is ${quote(key)}, whose port is no number; write host:port`
  const name = host.replace(portForm, '')
  if (name === '') return `is ${quote(key)}, which has no host; write host/path`
  if (!host.includes('.') && !host.includes(':') && name !== 'localhost') {
    return `is ${quote(key)}, whose first part is no registry host; write it in full, such as ${quote(`docker.io/${rest}`)}`
  }
  return undefined
}

function explainPath (key: string, rest: string): string | undefined {
  const path = rest.slice((rest.split('/')[0] ?? '').length)
  if (path.includes(':')) return `is ${quote(key)}; a key covers repositories, so remove the tag`
  if (path.includes('*')) return `is ${quote(key)}; * works in the host only, and a path covers what is below it anyway`
  if (/[A-Z]/.test(path)) return `is ${quote(key)}; image paths are in lower case, so write it in lower case`
  return path.includes('//') ? `is ${quote(key)}, which holds an empty path segment; remove one slash` : undefined
}
