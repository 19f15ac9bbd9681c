/** One key of a credential's copy as planned. Holds no user and no password. */
export interface CoverageKey {
  /** The `auths` key as it stands in the copy. */
  readonly key: string
  /** False for an entry without user and without password: the kubelet tries it, to no avail (semantics B.2). */
  readonly usable: boolean
}

/** The keys of each credential's copy, by credential name; a credential without a plan has no entry (design §2). */
export type Coverage = ReadonlyMap<string, readonly CoverageKey[]>
