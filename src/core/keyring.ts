import type { CoverageKey } from './coverage.ts'
import { effectiveKeyOf, endsInsideSegment, matchesPattern, parseRegistryPattern } from './registry-pattern.ts'
import type { EffectiveKey, RegistryPattern } from './registry-pattern.ts'

/** One login of a keyring: which secret, which key; no password. */
export interface KeyringEntry {
  readonly secret: string
  /** The `auths` key as written. */
  readonly key: string
  readonly effectiveKey: EffectiveKey
  readonly usable: boolean
}

/** The entries of one secret; a key that the kubelet cannot parse makes none (semantics B.5). */
export function keyringEntries (secret: string, keys: readonly CoverageKey[]): KeyringEntry[] {
  return keys.flatMap(({ key, usable }) => {
    const effectiveKey = effectiveKeyOf(key)
    return effectiveKey === undefined ? [] : [{ secret, key, effectiveKey, usable }]
  })
}

/** An entry that the kubelet would try for an image. */
export interface KeyringMatch extends KeyringEntry {
  /** `fallback`: only as Docker Hub's login, since nothing else matched (semantics C.1.5). */
  readonly by: 'key' | 'fallback'
  /** The key ends inside a path segment of the image. */
  readonly insideSegment: boolean
}

/** All that a keyring holds for one image. */
export interface KeyringCandidates {
  /** Entries whose key matches, in the kubelet's order: keys in descending byte order, of one key in list order. */
  readonly direct: readonly KeyringMatch[]
  /** Docker Hub's entries, if the image is one of the Hub; tried only where no key matches (semantics C.1.5). */
  readonly fallback: readonly KeyringMatch[]
}

/** A compiled set of logins. A look-up costs what the image's own host holds, whatever else there is. */
export interface Keyring {
  /** @param name `domain/path` of a parsed reference. */
  candidates: (name: string) => KeyringCandidates
}

/**
 * The logins that the kubelet would try, in its order, if only some secrets were listed. Empty: an anonymous pull.
 *
 * @param isListed whether a secret is; all of the keyring's by default.
 */
export function triedLogins (
  candidates: KeyringCandidates,
  isListed: (secret: string) => boolean = () => true
): readonly KeyringMatch[] {
  const direct = candidates.direct.filter(({ secret }) => isListed(secret))
  return direct.length > 0 ? direct : candidates.fallback.filter(({ secret }) => isListed(secret))
}

interface CompiledEntry {
  readonly entry: KeyringEntry
  readonly pattern: RegistryPattern
}

/** Docker Hub's login in the form that docker writes: `https://index.docker.io/v1/`. */
const hubKey: EffectiveKey = 'index.docker.io'

/** Compiles entries that stand in list order: secret by secret as in `imagePullSecrets`. */
export function compileKeyring (entries: Iterable<KeyringEntry>): Keyring {
  const byHost = new Map<string, CompiledEntry[]>()
  const byShape = new Map<string, CompiledEntry[]>()
  const hub: KeyringEntry[] = []
  for (const entry of entries) {
    const pattern = parseRegistryPattern(entry.effectiveKey)
    if (entry.effectiveKey === hubKey) hub.push(entry)
    if (pattern === undefined) continue
    const compiled = { entry, pattern }
    if (pattern.wildcard) push(byShape, shapeOf(pattern), compiled)
    else push(byHost, hostOf(pattern), compiled)
  }
  return { candidates: (name) => findCandidates(name, { byHost, byShape, hub }) }
}

interface Index {
  readonly byHost: ReadonlyMap<string, readonly CompiledEntry[]>
  readonly byShape: ReadonlyMap<string, readonly CompiledEntry[]>
  readonly hub: readonly KeyringEntry[]
}

function findCandidates (name: string, { byHost, byShape, hub }: Index): KeyringCandidates {
  const image = parseRegistryPattern(name)
  const direct = image === undefined
    ? []
    : [...byHost.get(hostOf(image)) ?? [], ...byShape.get(shapeOf(image)) ?? []]
        .filter(({ pattern }) => matchesPattern(pattern, image))
        .sort(inKubeletOrder)
        .map(({ entry, pattern }) => ({ ...entry, by: 'key' as const, insideSegment: endsInsideSegment(pattern, image) }))
  const fallback = isHubImage(name) ? hub.map((entry) => ({ ...entry, by: 'fallback' as const, insideSegment: false })) : []
  return { direct, fallback }
}

/** Equal keys stand in one index and stay as they came, since the sort is stable. */
function inKubeletOrder (a: CompiledEntry, b: CompiledEntry): number {
  return compareKeys(a.entry.effectiveKey, b.entry.effectiveKey)
}

/** Descending byte order, the kubelet's; negative where `a` is tried first. */
export function compareKeys (a: EffectiveKey, b: EffectiveKey): number {
  if (a === b) return 0
  return a > b ? -1 : 1
}

/** The kubelet's isDefaultRegistryMatch: a first segment that is Docker Hub's or no host at all. */
function isHubImage (name: string): boolean {
  const registry = name.slice(0, Math.max(0, name.indexOf('/')))
  return registry === 'docker.io' || registry === 'index.docker.io' || !/[.:]/.test(registry)
}

function hostOf (pattern: RegistryPattern): string {
  return `${pattern.hostParts.join('.')} ${pattern.port}`
}

function shapeOf (pattern: RegistryPattern): string {
  return `${pattern.hostParts.length} ${pattern.port}`
}

function push (index: Map<string, CompiledEntry[]>, key: string, value: CompiledEntry): void {
  const list = index.get(key)
  if (list === undefined) index.set(key, [value])
  else list.push(value)
}
