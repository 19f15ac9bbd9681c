import type { ImageProblem, ImageReference } from './image-reference.ts'

/** What an image string says: a reference, a template that only Argo can fill in, or nothing that can be pulled. */
export type ImageReading =
  | { readonly state: 'parsed', readonly reference: ImageReference }
  | { readonly state: 'templated' }
  | { readonly state: 'invalid', readonly problem: ImageProblem }

/** One image that an object names. */
export interface ImageUse {
  /** Where, as people write it: `spec.containers[0].image`. */
  readonly path: string
  readonly text: string
  readonly reading: ImageReading
  /** Argo's controller must look its entrypoint up, since the container has no command (semantics F.4). */
  readonly needsLookup: boolean
}

/** A service account that pods of the object run as. */
export type AccountUse = { readonly name: string } | { readonly templated: string }

/** One `imagePullSecrets` list and all that is pulled with it. */
export interface PullScope {
  readonly listPath: readonly string[]
  /** `absent` is absent or null; `malformed` is anything else that is no list. */
  readonly list: 'absent' | 'present' | 'malformed'
  /** Whether the list holds any item at all, even one without a name: then no account's list is inherited. */
  readonly hasItems: boolean
  /** The names in it, in order, empty ones left out. */
  readonly names: readonly string[]
  readonly images: readonly ImageUse[]
  /** At least one. */
  readonly accounts: readonly AccountUse[]
  /** The object, or the pods that it makes, carry `pullpass.dev/inject: disabled`. */
  readonly optedOut: boolean
  /** A mirror pod may not name secrets (semantics D.6). */
  readonly mirrorPod: boolean
  /** Made by a controller, which drops warnings. */
  readonly controlled: boolean
  /** References to templates that are not in the object (Workflows). */
  readonly references: { readonly workflowTemplateRef: boolean, readonly templateRef: boolean }
}
