/** Facts for tests, each with defaults that a test overrides where it matters. */
import type { AdditionFacts } from '../../src/core/additions.ts'
import type { CredentialRule, InjectionSettings, PullpassConfiguration } from '../../src/core/configuration.ts'
import type { Coverage, CoverageKey } from '../../src/core/coverage.ts'
import type { AdmissionFacts } from '../../src/core/decide.ts'
import { parseImageReference } from '../../src/core/image-reference.ts'
import type { Secret, ServiceAccount } from '../../src/core/kubernetes.ts'
import { compileOffered, type OfferedCredentials } from '../../src/core/offered-credentials.ts'
import type { ImageUse, PullScope } from '../../src/core/pull-scope.ts'
import { readImage } from '../../src/kinds/workload-kind.ts'

/** A credential rule that admits every namespace. */
export function makeRule (name: string, changes: Partial<CredentialRule> = {}): CredentialRule {
  return {
    name,
    source: { name },
    namespaces: { by: 'name', patterns: ['*'] },
    targets: [],
    companions: [],
    serviceAccounts: [],
    adopt: false,
    verify: [],
    retired: false,
    ...changes
  }
}

/** A configuration with the defaults of design §3. */
export function makeConfiguration (
  credentials: readonly CredentialRule[],
  injection: Partial<InjectionSettings> = {}
): PullpassConfiguration {
  return {
    credentials,
    injection: {
      pods: true,
      workflows: true,
      workflowTemplateRef: false,
      workflowDefaultServiceAccount: '',
      argoReadsSecrets: false,
      namespaceSecrets: false,
      missingCopy: 'inject',
      gateTimeoutSeconds: 120,
      serviceAccountWaitSeconds: 2,
      ...injection
    },
    platform: 'auto',
    internalRegistries: [],
    imagePullers: [],
    retention: { optedOutSeconds: 600, sourceGoneSeconds: 86_400 }
  }
}

/** Keys by credential; a text stands for a usable key. */
export type KeyTable = Readonly<Record<string, ReadonlyArray<string | CoverageKey>>>

export function makeCoverage (table: KeyTable): Coverage {
  return new Map(Object.entries(table).map(([name, keys]) =>
    [name, keys.map((key) => typeof key === 'string' ? { key, usable: true } : key)]))
}

/** Credentials in the order of the table, all of them offered. */
export function makeOffered (
  table: KeyTable,
  companions: Readonly<Record<string, readonly string[]>> = {}
): OfferedCredentials {
  const offered = Object.keys(table).map((name) => makeRule(name, { companions: companions[name] ?? [] }))
  return compileOffered({ offered, unknown: [] }, makeCoverage(table))
}

/** The key of an entry that holds neither user nor password. */
export function emptyEntry (key: string): CoverageKey {
  return { key, usable: false }
}

/** `domain/path` of an image, which must parse. */
export function imageName (text: string): string {
  const parsed = parseImageReference(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem}`)
  return parsed.reference.name
}

/** Facts for a list of images, whose names are filled in. */
export function makeAdditionFacts (
  offered: OfferedCredentials,
  images: readonly string[],
  changes: {
    listed?: readonly string[]
    listedBySome?: readonly string[]
    isAllowed?: AdditionFacts['isAllowed']
  } = {}
): AdditionFacts {
  const { listed = [], listedBySome = [], isAllowed = () => true } = changes
  return {
    offered,
    images: images.map(imageName),
    listed: new Set(listed),
    listedBySome: new Set(listedBySome),
    isAllowed
  }
}

/** A Secret in the namespace `pullpass`; texts become bytes, anything else becomes JSON. */
export function makeSecret (name: string, type: string, data: Readonly<Record<string, unknown>>): Secret {
  const toBytes = (value: unknown): Uint8Array =>
    value instanceof Uint8Array ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  const entries = Object.entries(data).map(([key, value]) => [key, toBytes(value)] as const)
  return { namespace: 'pullpass', name, type, data: new Map(entries) }
}

/** A dockerconfigjson Secret with a login, `user:password`, for each key. */
export function makeDockerSecret (name: string, logins: Readonly<Record<string, string>>): Secret {
  const auths = Object.fromEntries(Object.entries(logins).map(([key, login]) => [key, { auth: encode(login) }]))
  return makeSecret(name, 'kubernetes.io/dockerconfigjson', { '.dockerconfigjson': { auths } })
}

export function encode (text: string): string {
  return Buffer.from(text).toString('base64')
}

export function makeAccount (
  name: string,
  imagePullSecrets: readonly string[] = [],
  enforcesMountableSecrets = false
): ServiceAccount {
  return { namespace: 'team', name, imagePullSecrets, enforcesMountableSecrets }
}

/** Image uses as a container list gives them; `lookup: true` as of a container without command. */
export function makeImages (texts: readonly string[], needsLookup = false): ImageUse[] {
  return texts.flatMap((text, index) => readImage(text, `spec.containers[${index}].image`, needsLookup))
}

/** The scope of a pod with an absent list. */
export function makeScope (images: readonly string[], changes: Partial<PullScope> = {}): PullScope {
  return {
    listPath: ['spec', 'imagePullSecrets'],
    list: 'absent',
    hasItems: false,
    names: [],
    images: makeImages(images),
    accounts: [{ name: 'default' }],
    optedOut: false,
    mirrorPod: false,
    controlled: false,
    references: { workflowTemplateRef: false, templateRef: false },
    ...changes
  }
}

/** A list with these names. */
export function listOf (...names: string[]): Pick<PullScope, 'list' | 'hasItems' | 'names'> {
  return { list: 'present', hasItems: names.length > 0, names }
}

/** Facts of a namespace with some accounts, as for a Pod unless changed. */
export function makeFacts (
  offered: OfferedCredentials,
  accounts: readonly ServiceAccount[] = [makeAccount('default')],
  changes: Partial<AdmissionFacts> = {}
): AdmissionFacts {
  return {
    offered,
    account: (name) => accounts.find((account) => account.name === name),
    injection: { workflowTemplateRef: false, argoReadsSecrets: false },
    inheritsLater: false,
    ...changes
  }
}
