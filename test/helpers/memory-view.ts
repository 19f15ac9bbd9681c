import type { ClusterView } from '../../src/app/ports.ts'
import { defaultConfiguration } from '../../src/config/load.ts'
import type { CredentialRule, InjectionSettings, PullpassConfiguration } from '../../src/core/configuration.ts'
import type { Coverage, CoverageKey } from '../../src/core/coverage.ts'
import type { Labels, ServiceAccount } from '../../src/core/kubernetes.ts'

/** A credential in short: `namespaces` is a list of globs, `["*"]` where absent. */
export type ShortCredential = Pick<CredentialRule, 'name'> & Partial<Omit<CredentialRule, 'namespaces'>> & {
  readonly namespaces?: readonly string[] | CredentialRule['namespaces']
}

/** What differs from the configuration's defaults. */
export type ShortConfiguration = Partial<Omit<PullpassConfiguration, 'credentials' | 'injection'>> & {
  readonly credentials?: readonly ShortCredential[]
  readonly injection?: Partial<InjectionSettings>
}

/** An account's pull secrets, or those with the rest. */
export type ShortAccount = readonly string[] | Partial<Pick<ServiceAccount, 'imagePullSecrets' | 'enforcesMountableSecrets'>>

/** The facts of a cluster, as `cluster.json` of a case folder writes them. */
export interface MemoryFacts {
  readonly configuration?: ShortConfiguration
  /** By credential; a bare text is a usable key. */
  readonly coverage?: Readonly<Record<string, ReadonlyArray<string | CoverageKey>>>
  /** Labels by namespace. */
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** By `namespace/name`. */
  readonly serviceAccounts?: Readonly<Record<string, ShortAccount>>
  readonly optInBy?: ClusterView['optInBy']
}

/** A view whose facts a test can change; what did not change keeps its identity. */
export interface MemoryView extends ClusterView {
  readonly change: (facts: Omit<MemoryFacts, 'optInBy'>) => void
}

/** A cluster view in memory. `optInBy` is `request` where absent. */
export function createMemoryView (facts: MemoryFacts): MemoryView {
  let configuration = toConfiguration(facts.configuration ?? {})
  let coverage = toCoverage(facts.coverage ?? {})
  let namespaces = toNamespaces(facts.namespaces ?? {})
  let accounts = toAccounts(facts.serviceAccounts ?? {})
  return {
    optInBy: facts.optInBy ?? 'request',
    configuration: () => configuration,
    coverage: () => coverage,
    namespaceLabels: (namespace) => namespaces.get(namespace),
    serviceAccount: (namespace, name) => accounts.get(`${namespace}/${name}`),
    change: (next) => {
      if (next.configuration !== undefined) configuration = toConfiguration(next.configuration)
      if (next.coverage !== undefined) coverage = toCoverage(next.coverage)
      if (next.namespaces !== undefined) namespaces = toNamespaces(next.namespaces)
      if (next.serviceAccounts !== undefined) accounts = toAccounts(next.serviceAccounts)
    }
  }
}

const defaults = defaultConfiguration()

function toConfiguration ({ credentials = [], injection = {}, ...rest }: ShortConfiguration): PullpassConfiguration {
  return {
    ...defaults,
    ...rest,
    credentials: credentials.map(toCredential),
    injection: { ...defaults.injection, ...injection }
  }
}

function toCredential ({ namespaces = ['*'], ...short }: ShortCredential): CredentialRule {
  return {
    source: { name: short.name },
    targets: [],
    companions: [],
    serviceAccounts: [],
    adopt: false,
    verify: [],
    retired: false,
    ...short,
    namespaces: 'by' in namespaces ? namespaces : { by: 'name', patterns: namespaces }
  }
}

function toCoverage (coverage: NonNullable<MemoryFacts['coverage']>): Coverage {
  return new Map(Object.entries(coverage).map(([name, keys]) =>
    [name, keys.map((key) => typeof key === 'string' ? { key, usable: true } : key)]))
}

function toNamespaces (namespaces: NonNullable<MemoryFacts['namespaces']>): ReadonlyMap<string, Labels> {
  return new Map(Object.entries(namespaces).map(([name, labels]) => [name, new Map(Object.entries(labels))]))
}

function toAccounts (accounts: NonNullable<MemoryFacts['serviceAccounts']>): ReadonlyMap<string, ServiceAccount> {
  return new Map(Object.entries(accounts).map(([key, short]) => {
    const [namespace = '', name = ''] = key.split('/')
    const account = isList(short) ? { imagePullSecrets: short } : short
    return [key, { namespace, name, imagePullSecrets: [], enforcesMountableSecrets: false, ...account }]
  }))
}

function isList (account: ShortAccount): account is readonly string[] {
  return Array.isArray(account)
}
