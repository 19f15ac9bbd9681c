import { findingTexts, readPullSecret, type ConfigFinding } from '../core/docker-config.ts'
import { imageProblems, parseImageReference } from '../core/image-reference.ts'
import { compileKeyring, keyringEntries, triedLogins, type Keyring } from '../core/keyring.ts'
import type { Secret } from '../core/kubernetes.ts'

/** One login that the kubelet would try, in its order. */
interface ExplainedCandidate {
  readonly secret: string
  /** The `auths` key as written. */
  readonly key: string
  /** False: neither user nor password; tried by the kubelet to no avail. */
  readonly usable: boolean
}

/** What the kubelet would do for one image of a pod that lists exactly the given secrets, in their order. */
export interface ExplainedImage {
  readonly image: string
  /** `domain/path`; null for an image that cannot be parsed. */
  readonly repository: string | null
  readonly candidates: readonly ExplainedCandidate[]
  readonly error?: { readonly code: 'image_invalid' | 'secrets_unreadable', readonly message: string }
}

/**
 * Explains images against a pull secret list, exactly as the kubelet would: one secret that it cannot read leaves no
 * candidate for any image (semantics B.4).
 */
export function explainImages (images: readonly string[], secrets: readonly Secret[]): ExplainedImage[] {
  const list = compileList(secrets.map(readListedSecret))
  return images.map((image) => explainImage(image, list))
}

/** The keys of one listed secret, wherever they are known from. */
export interface ListedSecret {
  readonly name: string
  readonly keys: ReadonlyArray<{ readonly key: string, readonly usable: boolean }>
  /** What makes the kubelet refuse the secret, and with it every pull of the pod; empty: nothing does. */
  readonly faults: readonly ConfigFinding[]
}

/** A Secret of a list as the kubelet reads it; one that it passes over has no keys. */
export function readListedSecret (secret: Secret): ListedSecret {
  const reading = readPullSecret(secret)
  const faults = reading?.verdict === 'refused' ? reading.findings.filter(({ fatal }) => fatal) : []
  return { name: secret.name, keys: reading?.keys ?? [], faults }
}

/** A pull secret list, compiled once for all images. */
export interface CompiledList {
  readonly keyring: Keyring
  /** Absent: every secret can be read. */
  readonly refusal?: string
}

/** Compiles the secrets of a list, in its order. */
export function compileList (list: readonly ListedSecret[]): CompiledList {
  const keyring = compileKeyring(list.flatMap(({ name, keys }) => keyringEntries(name, keys)))
  const refused = list.filter(({ faults }) => faults.length > 0)
  return refused.length === 0 ? { keyring } : { keyring, refusal: describeRefusal(refused) }
}

/** Explains one image against a compiled list. */
export function explainImage (image: string, { keyring, refusal }: CompiledList): ExplainedImage {
  const parsed = parseImageReference(image)
  if (!parsed.ok) {
    const message = imageProblems[parsed.problem]
    return { image, repository: null, candidates: [], error: { code: 'image_invalid', message } }
  }
  const repository = parsed.reference.name
  if (refusal !== undefined) {
    return { image, repository, candidates: [], error: { code: 'secrets_unreadable', message: refusal } }
  }
  const candidates = triedLogins(keyring.candidates(repository))
    .map(({ secret, key, usable }) => ({ secret, key, usable }))
  return { image, repository, candidates }
}

/** Secrets that the kubelet passes over without a word, in the order given: of another type, or without data. */
export function findIgnoredSecrets (secrets: readonly Secret[]): Secret[] {
  return secrets.filter((secret) => readPullSecret(secret) === undefined)
}

const maxFaults = 5
const maxKeyLength = 80

function describeRefusal (refused: readonly ListedSecret[]): string {
  const faults = refused.flatMap(({ name, faults }) => faults.map(({ code, key }) =>
    `secret ${name}${key === undefined ? '' : `, entry ${JSON.stringify(key.slice(0, maxKeyLength))}`}: ${findingTexts[code]}`))
  const shown = faults.slice(0, maxFaults).join('; ')
  const more = faults.length > maxFaults ? `; and ${faults.length - maxFaults} more` : ''
  return `${shown}${more}; the kubelet then fails every pull of a pod that lists it; mend or remove what is named`
}
