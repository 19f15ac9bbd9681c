import { PullpassError } from '../core/errors.ts'
import type { FactFlags } from './options.ts'

/** The flags of `explain` as commander gives them. */
export interface ExplainFlags extends FactFlags {
  readonly secret: readonly string[]
  readonly filename: readonly string[]
  /** Absent: `default`. */
  readonly namespace?: string
  readonly output: 'table' | 'json'
}

/**
 * Refuses flags that are missing or contradict each other.
 *
 * @throws PullpassError `usage_invalid`.
 */
export function checkExplainFlags (images: readonly string[], flags: ExplainFlags): void {
  const { secret, filename, manifests } = flags
  const withManifests = manifests !== undefined
  const unused = withManifests ? undefined : findManifestFlag(flags)
  const dashes = [...images, ...secret, ...filename].filter((name) => name === '-').length
  const rules: ReadonlyArray<readonly [broken: boolean, message: string]> = [
    [images.length + filename.length === 0, 'no image to explain; name one, or pass - to read them from standard input'],
    [secret.length > 0 && withManifests, '--secret and --manifests contradict each other; pass one of them'],
    [secret.length === 0 && !withManifests, 'nothing to explain by; pass --secret FILE, or --manifests DIR'],
    [!withManifests && filename.length > 0, '-f explains objects by what a namespace is offered; pass --manifests DIR with it'],
    [unused !== undefined, `${unused} counts with --manifests only; leave it out`],
    [dashes > 1, '- is named twice; standard input can be read once']
  ]
  const broken = rules.find(([isBroken]) => isBroken)
  if (broken !== undefined) throw new PullpassError('usage_invalid', `explain: ${broken[1]}`)
}

/** A given flag that says nothing without `--manifests`. */
function findManifestFlag ({ config, ownNamespace, namespace }: ExplainFlags): string | undefined {
  if (config !== undefined) return '--config'
  if (ownNamespace !== undefined) return '--own-namespace'
  return namespace === undefined ? undefined : '-n'
}
