import type { CredentialRule, LabelSelector, NamespaceRule, PullpassConfiguration } from '../core/configuration.ts'
import type { Problem } from '../core/errors.ts'
import { asRecord } from '../core/kubernetes.ts'
import { parseDuration } from './duration.ts'
import type { RawConfiguration, RawCredential } from './raw-configuration.ts'
import { configurationSchema, createSchemaCheck, type Finding } from './schema-check.ts'
import { checkMeaning } from './semantic-checks.ts'
import { warnWithoutEffect } from './without-effect.ts'
import { readYamlDocuments, type YamlDocument } from './yaml-documents.ts'

/** A whole configuration with what deserves a word at start-up; or every problem of the file. */
export type ParsedConfiguration =
  | { readonly ok: true, readonly configuration: PullpassConfiguration, readonly warnings: readonly Problem[] }
  | { readonly ok: false, readonly problems: readonly Problem[] }

/** Reads configurations: of a file of their own, or one document among others. */
export interface ConfigurationParser {
  /** @param file the name that problems carry. */
  readonly parse: (text: string, file: string) => ParsedConfiguration
  /** Fills defaults into the document's value. */
  readonly read: (document: YamlDocument) => ParsedConfiguration
}

const emptyMessage = 'the file holds no configuration; start it with apiVersion: pullpass.dev/v1 and kind: PullpassConfiguration'

/** A parser that keeps the compiled schema, for whoever reads more than one file or reads again. */
export function createConfigurationParser (): ConfigurationParser {
  const check = createSchemaCheck()
  const schema = configurationSchema()
  const read = (document: YamlDocument): ParsedConfiguration => {
    const locate = (findings: readonly Finding[]): Problem[] =>
      findings.map(({ path, message, part }) => document.problemAt(path, message, part)).sort(byPlace)
    if (asRecord(document.value) === undefined) {
      return { ok: false, problems: [document.problemAt([], 'the configuration is no map; write it as fields, each on its own line')] }
    }
    const checked = check(document.value)
    if (!checked.ok) return { ok: false, problems: locate(checked.findings) }
    const { errors, warnings } = checkMeaning(checked.raw)
    if (errors.length > 0) return { ok: false, problems: locate(errors) }
    return {
      ok: true,
      configuration: freezeDeep(toConfiguration(checked.raw)),
      warnings: locate([...warnings, ...warnWithoutEffect(document.value, schema)])
    }
  }
  return { read, parse: (text, file) => parseWith(read, text, file) }
}

/** Reads one configuration file (YAML or JSON): validated as a whole, with defaults filled in. Never throws. */
export function parseConfiguration (text: string, file: string): ParsedConfiguration {
  return createConfigurationParser().parse(text, file)
}

/** What is in force where there is no configuration: no credential, so nothing is ever injected. */
export function defaultConfiguration (): PullpassConfiguration {
  const value: unknown = { apiVersion: 'pullpass.dev/v1', kind: 'PullpassConfiguration' }
  const checked = createSchemaCheck()(value)
  if (!checked.ok) throw new Error('the schema refuses a configuration without credentials')
  return freezeDeep(toConfiguration(checked.raw))
}

function parseWith (read: ConfigurationParser['read'], text: string, file: string): ParsedConfiguration {
  const results = [...readYamlDocuments(text, file)]
  const problems = results.flatMap((result) => result.ok ? [] : result.problems)
  if (problems.length > 0) return { ok: false, problems }
  const [first, ...others] = results.flatMap((result) => result.ok ? [result.document] : [])
  if (first === undefined) return { ok: false, problems: [{ file, line: 1, column: 1, message: emptyMessage }] }
  if (others.length > 0) {
    const message = 'the file holds several documents; keep one configuration and move the rest into files of their own'
    return { ok: false, problems: others.map((other) => other.problemAt([], message)) }
  }
  return read(first)
}

function byPlace (a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

function toConfiguration (raw: RawConfiguration): PullpassConfiguration {
  const { gateTimeout, serviceAccountWait, ...injection } = raw.injection
  return {
    credentials: raw.credentials.map(toCredential),
    injection: {
      ...injection,
      gateTimeoutSeconds: secondsOf(gateTimeout),
      serviceAccountWaitSeconds: secondsOf(serviceAccountWait)
    },
    platform: raw.platform,
    internalRegistries: [...raw.internalRegistries],
    imagePullers: structuredClone(raw.imagePullers),
    retention: {
      optedOutSeconds: secondsOf(raw.retention.optedOut),
      sourceGoneSeconds: secondsOf(raw.retention.sourceGone)
    }
  }
}

function toCredential (raw: RawCredential): CredentialRule {
  const { source = { name: raw.name }, registries } = raw
  return {
    name: raw.name,
    source: source === 'none' ? 'none' : { ...source },
    ...(registries === undefined ? {} : { registries: [...registries] }),
    namespaces: toNamespaceRule(raw.namespaces),
    targets: [...raw.targets],
    companions: [...raw.companions],
    serviceAccounts: [...raw.serviceAccounts],
    adopt: raw.adopt,
    verify: structuredClone(raw.verify),
    retired: raw.retired
  }
}

function toNamespaceRule (rule: RawCredential['namespaces']): NamespaceRule {
  if (rule === '*') return { by: 'name', patterns: ['*'] }
  if (!('selector' in rule)) return { by: 'name', patterns: [...rule] }
  const { matchLabels = {}, matchExpressions = [] } = rule.selector
  const selector: LabelSelector = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] })),
    ...matchExpressions.map(({ key, operator, values }) => ({ key, operator, values: [...values] }))
  ]
  return { by: 'label', selector }
}

// The schema has checked the form.
function secondsOf (duration: string): number {
  return parseDuration(duration) ?? 0
}

function freezeDeep<T> (value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freezeDeep)
    Object.freeze(value)
  }
  return value
}
