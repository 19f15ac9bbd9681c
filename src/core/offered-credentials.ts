import type { CredentialRule } from './configuration.ts'
import type { Coverage } from './coverage.ts'
import { compileKeyring, keyringEntries, type Keyring } from './keyring.ts'
import type { Selection } from './selection.ts'

/** What one namespace is offered, compiled once and used for each of its admissions. */
export interface OfferedCredentials {
  /** In configured order. */
  readonly names: readonly string[]
  /** By credential, its companions that are offered themselves, in configured order. */
  readonly companions: ReadonlyMap<string, readonly string[]>
  readonly keyring: Keyring
  /** A credential that is configured and offered but has no planned copy yet. */
  readonly pending: boolean
  /** A credential that is offered by label, while the namespace's labels are not known. */
  readonly unknown: boolean
}

/** Compiles a namespace's selection with the coverage in force. */
export function compileOffered ({ offered, unknown }: Selection, coverage: Coverage): OfferedCredentials {
  const covered = offered.flatMap((rule) => {
    const keys = coverage.get(rule.name)
    return keys === undefined ? [] : [{ rule, keys }]
  })
  const names = covered.map(({ rule }) => rule.name)
  const entries = covered.flatMap(({ rule, keys }) => keyringEntries(rule.name, keys))
  return {
    names,
    companions: new Map(covered.map(({ rule }) => [rule.name, offeredCompanions(rule, names)])),
    keyring: compileKeyring(entries),
    pending: covered.length < offered.length,
    unknown: unknown.length > 0
  }
}

function offeredCompanions (rule: CredentialRule, names: readonly string[]): string[] {
  return names.filter((name) => rule.companions.includes(name))
}
