/**
 * Image references as the kubelet parses them: `ParseNormalizedNamed` of distribution/reference (semantics A).
 *
 * Every step looks at a bounded piece of the text with a fixed expression, so that no input is slow.
 */

export interface ImageReference {
  /** Registry host with port, case kept; empty for a first segment that is no host name (`my_reg.io/a`). */
  readonly domain: string
  /** Repository path below the registry. */
  readonly path: string
  /** `domain/path`: what the kubelet looks credentials up with. */
  readonly name: string
  /** `latest` where the text has neither tag nor digest. */
  readonly tag?: string
  readonly digest?: string
}

export type ImageProblem = 'empty' | 'identifier' | 'uppercase' | 'format' | 'too_long' | 'digest'

export type ParsedImage =
  | { readonly ok: true, readonly reference: ImageReference }
  | { readonly ok: false, readonly problem: ImageProblem }

/** What each problem means, for people. */
export const imageProblems: Readonly<Record<ImageProblem, string>> = {
  empty: 'the image is empty',
  identifier: 'a 64 digit hexadecimal name reads as an image id',
  uppercase: 'the repository must be lower case',
  format: 'not of the form [registry/]repository[:tag][@digest]',
  too_long: 'the repository path is longer than 255 characters',
  digest: 'the digest has an unknown algorithm, a wrong length or upper-case digits'
}

const defaultDomain = 'docker.io'
const maxPathLength = 255
const digestLengths: ReadonlyMap<string, number> = new Map([['sha256', 64], ['sha384', 96], ['sha512', 128]])

const identifier = /^[a-f0-9]{64}$/
const pathPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const hostLabel = /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])$/
const bracketHost = /^\[[a-fA-F0-9:]+\]$/
const portPattern = /^[0-9]+$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const upperCase = /[A-Z]/

/**
 * Parses an image reference.
 *
 * @example parseImageReference('team/app') // { ok: true, reference: { name: 'docker.io/team/app', tag: 'latest', … } }
 */
export function parseImageReference (text: string): ParsedImage {
  if (text === '') return { ok: false, problem: 'empty' }
  if (identifier.test(text)) return { ok: false, problem: 'identifier' }
  const { domain, remainder } = splitDomain(text)
  const repository = cut(remainder, ':').head
  if (upperCase.test(repository)) return { ok: false, problem: 'uppercase' }
  return parseRemainder(domain, remainder)
}

/** The registry and the rest, with Docker Hub's defaults filled in (semantics A.2, steps 2–4). */
function splitDomain (text: string): { domain: string, remainder: string } {
  const { head, tail } = cut(text, '/')
  if (tail === undefined) return { domain: defaultDomain, remainder: `library/${text}` }
  const isDomain = head === 'localhost' || head.includes('.') || head.includes(':') || head.toLowerCase() !== head
  if (!isDomain) return { domain: defaultDomain, remainder: text }
  const domain = head === 'index.docker.io' ? defaultDomain : head
  return { domain, remainder: domain === defaultDomain && !tail.includes('/') ? `library/${tail}` : tail }
}

function parseRemainder (firstSegment: string, remainder: string): ParsedImage {
  const { head: tagged, tail: digest } = cut(remainder, '@')
  const { head: rest, tail: tag } = cut(tagged, ':')
  const isHost = isDomain(firstSegment)
  const path = isHost ? rest : `${firstSegment}/${rest}`
  const problem = findProblem(path, tag, digest)
  if (problem !== undefined) return { ok: false, problem }
  const version = digest === undefined ? { tag: tag ?? 'latest' } : { ...(tag === undefined ? {} : { tag }), digest }
  return { ok: true, reference: { domain: isHost ? firstSegment : '', path, name: `${firstSegment}/${rest}`, ...version } }
}

function findProblem (path: string, tag: string | undefined, digest: string | undefined): ImageProblem | undefined {
  if (path.length > maxPathLength) return 'too_long'
  if (!pathPattern.test(path) || (tag !== undefined && !tagPattern.test(tag))) return 'format'
  if (digest === undefined) return undefined
  if (!digestPattern.test(digest)) return 'format'
  return isKnownDigest(digest) ? undefined : 'digest'
}

function isDomain (text: string): boolean {
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']')) : text.indexOf(':')
  const host = colon === -1 ? text : text.slice(0, colon)
  if (colon !== -1 && !portPattern.test(text.slice(colon + 1))) return false
  return bracketHost.test(host) || host.split('.').every((label) => hostLabel.test(label))
}

function isKnownDigest (digest: string): boolean {
  const { head: algorithm, tail: hex = '' } = cut(digest, ':')
  return digestLengths.get(algorithm) === hex.length && /^[a-f0-9]+$/.test(hex)
}

/** The text before and after the first separator; `tail` is absent where there is none. */
function cut (text: string, separator: string): { head: string, tail?: string } {
  const at = text.indexOf(separator)
  return at === -1 ? { head: text } : { head: text.slice(0, at), tail: text.slice(at + 1) }
}
