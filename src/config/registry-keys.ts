import { quote } from './quote.ts'

const schemeForm = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//
const portForm = /:(\d{1,5})$/
const ipv6Host = /^\[[0-9A-Fa-f:.]+\]/

/**
 * Why the kubelet could never use this `auths` key for an image, or undefined for a key that it could use
 * (semantics B.5). The answer starts with a verb. A key that looks as if it held a login is not repeated in it.
 */
export function explainDeadKey (key: string): string | undefined {
  const rest = key.replace(/^https?:\/\//, '')
  if (rest.includes('@')) return 'holds an @; a key is a host and a path, without user, password or digest'
  return explainForm(key, rest) ?? explainHost(key, rest) ?? explainPath(key, rest)
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
  return undefined
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
  if (/^index\.docker\.io\/v[12]$/.test(rest)) {
    return `is ${quote(key)}, which matches nothing without a final slash; write https://index.docker.io/v1/`
  }
  if (path.includes(':')) return `is ${quote(key)}; a key covers repositories, so remove the tag`
  if (path.includes('*')) return `is ${quote(key)}; * works in the host only, and a path covers what is below it anyway`
  if (/[A-Z]/.test(path)) return `is ${quote(key)}; image paths are in lower case, so write it in lower case`
  return path.includes('//') ? `is ${quote(key)}, which holds an empty path segment; remove one slash` : undefined
}
