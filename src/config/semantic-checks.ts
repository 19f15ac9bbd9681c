import { effectiveKeyOf } from '../core/registry-pattern.ts'
import { formatPath, nearest, quote } from './quote.ts'
import type { RawConfiguration, RawCredential, RawSelector } from './raw-configuration.ts'
import { explainDeadKey } from './registry-keys.ts'
import type { Finding } from './schema-check.ts'
import type { ValuePath } from './yaml-documents.ts'

/** What the schema cannot say: names that must exist or differ, settings that contradict each other. */
export interface SemanticFindings {
  readonly errors: readonly Finding[]
  readonly warnings: readonly Finding[]
}

/** Looks through a configuration that fits the schema. Every finding at once, in the order of the file. */
export function checkMeaning (raw: RawConfiguration): SemanticFindings {
  const credentials = raw.credentials.map((credential, index) => checkCredential(raw, credential, index))
  return {
    errors: [
      ...sameNames(raw.credentials),
      ...credentials.flatMap(({ errors }) => errors),
      ...raw.imagePullers.flatMap((rule, index) => checkImagePuller(raw, rule, index))
    ],
    warnings: credentials.flatMap(({ warnings }) => warnings)
  }
}

function at (path: ValuePath, message: string): Finding {
  return { path, part: 'value', message: `${formatPath(path)} ${message}` }
}

function sameNames (credentials: readonly RawCredential[]): Finding[] {
  return credentials.flatMap(({ name }, index) => {
    const first = credentials.findIndex((other) => other.name === name)
    return first === index
      ? []
      : [at(['credentials', index, 'name'], `is ${quote(name)}, as is credentials[${first}].name; rename or remove one of them`)]
  })
}

function checkCredential (raw: RawConfiguration, credential: RawCredential, index: number): SemanticFindings {
  const path = ['credentials', index]
  const { errors, warnings } = checkRegistries(credential, path)
  return {
    errors: [
      ...errors,
      ...checkSelector(credential, path),
      ...checkCompanions(raw, credential, path),
      ...checkSourceNone(credential, path)
    ],
    warnings: [...warnings, ...retiredCompanions(raw, credential, path)]
  }
}

function checkRegistries ({ registries = [] }: RawCredential, path: ValuePath): SemanticFindings {
  const errors: Finding[] = []
  const warnings: Finding[] = []
  const effective = registries.map(effectiveKeyOf)
  for (const [index, key] of registries.entries()) {
    const keyPath = [...path, 'registries', index]
    const dead = explainDeadKey(key) ??
      (effective[index] === undefined ? `is ${quote(key)}, which the kubelet cannot read; write host/path` : undefined)
    const first = effective.indexOf(effective[index])
    if (dead !== undefined) errors.push(at(keyPath, dead))
    else if (first !== index) {
      warnings.push(at(keyPath, `is ${quote(key)}, which means the same as entry ${first} of the list; remove one of them`))
    }
  }
  return { errors, warnings }
}

function checkSelector ({ namespaces }: RawCredential, path: ValuePath): Finding[] {
  if (typeof namespaces !== 'object' || !('selector' in namespaces)) return []
  const { matchLabels = {}, matchExpressions = [] } = namespaces.selector
  const selectorPath = [...path, 'namespaces', 'selector']
  if (Object.keys(matchLabels).length + matchExpressions.length === 0) {
    return [at(selectorPath, 'asks for nothing, which would pick every namespace; write namespaces: "*" if that is meant')]
  }
  return matchExpressions.flatMap((requirement, index) => checkRequirement(requirement, [...selectorPath, 'matchExpressions', index]))
}

type Requirement = NonNullable<RawSelector['matchExpressions']>[number]

function checkRequirement ({ operator, values }: Requirement, path: ValuePath): Finding[] {
  const wantsValues = operator === 'In' || operator === 'NotIn'
  if (wantsValues && values.length === 0) return [at(path, `has the operator ${operator} and no values; add at least one`)]
  if (!wantsValues && values.length > 0) {
    return [at([...path, 'values'], `stands beside the operator ${operator}, which takes none; remove it or use In or NotIn`)]
  }
  return []
}

function checkCompanions (raw: RawConfiguration, credential: RawCredential, path: ValuePath): Finding[] {
  const names = raw.credentials.map(({ name }) => name)
  return credential.companions.flatMap((companion, index) => {
    const companionPath = [...path, 'companions', index]
    if (companion === credential.name) return [at(companionPath, 'is the credential itself; remove it')]
    if (names.includes(companion)) return []
    const close = nearest(companion, names.filter((name) => name !== credential.name))
    const advice = close === undefined ? 'add that credential or remove the companion' : `did you mean ${quote(close)}?`
    return [at(companionPath, `is ${quote(companion)}, which is the name of no credential; ${advice}`)]
  })
}

function retiredCompanions (raw: RawConfiguration, credential: RawCredential, path: ValuePath): Finding[] {
  if (credential.retired) return []
  const retired = new Set(raw.credentials.filter((other) => other.retired).map(({ name }) => name))
  return credential.companions.flatMap((companion, index) => retired.has(companion)
    ? [at([...path, 'companions', index], `is ${quote(companion)}, which is retired and will not be injected; remove it`)]
    : [])
}

// With source none there is nothing to read, to copy or to test before it is copied.
function checkSourceNone (credential: RawCredential, path: ValuePath): Finding[] {
  if (credential.source !== 'none') return []
  const missing = credential.registries === undefined
    ? [at([...path, 'source'], 'is none and registries is absent; list the keys that the Secrets hold, such as registries: [quay.io/acme]')]
    : []
  const pointless = [
    ...credential.targets.length > 0 ? ['targets'] : [],
    ...credential.adopt ? ['adopt'] : [],
    ...credential.verify.length > 0 ? ['verify'] : []
  ]
  return [
    ...missing,
    ...pointless.map((field) => at([...path, field], 'needs a source to copy, and source is none; remove one of the two'))
  ]
}

function checkImagePuller (raw: RawConfiguration, rule: RawConfiguration['imagePullers'][number], index: number): Finding[] {
  const path = ['imagePullers', index]
  const first = raw.imagePullers.findIndex(({ project }) => project === rule.project)
  const repeated = first === index
    ? []
    : [at([...path, 'project'], `is ${quote(rule.project)}, as is imagePullers[${first}].project; put both lists into one entry`)]
  const text = (from: typeof rule.from[number]): string => `${from.namespace}/${from.serviceAccount ?? ''}`
  const callers = rule.from.map(text)
  const sources = rule.from.flatMap((from, position) => {
    const fromPath = [...path, 'from', position]
    if (from.namespace === rule.project) return [at(fromPath, 'is the project itself, which may pull its own images; remove it')]
    return callers.indexOf(text(from)) === position ? [] : [at(fromPath, 'stands twice in the list; remove one of them')]
  })
  return [...repeated, ...sources]
}
