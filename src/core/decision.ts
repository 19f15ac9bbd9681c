import type { LeftOutReason, ReasonCode } from './reasons.ts'

/** A name that is added to the list, and the key that made it worth adding. */
export interface Addition {
  readonly name: string
  /** The `auths` key that covers an image; absent for a companion that covers none. */
  readonly key?: string
  /** Names of the images covered, each once. */
  readonly images: readonly string[]
}

/** A credential that covers an image and is not added all the same. */
export interface LeftOut {
  readonly name: string
  readonly reason: LeftOutReason
  /** The image that it was considered for; absent for a companion. */
  readonly image?: string
}

/** What admission says of one object. There is always a reason. */
export type Decision =
  | {
    readonly action: 'inject'
    readonly reason: 'images_covered'
    /** In the order in which they are appended. */
    readonly additions: readonly Addition[]
    /** Names that a service account would have given, put first where the list was empty (Workflows, offline). */
    readonly inherited: readonly string[]
    readonly leftOut: readonly LeftOut[]
  }
  | {
    readonly action: 'skip'
    readonly reason: ReasonCode
    readonly leftOut: readonly LeftOut[]
  }

export function skip (reason: ReasonCode, leftOut: readonly LeftOut[] = []): Decision {
  return { action: 'skip', reason, leftOut }
}

/** Every name that the decision puts into the list, in order. */
export function addedNames (decision: Decision): string[] {
  return decision.action === 'skip' ? [] : [...decision.inherited, ...decision.additions.map(({ name }) => name)]
}
