/**
 * The few API shapes that decisions read, as parsed values. Outside data is `unknown` until one of the readers
 * here or in `kinds/` has looked at it; a wrong shape reads as "not there", never as an exception.
 */

export type UnknownRecord = Readonly<Record<string, unknown>>

/** The value as an object with keys, or undefined for null, arrays and scalars. */
export function asRecord (value: unknown): UnknownRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as UnknownRecord : undefined
}

/** The value as a list, or an empty one. */
export function asList (value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value if it is a non-empty string. */
export function asText (value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** One own member of an object, or undefined: never an inherited one such as `constructor`. */
export function member (value: unknown, key: string): unknown {
  const record = asRecord(value)
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}

/** The member below a path of keys, or undefined as soon as one is missing. */
export function memberAt (value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(member, value)
}

export type Labels = ReadonlyMap<string, string>

/** A Secret as the kubelet reads it: its type and its decoded data. */
export interface Secret {
  readonly namespace: string
  readonly name: string
  readonly type: string
  readonly data: ReadonlyMap<string, Uint8Array>
}

/** What admission needs to know of a ServiceAccount. */
export interface ServiceAccount {
  readonly namespace: string
  readonly name: string
  /** Names in `imagePullSecrets`, in order; empty names left out. */
  readonly imagePullSecrets: readonly string[]
  /** Annotation `kubernetes.io/enforce-mountable-secrets` parses as true (semantics D.1.6). */
  readonly enforcesMountableSecrets: boolean
}

export const optInLabel = 'pullpass.dev/inject'
export type OptIn = 'enabled' | 'shadow' | 'none'

/** What a namespace's labels say (design §2); any other value is "none". */
export function readOptIn (labels: Labels): OptIn {
  const value = labels.get(optInLabel)
  return value === 'enabled' || value === 'shadow' ? value : 'none'
}
