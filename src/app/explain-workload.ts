import { addedNames, type Decision, type LeftOut } from '../core/decision.ts'
import { asRecord, asText, member, readOptIn, type Secret } from '../core/kubernetes.ts'
import type { ImageUse, PullScope } from '../core/pull-scope.ts'
import { reasons, type LeftOutReason, type ReasonCode } from '../core/reasons.ts'
import { isOffered } from '../core/selection.ts'
import { findManifestKind } from '../kinds/index.ts'
import {
  compileList, explainImage, readListedSecret, type CompiledList, type ExplainedImage, type ListedSecret
} from './explain.ts'
import { createInject, type ImpliedKind, type InjectedObject, type InjectResult, type InjectSettings } from './inject.ts'
import type { ClusterView } from './ports.ts'

/** What explaining workloads depends on. */
export interface ExplainSettings extends InjectSettings {
  /** A Secret that somebody keeps in a namespace; undefined: not known. */
  readonly secret: (namespace: string, name: string) => Secret | undefined
}

/**
 * How an image is pulled once Pullpass has looked at its object.
 *
 * `listed`: with a login that the list, or the account, gives already. `added`: with one that is added. `anonymous`:
 * nothing matches. `no_login`: what matches holds neither user nor password. `templated`: not known before it runs.
 */
type PullVerdict = 'listed' | 'added' | 'anonymous' | 'no_login' | 'templated' | 'fails'

/** What becomes of one image of one object. Its candidates are those of the list as it would be afterwards. */
export interface ExplainedUse extends ExplainedImage {
  readonly object: InjectedObject
  /** Where the object names the image: `spec.containers[0].image`. */
  readonly path: string
  readonly verdict: PullVerdict
  /** Every name that the object's list gets, or in shadow mode would get; empty: none. */
  readonly added: readonly string[]
  /** The namespace is in shadow mode, so that a decision to inject stays without effect. */
  readonly shadow: boolean
  readonly reason: ReasonCode
  /** The reason in words; of a namespace that the view does not hold, that it does not. */
  readonly reasonText: string
  /** Credentials that match and are not added. */
  readonly leftOut: ReadonlyArray<LeftOut & { readonly reasonText: string }>
  /** Listed secrets that are neither offered nor known: the kubelet passes over those that do not exist. */
  readonly unknownSecrets: readonly string[]
}

/** Explains every image of one object; `implied` as `listObjects` gives it. */
type ExplainWorkload = (object: unknown, implied?: ImpliedKind) => ExplainedUse[]

/** Builds the function that explains objects by what `createInject` decides of them. No I/O. */
export function createExplainWorkload (settings: ExplainSettings): ExplainWorkload {
  const inject = createInject(settings)
  return (object, implied = {}) => {
    const scope = readScope(object, implied, settings)
    if (scope === undefined) return []
    const result = inject(object, implied)
    const before = namesBefore(scope, result.object.namespace ?? settings.namespace, settings)
    return explainUses(scope, result, { before, settings })
  }
}

/** A Pod that holds nothing but the image, with the account `default`. */
export function imagePod (image: string): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: [{ image }] } }
}

function readScope (value: unknown, implied: ImpliedKind, settings: ExplainSettings): PullScope | undefined {
  const object = asRecord(value)
  if (object === undefined) return undefined
  const kind = findManifestKind(member(object, 'apiVersion') ?? implied.apiVersion, asText(member(object, 'kind')) ?? implied.kind)
  const { injection } = settings.view.configuration()
  return kind?.readScope(object, { ...injection, parseYaml: settings.parseYaml })
}

/** The list as pods get it without Pullpass: the object's own, or what its accounts give. */
function namesBefore (scope: PullScope, namespace: string, { view }: ExplainSettings): string[] {
  if (scope.hasItems) return [...scope.names]
  const names = scope.accounts.flatMap((account) =>
    'name' in account ? view.serviceAccount(namespace, account.name)?.imagePullSecrets ?? [] : [])
  return [...new Set(names)]
}

interface Explaining {
  readonly before: readonly string[]
  readonly settings: ExplainSettings
}

function explainUses (scope: PullScope, result: InjectResult, { before, settings }: Explaining): ExplainedUse[] {
  const namespace = result.object.namespace ?? settings.namespace
  const { decision } = result
  const added = addedNames(decision)
  const names = [...new Set([...before, ...added])]
  const listed = names.map((name) => findListed(name, namespace, settings))
  const list = compileList(listed.filter((secret) => secret !== undefined))
  const common = {
    object: result.object,
    added,
    shadow: result.outcome === 'unchanged' && decision.action === 'inject',
    reason: decision.reason,
    reasonText: reasonTextOf(decision, namespace, settings.view),
    leftOut: decision.leftOut.map((one) => ({ ...one, reasonText: leftOutText(one.reason) })),
    unknownSecrets: names.filter((_, index) => listed[index] === undefined)
  }
  const isFilledIn = argoKind.test(result.object.kind)
  return scope.images.map((use) => ({ ...explainUse(use, { list, before, isFilledIn }), ...common }))
}

function reasonTextOf ({ reason }: Decision, namespace: string, view: ClusterView): string {
  return reason === 'namespace_not_opted_in' && view.namespaceLabels(namespace) === undefined
    ? 'the namespace is not in the manifests'
    : reasons[reason]
}

function leftOutText (reason: LeftOutReason): string {
  return reasons[reason]
}

/**
 * A copy holds what the plan says, whatever stands there now; anything else is what the namespace keeps itself. A plan
 * without keys makes no copy.
 */
function findListed (name: string, namespace: string, { view, secret }: ExplainSettings): ListedSecret | undefined {
  const keys = hasCopy(name, namespace, view) ? view.coverage().get(name) ?? [] : []
  if (keys.length > 0) return { name, keys, faults: [] }
  const own = secret(namespace, name)
  return own === undefined ? undefined : readListedSecret(own)
}

/** Copies are made where both sides consent, and in a credential's targets; in shadow mode they count as made. */
function hasCopy (name: string, namespace: string, view: ClusterView): boolean {
  const rule = view.configuration().credentials.find((credential) => credential.name === name)
  if (rule === undefined || rule.retired) return false
  if (rule.targets.includes(namespace)) return true
  const labels = view.namespaceLabels(namespace)
  return labels !== undefined && readOptIn(labels) !== 'none' && isOffered(rule, namespace, labels) === 'offered'
}

// In every other kind braces are no template: the kubelet refuses such an image.
const argoKind = /Workflow/

interface UseFacts {
  readonly list: CompiledList
  readonly before: readonly string[]
  /** Argo fills templates in. */
  readonly isFilledIn: boolean
}

type OfImage = ExplainedImage & Pick<ExplainedUse, 'path' | 'verdict'>

function explainUse ({ text, path, reading }: ImageUse, { list, before, isFilledIn }: UseFacts): OfImage {
  if (reading.state === 'templated' && isFilledIn) return { image: text, repository: null, candidates: [], path, verdict: 'templated' }
  const explained = explainImage(text, list)
  return { ...explained, path, verdict: verdictOf(explained, before) }
}

/**
 * | error | candidates | verdict |
 * |---|---|---|
 * | yes | – | fails |
 * | no | none | anonymous |
 * | no | none usable | no_login |
 * | no | a usable one of a secret that was listed before | listed |
 * | no | any other usable one | added |
 */
function verdictOf ({ error, candidates }: ExplainedImage, before: readonly string[]): PullVerdict {
  if (error !== undefined) return 'fails'
  if (candidates.length === 0) return 'anonymous'
  const usable = candidates.filter(({ usable }) => usable)
  if (usable.length === 0) return 'no_login'
  return usable.some(({ secret }) => before.includes(secret)) ? 'listed' : 'added'
}
