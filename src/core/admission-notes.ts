import { addedNames, type Decision } from './decision.ts'
import { imageProblems } from './image-reference.ts'
import type { PullScope } from './pull-scope.ts'

/** The API server cuts longer warnings and drops what is too much (semantics E.3). */
const maxWarnings = 3
const maxWarningLength = 120

/** The part of an audit annotation's key behind the webhook's name (semantics E.3). */
const maxKeyLength = 63
const keptNameLength = 48

/**
 * What the caller can act on. None for an object made by a controller, which drops warnings (design §5.7), or for one
 * that is none of our business.
 *
 * @returns at most 3, each of at most 120 printable ASCII characters.
 */
export function planWarnings (scope: PullScope, decision: Decision): string[] {
  if (scope.controlled || scope.optedOut || scope.mirrorPod) return []
  const images = scope.images.flatMap(({ path, text, reading }) =>
    reading.state === 'invalid' && text !== '' ? [`pullpass: ${path} cannot be pulled: ${imageProblems[reading.problem]}`] : [])
  const accounts = scope.accounts.flatMap((account) => 'name' in account ? [account.name] : []).join(', ')
  const restricted = decision.leftOut.filter(({ reason }) => reason === 'account_restricts_secrets')
    .map(({ name }) => `pullpass: ${name} not added, link it to service account ${accounts}, which enforces mountable secrets`)
  return [...images, ...restricted].slice(0, maxWarnings).map(fitWarning)
}

function fitWarning (text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?')
  return printable.length <= maxWarningLength ? printable : `${printable.slice(0, maxWarningLength - 3)}...`
}

/**
 * Audit annotations: one key a name, since the API server drops a second value for a key when the webhook is called
 * again, and the reason of a skip.
 *
 * @param prefix `added`, or `would-add` in shadow mode.
 */
export function planAuditAnnotations (decision: Decision, prefix: 'added' | 'would-add'): Record<string, string> {
  if (decision.action === 'skip') return { skipped: decision.reason }
  return Object.fromEntries(addedNames(decision).map((name) => [auditKey(prefix, name), name]))
}

/** `added.<name>`, or a shortened name with a hash where that is too long or no valid key. */
function auditKey (prefix: string, name: string): string {
  const key = `${prefix}.${name}`
  if (key.length <= maxKeyLength && /^[A-Za-z0-9._-]*[A-Za-z0-9]$/.test(key)) return key
  const kept = name.slice(0, Math.min(keptNameLength, maxKeyLength - prefix.length - '.-'.length - hashDigits)).replace(/[^A-Za-z0-9._-]/g, '-')
  return `${prefix}.${kept}-${hashText(name)}`
}

const hashDigits = 8

/** FNV-1a, 32 bits: tells shortened names apart, no more. */
function hashText (text: string): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16).padStart(hashDigits, '0')
}
