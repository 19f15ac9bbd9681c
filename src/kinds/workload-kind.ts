import type { GroupVersionResource } from '../core/admission-review.ts'
import { parseImageReference } from '../core/image-reference.ts'
import { asText, member, memberAt, optInLabel, type UnknownRecord } from '../core/kubernetes.ts'
import type { ImageReading, ImageUse, PullScope } from '../core/pull-scope.ts'

/** Settings and a YAML parser, for the kinds that need them. */
export interface ReadContext {
  /** Argo's default account where the controller's configuration sets one; empty: `default`. */
  readonly workflowDefaultServiceAccount: string
  /** YAML or JSON text as a value; undefined if it is neither. */
  readonly parseYaml: (text: string) => unknown
}

/** A kind of object that Pullpass knows. `kinds/index.ts` lists them. */
export interface WorkloadKind {
  readonly kind: string
  readonly resource: GroupVersionResource
  /** By which switch of `injection` the webhook handles it at admission; `offline`: only the command line does. */
  readonly handled: 'pods' | 'workflows' | 'offline'
  /** At admission a Pod has its account's list already; every other list still hides it (semantics D.1). */
  readonly inheritsLater: boolean
  /** Undefined: the object has no spec to look at. */
  readonly readScope: (object: UnknownRecord, context: ReadContext) => PullScope | undefined
}

/** Reads one image field; anything but a string is no image. */
export function readImage (value: unknown, path: string, needsLookup = false): ImageUse[] {
  if (typeof value !== 'string') return []
  return [{ path, text: value, reading: readImageText(value), needsLookup }]
}

function readImageText (text: string): ImageReading {
  if (text.includes('{{')) return { state: 'templated' }
  const parsed = parseImageReference(text)
  return parsed.ok ? { state: 'parsed', reference: parsed.reference } : { state: 'invalid', problem: parsed.problem }
}

/** The state of the list at a path. */
export function readList (object: UnknownRecord, listPath: readonly string[]): Pick<PullScope, 'listPath' | 'list' | 'hasItems' | 'names'> {
  const value = memberAt(object, listPath)
  if (value === undefined || value === null) return { listPath, list: 'absent', hasItems: false, names: [] }
  if (!Array.isArray(value)) return { listPath, list: 'malformed', hasItems: false, names: [] }
  const names = value.flatMap((item) => asText(member(item, 'name')) ?? [])
  return { listPath, list: 'present', hasItems: value.length > 0, names }
}

/** Whether metadata carries the label that opts an object out. */
export function isOptedOut (metadata: unknown): boolean {
  return member(member(metadata, 'labels'), optInLabel) === 'disabled'
}
