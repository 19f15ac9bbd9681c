/** Creating objects as a user does, and seeing what the API server made of them. */
import type { Installation } from './pullpass.ts'
import type { Cluster } from './cluster.ts'
import type { KubernetesObject } from './kubectl.ts'
import { webhookNames } from './webhook-configuration.ts'

/** An object to be created; it gets its namespace from the call. */
export interface NewObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string, readonly [member: string]: unknown }
  readonly spec: Readonly<Record<string, unknown>>
}

/** What became of an object. */
export interface Created {
  /** As `kubectl get` shows it. */
  readonly stored: KubernetesObject
  /** What kubectl printed on stderr. */
  readonly warnings: readonly string[]
  /** What the webhook noted in the audit log, by key; `shadow/` before those of the shadow entry. */
  readonly notes: Readonly<Record<string, string>>
  /** All audit annotations, as they are. */
  readonly annotations: Readonly<Record<string, string>>
}

/** A pod with defaults for what a test does not care about; `spec` replaces whole members. */
export function buildPod (
  name: string,
  spec: Readonly<Record<string, unknown>>,
  metadata: Readonly<Record<string, unknown>> = {}
): NewObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, spec }
}

/** Containers of these images, `c0` first. */
export function containersOf (...images: readonly string[]) {
  return images.map((image, index) => ({ name: `c${index}`, image }))
}

/** Creates the object in a namespace of the suite, by its short name, and reads it back. */
export async function createObject (
  cluster: Cluster,
  { namespace }: Pick<Installation, 'namespace'>,
  { object, into }: { readonly object: NewObject, readonly into: string }
): Promise<Created> {
  const { kind, metadata: { name } } = object
  const { stderr } = await cluster.kubectl.ok(['create', '-f', '-', '-n', namespace(into)], { input: object })
  const resource = `${kind.toLowerCase()}s`
  const [stored, { annotations = {} }] = await Promise.all([
    cluster.kubectl.get(resource, name, namespace(into)),
    cluster.audit.waitFor({ verb: 'create', resource, namespace: namespace(into), name })
  ])
  return { stored, warnings: stderr.split('\n').filter((line) => line !== ''), notes: readNotes(annotations), annotations }
}

function readNotes (annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).flatMap(([key, value]) => {
    if (key.startsWith(`${webhookNames.mutate}/`)) return [[key.slice(webhookNames.mutate.length + 1), value]]
    if (key.startsWith(`${webhookNames.shadow}/`)) return [[`shadow${key.slice(webhookNames.shadow.length)}`, value]]
    return []
  }))
}

/** The names in an object's list, in order; empty where the list is absent. */
export function listedSecrets ({ spec = {} }: Pick<KubernetesObject, 'spec'>): readonly string[] {
  const list = (spec['imagePullSecrets'] ?? []) as ReadonlyArray<{ readonly name?: string }>
  return list.map(({ name = '' }) => name)
}

/** The notes of a webhook that added these names. */
export function notesOfAdded (...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`added.${name}`, name]))
}
