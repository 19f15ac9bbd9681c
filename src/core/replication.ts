import type { CredentialRule, PullpassConfiguration, SourceReference } from './configuration.ts'
import type { Coverage, CoverageKey } from './coverage.ts'
import { findingsOf, findingTexts } from './docker-config.ts'
import { decodeDockerConfig, isUsable, type DockerConfigFormat, type Login } from './docker-entries.ts'
import { compareKeys } from './keyring.ts'
import type { Secret } from './kubernetes.ts'
import { effectiveKeyOf, matchesPattern, parseRegistryPattern, withoutUserInfo } from './registry-pattern.ts'
import type { EffectiveKey } from './registry-pattern.ts'

/** Something to report about a credential's source. Names keys, never values. */
export interface PlanFinding {
  readonly credential: string
  readonly code: PlanFindingCode
  readonly message: string
}

export type PlanFindingCode = 'source_missing' | 'source_broken' | 'registry_not_covered' | 'entry_left_out' | 'entry_note'

/**
 * What the copies of a credential should hold.
 *
 * `broken`: the source's document cannot be read, or no usable entry is left of what the credential asks for; the last
 * good plan stays in force (design §6).
 */
export type CopyPlan =
  | {
    readonly status: 'planned'
    readonly keys: readonly CoverageKey[]
    /** The copy's `.dockerconfigjson`. */
    readonly content: Uint8Array
    readonly findings: readonly PlanFinding[]
  }
  | { readonly status: 'made_elsewhere', readonly keys: readonly CoverageKey[], readonly findings: readonly PlanFinding[] }
  | { readonly status: 'broken' | 'missing', readonly findings: readonly PlanFinding[] }

interface PlannedEntry {
  readonly key: string
  readonly effectiveKey: EffectiveKey
  readonly login: Login
}

type Report = (code: PlanFindingCode, message: string) => PlanFinding

/**
 * Plans the copy of one credential: its slice of the source, normalised to dockerconfigjson, without the entries that
 * the kubelet would refuse. Decides in one place what copies hold and what the webhook matches (design §4).
 *
 * @param source undefined: the source Secret is not there.
 */
export function planCopy (rule: CredentialRule, source: Secret | undefined): CopyPlan {
  const report: Report = (code, message) => ({ credential: rule.name, code, message })
  if (rule.source === 'none') {
    return { status: 'made_elsewhere', keys: (rule.registries ?? []).map((key) => ({ key, usable: true })), findings: [] }
  }
  if (source === undefined) {
    return { status: 'missing', findings: [report('source_missing', `source secret ${rule.source.name} is not there; create it or correct the credential's source`)] }
  }
  const { entries, findings } = readSource(source, report)
  if (entries === undefined) return { status: 'broken', findings }
  const { registries } = rule
  const slice = registries === undefined ? { entries, findings: [] } : sliceEntries(entries, registries, report)
  const allFindings = [...findings, ...slice.findings]
  if (!slice.entries.some(({ login }) => isUsable(login))) {
    return { status: 'broken', findings: [...allFindings, report('source_broken', `source secret ${source.name} holds no usable login for what the credential offers`)] }
  }
  const keys = slice.entries.map(({ key, login }) => ({ key, usable: isUsable(login) }))
  return { status: 'planned', keys, content: writeDockerConfig(slice.entries), findings: allFindings }
}

/** Where a source may keep its document, best first; the kubelet reads only the first two, under their own types. */
const sourceForms: ReadonlyArray<{ readonly dataKey: string, readonly format: DockerConfigFormat }> = [
  { dataKey: '.dockerconfigjson', format: 'dockerconfigjson' },
  { dataKey: '.dockercfg', format: 'dockercfg' },
  { dataKey: 'auth.json', format: 'dockerconfigjson' },
  { dataKey: 'config.json', format: 'dockerconfigjson' }
]

function readSource (source: Secret, report: Report): { entries?: PlannedEntry[], findings: PlanFinding[] } {
  const form = sourceForms.find(({ dataKey }) => (source.data.get(dataKey)?.length ?? 0) > 0)
  const bytes = form === undefined ? undefined : source.data.get(form.dataKey)
  if (form === undefined || bytes === undefined) {
    const wanted = sourceForms.map(({ dataKey }) => dataKey).join(', ')
    return { findings: [report('source_broken', `source secret ${source.name} has none of the data keys ${wanted}`)] }
  }
  const document = decodeDockerConfig(bytes, form.format)
  const findings = findingsOf(document).map(({ code, key, fatal }) => key === undefined
    ? report(fatal ? 'source_broken' : 'entry_note', `source secret ${source.name}, ${form.dataKey}: ${findingTexts[code]}`)
    : report(fatal || code === 'key_unreadable' ? 'entry_left_out' : 'entry_note', `source secret ${source.name}, entry ${JSON.stringify(withoutUserInfo(key))}: ${findingTexts[code]}`))
  if (!document.ok) return { findings }
  const entries = document.entries.flatMap((entry): PlannedEntry[] => {
    const effectiveKey = effectiveKeyOf(entry.key)
    if ('problem' in entry || effectiveKey === undefined) return []
    return [{ key: withoutUserInfo(entry.key), effectiveKey, login: entry.login }]
  })
  return { entries: uniqueByKey(entries), findings }
}

/** Of entries with the same key the last, as a JSON object keeps it. */
function uniqueByKey (entries: readonly PlannedEntry[]): PlannedEntry[] {
  return [...new Map(entries.map((entry) => [entry.key, entry])).values()]
}

/**
 * The entries that the wanted keys name, compared after normalisation. A key that the source has is taken as it is; a
 * key below one that it has is written with that entry's login (design §3).
 */
function sliceEntries (
  entries: readonly PlannedEntry[],
  registries: readonly string[],
  report: Report
): { entries: PlannedEntry[], findings: PlanFinding[] } {
  const sliced: PlannedEntry[] = []
  const findings: PlanFinding[] = []
  for (const key of registries) {
    const effectiveKey = effectiveKeyOf(key)
    const same = entries.filter((entry) => entry.effectiveKey === effectiveKey)
    const above = effectiveKey === undefined ? undefined : entryAbove(entries, hubAlias(effectiveKey))
    if (same.length > 0) sliced.push(...same)
    else if (above !== undefined && effectiveKey !== undefined) sliced.push({ key, effectiveKey, login: above.login })
    else findings.push(report('registry_not_covered', `the source has no entry for ${key} or a registry above it; correct registries or the source`))
  }
  return { entries: uniqueByKey(sliced), findings }
}

/** The most specific entry with a login that a key lies below, whole path segments only. */
function entryAbove (entries: readonly PlannedEntry[], wanted: EffectiveKey): PlannedEntry | undefined {
  const below = parseRegistryPattern(wanted)
  if (below === undefined) return undefined
  const isAbove = (entry: PlannedEntry): boolean => {
    const pattern = parseRegistryPattern(withoutFinalSlashes(hubAlias(entry.effectiveKey)))
    return isUsable(entry.login) && pattern !== undefined && matchesPattern(pattern, below) && ['', '/'].includes(below.path.charAt(pattern.path.length))
  }
  return entries.filter(isAbove).sort((a, b) => compareKeys(hubAlias(a.effectiveKey), hubAlias(b.effectiveKey)))[0]
}

/** A loop, since an expression anchored at the end alone takes quadratic time. */
function withoutFinalSlashes (key: EffectiveKey): EffectiveKey {
  let end = key.length
  while (key[end - 1] === '/') end -= 1
  return key.slice(0, end)
}

/** Docker's own key for the Hub stands for every image of docker.io. */
function hubAlias (key: EffectiveKey): EffectiveKey {
  return key === 'index.docker.io' ? 'docker.io' : key
}

function writeDockerConfig (entries: readonly PlannedEntry[]): Uint8Array {
  const auths = Object.fromEntries(entries.map(({ key, login }) => [key, login.form === 'auth'
    ? { auth: Buffer.from(login.bytes).toString('base64') }
    : { username: login.username, password: login.password }]))
  return Buffer.from(JSON.stringify({ auths }))
}

/**
 * The coverage of all credentials. A source that turned bad keeps its last good keys; one that is missing, or was never
 * good, has no keys. That is not the same as no plan: a credential without an entry has not been looked at yet.
 *
 * @param findSource the source Secret as it stands now.
 * @param previous the coverage that was in force until now.
 */
export function planCoverage (
  configuration: PullpassConfiguration,
  findSource: (reference: SourceReference) => Secret | undefined,
  previous: Coverage
): { coverage: Coverage, findings: readonly PlanFinding[] } {
  const coverage = new Map<string, readonly CoverageKey[]>()
  const findings: PlanFinding[] = []
  for (const rule of configuration.credentials) {
    if (rule.retired) continue
    const plan = planCopy(rule, rule.source === 'none' ? undefined : findSource(rule.source))
    findings.push(...plan.findings)
    const lastGood = plan.status === 'broken' ? previous.get(rule.name) : undefined
    coverage.set(rule.name, 'keys' in plan ? plan.keys : lastGood ?? [])
  }
  return { coverage, findings }
}
