import type { Addition, LeftOut } from './decision.ts'
import { compareKeys, triedLogins, type KeyringCandidates, type KeyringMatch } from './keyring.ts'
import type { OfferedCredentials } from './offered-credentials.ts'
import type { LeftOutReason } from './reasons.ts'

/** What the additions for one list depend on. */
export interface AdditionFacts {
  readonly offered: OfferedCredentials
  /** Names that the pods' list has already. */
  readonly listed: ReadonlySet<string>
  /** Names that only some of the pods have already: what is added must not hide their logins either. Absent: none. */
  readonly listedBySome?: ReadonlySet<string>
  /** `domain/path` of each image that can be parsed. */
  readonly images: readonly string[]
  /** Whether the service accounts let a name stand in the list (semantics D.1.6). */
  readonly isAllowed: (name: string) => boolean
}

export interface PlannedAdditions {
  readonly additions: readonly Addition[]
  readonly leftOut: readonly LeftOut[]
  /** Images that a listed or an added credential gives a usable login. */
  readonly covered: ReadonlySet<string>
}

interface ImageCandidates extends KeyringCandidates {
  readonly image: string
}

/**
 * The credentials worth adding: every one that the kubelet would use for an image, with its companions (design §5.4).
 *
 * Three rounds, since Docker Hub's fallback counts only where no key matches: credentials whose key matches, then
 * their companions, then those that serve a Hub image as fallback with nothing in their way.
 */
export function planAdditions (facts: AdditionFacts): PlannedAdditions {
  const { keyring } = facts.offered
  const images = [...new Set(facts.images)].map((image) => ({ image, ...keyring.candidates(image) }))
  const plan = new AdditionPlan(facts, images)
  for (const name of facts.offered.names) plan.considerDirect(name)
  plan.addCompanions()
  for (const name of facts.offered.names) plan.considerFallback(name)
  plan.addCompanions()
  return plan.result()
}

/** The state of one planning run: what is chosen so far, what is left out and why. */
class AdditionPlan {
  readonly #facts: AdditionFacts
  readonly #images: readonly ImageCandidates[]
  readonly #chosen = new Set<string>()
  readonly #leftOut = new Map<string, LeftOut>()

  constructor (facts: AdditionFacts, images: readonly ImageCandidates[]) {
    this.#facts = facts
    this.#images = images
  }

  considerDirect (name: string): void {
    if (this.#isListed(name)) return
    const usable = (match: KeyringMatch): boolean => match.secret === name && match.usable
    const serving = this.#images.filter(({ direct }) => direct.some(usable))
    if (serving[0] === undefined) return
    const whole = serving.find(({ direct }) => direct.some((match) => usable(match) && !match.insideSegment))
    if (whole === undefined) this.#leaveOut(name, 'partial_segment', serving[0].image)
    else this.#choose(name, whole.image, this.#kept())
  }

  considerFallback (name: string): void {
    if (this.#isPresent(name)) return
    const isOwn = ({ secret, usable }: KeyringMatch): boolean => secret === name && usable
    const hubImages = this.#images.filter(({ fallback }) => fallback.some(isOwn))
    if (hubImages[0] === undefined) return
    const present = this.#present()
    const isInTheWay = ({ secret }: KeyringMatch): boolean => secret === name || present.has(secret)
    const served = hubImages.find(({ direct }) => !direct.some(isInTheWay))
    if (served === undefined) this.#leaveOut(name, 'hidden_by_other', hubImages[0].image)
    else this.#choose(name, served.image, this.#present())
  }

  /** Companions of every credential, listed or chosen, that serves an image; and companions of companions. */
  addCompanions (): void {
    const { offered } = this.#facts
    const queue = offered.names.filter((name) => this.#chosen.has(name) ||
      (this.#isListed(name) && this.#bestMatch(name) !== undefined))
    for (const name of queue) {
      for (const companion of offered.companions.get(name) ?? []) {
        if (!this.#isPresent(companion) && this.#choose(companion, undefined, this.#present())) queue.push(companion)
      }
    }
  }

  result (): PlannedAdditions {
    // Configured order first; the sort is stable.
    const ranked = this.#facts.offered.names.filter((name) => this.#chosen.has(name))
      .map((name) => ({ name, best: this.#bestMatch(name) }))
      .sort((a, b) => compareBest(a.best, b.best))
    const isCovered = (image: ImageCandidates): boolean => this.#tried(image).some(({ usable }) => usable)
    return {
      additions: ranked.map(({ name, best }) =>
        ({ name, ...(best === undefined ? {} : { key: best.key }), images: this.#servedBy(name) })),
      leftOut: [...this.#leftOut.values()].filter(({ name }) => !this.#chosen.has(name)),
      covered: new Set(this.#images.filter(isCovered).map(({ image }) => image))
    }
  }

  /** Adds a name unless an account forbids it or it would hide a Hub login that `protectedNames` give. */
  #choose (name: string, image: string | undefined, protectedNames: ReadonlySet<string>): boolean {
    if (!this.#facts.isAllowed(name)) return this.#leaveOut(name, 'account_restricts_secrets', image)
    const hidden = this.#images.find((image) => image.direct.some(({ secret }) => secret === name) &&
      triedLogins(image, (secret) => protectedNames.has(secret)).some(({ by, usable }) => by === 'fallback' && usable))
    if (hidden !== undefined) return this.#leaveOut(name, 'hides_hub_login', hidden.image)
    this.#chosen.add(name)
    return true
  }

  #leaveOut (name: string, reason: LeftOutReason, image: string | undefined): false {
    if (!this.#leftOut.has(name)) this.#leftOut.set(name, { name, reason, ...(image === undefined ? {} : { image }) })
    return false
  }

  #tried (image: ImageCandidates): readonly KeyringMatch[] {
    return triedLogins(image, (secret) => this.#isPresent(secret))
  }

  #usableOf (image: ImageCandidates, name: string): readonly KeyringMatch[] {
    return this.#tried(image).filter(({ secret, usable }) => secret === name && usable)
  }

  /** The first key, in the kubelet's order, by which a name serves any of the images. */
  #bestMatch (name: string): KeyringMatch | undefined {
    return this.#images.flatMap((image) => this.#usableOf(image, name)).sort(compareBest)[0]
  }

  #servedBy (name: string): string[] {
    return this.#images.filter((image) => this.#usableOf(image, name).length > 0).map(({ image }) => image)
  }

  #kept (): ReadonlySet<string> {
    return new Set([...this.#facts.listed, ...this.#facts.listedBySome ?? []])
  }

  #present (): ReadonlySet<string> {
    return new Set([...this.#kept(), ...this.#chosen])
  }

  #isListed (name: string): boolean {
    return this.#facts.listed.has(name)
  }

  #isPresent (name: string): boolean {
    return this.#facts.listed.has(name) || this.#chosen.has(name)
  }
}

/** Credentials that serve an image before those that serve none. */
function compareBest (a: KeyringMatch | undefined, b: KeyringMatch | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return compareKeys(a.effectiveKey, b.effectiveKey)
}
