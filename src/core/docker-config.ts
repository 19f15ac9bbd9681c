import { decodeDockerConfig, isUsable } from './docker-entries.ts'
import type { DockerConfigFormat, DockerDocument, DockerEntry, DocumentProblem, EntryProblem } from './docker-entries.ts'
import type { Secret } from './kubernetes.ts'
import { effectiveKeyOf } from './registry-pattern.ts'

export type FindingCode =
  | DocumentProblem | EntryProblem
  | 'key_unreadable' | 'entry_empty' | 'identity_token_ignored' | 'helpers_ignored'

/** One thing worth saying about a docker config. Holds the key, never a value. */
export interface ConfigFinding {
  readonly code: FindingCode
  /** The `auths` key; absent for the document as a whole. */
  readonly key?: string
  /** Whether the kubelet refuses the whole document for it. */
  readonly fatal: boolean
}

/** What each finding means. */
export const findingTexts: Readonly<Record<FindingCode, string>> = {
  not_json: 'the document is not JSON as Go reads it (a byte order mark, trailing text or a comma too many will do)',
  not_an_object: 'the document is not a JSON object',
  auths_not_an_object: '"auths" is not an object',
  headers_not_strings: '"HttpHeaders" is not an object of strings',
  entry_not_an_object: 'the entry is not an object',
  field_not_a_string: 'username, password, email or auth is not a string',
  auth_not_base64: '"auth" is not standard base64',
  auth_without_colon: '"auth" does not decode to user:password',
  key_unreadable: 'the key is no registry address; the kubelet skips the entry',
  entry_empty: 'the entry has neither user nor password; the kubelet tries it to no avail',
  identity_token_ignored: 'the kubelet does not read identitytoken and registrytoken',
  helpers_ignored: 'the kubelet does not run credential helpers (credHelpers, credsStore)'
}

/** One key of a docker config as the kubelet holds it, without the login. */
export interface ConfigKey {
  /** As written. */
  readonly key: string
  /** Absent: the kubelet cannot parse the key and skips the entry. */
  readonly effectiveKey?: string
  readonly usable: boolean
}

export interface ConfigReading {
  /** `refused`: one bad entry is enough, and no pull of a pod that lists the secret can succeed (semantics B.4). */
  readonly verdict: 'accepted' | 'refused'
  /** Empty where refused. */
  readonly keys: readonly ConfigKey[]
  readonly findings: readonly ConfigFinding[]
}

/** Reads the keys of a docker config as the kubelet does. */
export function readDockerConfig (bytes: Uint8Array, format: DockerConfigFormat): ConfigReading {
  const document = decodeDockerConfig(bytes, format)
  const findings = findingsOf(document)
  const keys = document.ok ? document.entries.flatMap(readKey) : []
  return findings.some(({ fatal }) => fatal)
    ? { verdict: 'refused', keys: [], findings }
    : { verdict: 'accepted', keys, findings }
}

function readKey (entry: DockerEntry): ConfigKey[] {
  if ('problem' in entry) return []
  const effectiveKey = effectiveKeyOf(entry.key)
  return [{ key: entry.key, ...(effectiveKey === undefined ? {} : { effectiveKey }), usable: isUsable(entry.login) }]
}

/** Everything worth saying about a decoded document, in its order. */
export function findingsOf (document: DockerDocument): ConfigFinding[] {
  if (!document.ok) return [{ code: document.problem, fatal: true }]
  const helpers = document.ignoredMembers.some((name) => name === 'credHelpers' || name === 'credsStore')
  return [
    ...(helpers ? [{ code: 'helpers_ignored', fatal: false } as const] : []),
    ...[...document.hidden, ...document.entries].flatMap(findingsOfEntry)
  ]
}

const tokenFields: ReadonlySet<string> = new Set(['identitytoken', 'registrytoken'])

function findingsOfEntry (entry: DockerEntry): ConfigFinding[] {
  const { key } = entry
  if ('problem' in entry) return [{ code: entry.problem, key, fatal: true }]
  const codes: FindingCode[] = []
  if (effectiveKeyOf(key) === undefined) codes.push('key_unreadable')
  if (!isUsable(entry.login)) codes.push('entry_empty')
  if (entry.ignoredFields.some((name) => tokenFields.has(name))) codes.push('identity_token_ignored')
  return codes.map((code) => ({ code, key, fatal: false }))
}

interface PullSecretForm {
  readonly type: string
  readonly dataKey: string
  readonly format: DockerConfigFormat
}

/** Type and data key that the kubelet wants together; anything else in a pull secret list it skips in silence. */
export const pullSecretForms: readonly PullSecretForm[] = [
  { type: 'kubernetes.io/dockerconfigjson', dataKey: '.dockerconfigjson', format: 'dockerconfigjson' },
  { type: 'kubernetes.io/dockercfg', dataKey: '.dockercfg', format: 'dockercfg' }
]

/**
 * Reads a listed Secret as the kubelet does (semantics B.1). Undefined: of a type, or without the data, that the
 * kubelet reads, so that it is skipped.
 */
export function readPullSecret (secret: Secret): ConfigReading | undefined {
  const form = pullSecretForms.find(({ type }) => type === secret.type)
  const bytes = form === undefined ? undefined : secret.data.get(form.dataKey)
  if (form === undefined || bytes === undefined || bytes.length === 0) return undefined
  return readDockerConfig(bytes, form.format)
}
