import { decide } from '../core/decide.ts'
import { addedNames, skip, type Decision } from '../core/decision.ts'
import {
  asRecord, asText, member, memberAt, readOptIn, type OptIn, type ServiceAccount, type UnknownRecord
} from '../core/kubernetes.ts'
import type { PullScope } from '../core/pull-scope.ts'
import { findManifestKind } from '../kinds/index.ts'
import type { WorkloadKind } from '../kinds/workload-kind.ts'
import { OfferedCache } from './offered-cache.ts'
import type { ClusterView } from './ports.ts'

/** What injection into manifests depends on, beside the objects. */
export interface InjectSettings {
  readonly view: ClusterView
  /** Of objects that name none, and of the ClusterWorkflowTemplate, which has none. */
  readonly namespace: string
  /** Takes an account that the view does not hold for one without pull secrets. */
  readonly assumeEmptyAccounts: boolean
  /** YAML or JSON text as a value; undefined if it is neither. Must not throw. */
  readonly parseYaml: (text: string) => unknown
}

/** What is said of one object. The namespace is absent for kinds that Pullpass does not know. */
export interface InjectedObject {
  readonly kind: string
  /** Empty where the object has neither a name nor a `generateName`. */
  readonly name: string
  readonly namespace?: string
}

/**
 * What becomes of one object.
 *
 * `unchanged` may carry a decision to inject: in a namespace in shadow mode. `refused`: secrets were wanted and could
 * not be added safely, since an account is not known.
 */
export type InjectResult =
  | {
    readonly outcome: 'injected'
    readonly object: InjectedObject
    readonly decision: Decision
    /** Where the list stands in the object. */
    readonly listPath: readonly string[]
    readonly list: 'absent' | 'present'
    /** To be appended, in order. */
    readonly names: readonly string[]
  }
  | { readonly outcome: 'unchanged', readonly object: InjectedObject, readonly decision: Decision }
  | {
    readonly outcome: 'refused'
    readonly object: InjectedObject
    readonly decision: Decision
    /** Names of the accounts that the view does not hold. */
    readonly unknownAccounts: readonly string[]
  }

/** Decides one object; `implied` as `listObjects` gives it. */
export type InjectObject = (object: unknown, implied?: ImpliedKind) => InjectResult

const clusterScopedKind = 'ClusterWorkflowTemplate'

/**
 * Builds the function that decides manifests before admission (design §5, last paragraph): every kind still inherits
 * its account's list later, so that the account's names come first. No I/O, no exception for any object.
 */
export function createInject (settings: InjectSettings): InjectObject {
  const offeredCache = new OfferedCache(settings.view)
  return (object, implied) => injectObject(object, implied ?? {}, { ...settings, offeredCache })
}

type Context = InjectSettings & { readonly offeredCache: OfferedCache }

function injectObject (value: unknown, implied: ImpliedKind, context: Context): InjectResult {
  const object = asRecord(value) ?? {}
  const kindName = asText(object['kind']) ?? implied.kind ?? ''
  const kind = findManifestKind(object['apiVersion'] ?? implied.apiVersion, kindName)
  const metadata = object['metadata']
  const name = asText(member(metadata, 'name')) ?? asText(member(metadata, 'generateName')) ?? ''
  if (kind === undefined) return unchanged({ kind: kindName, name }, skip('unsupported_resource'))
  const own = kindName === clusterScopedKind ? undefined : asText(member(metadata, 'namespace'))
  const namespace = own ?? context.namespace
  return injectWorkload(object, kind, { ...context, object: { kind: kindName, name, namespace }, namespace })
}

type WorkloadContext = Context & { readonly object: InjectedObject }

function injectWorkload (value: UnknownRecord, kind: WorkloadKind, context: WorkloadContext): InjectResult {
  const { view, namespace, object } = context
  const { injection } = view.configuration()
  if (!injection[settingOf(kind)]) return unchanged(object, skip('kind_disabled'))
  const optIn = readOptIn(view.namespaceLabels(namespace) ?? new Map())
  if (optIn === 'none') return unchanged(object, skip('namespace_not_opted_in'))
  const scope = kind.readScope(value, { ...injection, parseYaml: context.parseYaml })
  if (scope === undefined) return unchanged(object, skip('object_malformed'))
  const decision = decide(scope, {
    offered: context.offeredCache.get(namespace),
    account: (name) => findAccount(name, context),
    injection,
    inheritsLater: true
  })
  return toResult(decision, { scope, optIn, context })
}

/** The family that a kind belongs to: Argo's own kinds, and everything else that makes pods. */
function settingOf ({ resource }: WorkloadKind): 'pods' | 'workflows' {
  return resource.group === 'argoproj.io' ? 'workflows' : 'pods'
}

function findAccount (name: string, { view, namespace, assumeEmptyAccounts }: Context): ServiceAccount | undefined {
  const empty = { namespace, name, imagePullSecrets: [], enforcesMountableSecrets: false }
  return view.serviceAccount(namespace, name) ?? (assumeEmptyAccounts ? empty : undefined)
}

interface Decided {
  readonly scope: PullScope
  readonly optIn: OptIn
  readonly context: WorkloadContext
}

/**
 * | namespace | decision | outcome |
 * |---|---|---|
 * | shadow | any | unchanged |
 * | enabled | inject | injected |
 * | enabled | skip, since an account is not known | refused |
 * | enabled | any other skip | unchanged |
 */
function toResult (decision: Decision, { scope, optIn, context }: Decided): InjectResult {
  const { object } = context
  if (optIn === 'shadow') return unchanged(object, decision)
  if (decision.action === 'inject') {
    const list = scope.list === 'present' ? 'present' : 'absent'
    return { outcome: 'injected', object, decision, listPath: scope.listPath, list, names: addedNames(decision) }
  }
  if (decision.reason !== 'account_unknown') return unchanged(object, decision)
  const unknownAccounts = scope.accounts
    .flatMap((account) => 'name' in account && findAccount(account.name, context) === undefined ? [account.name] : [])
  return { outcome: 'refused', object, decision, unknownAccounts }
}

function unchanged (object: InjectedObject, decision: Decision): InjectResult {
  return { outcome: 'unchanged', object, decision }
}

/** What the items of a typed list (`PodList`) need not say themselves. */
export interface ImpliedKind {
  readonly apiVersion?: unknown
  readonly kind?: string
}

/** An object of a document, and the path to it from the document's root. */
export interface ObjectAt {
  readonly object: unknown
  readonly path: ReadonlyArray<string | number>
  readonly implied: ImpliedKind
}

/** The objects of one document in order: itself, or the items of a List and of Lists in it. */
export function listObjects (object: unknown, path: ObjectAt['path'] = [], implied: ImpliedKind = {}): ObjectAt[] {
  const items = memberAt(object, ['items'])
  const kind = asText(member(object, 'kind')) ?? implied.kind ?? ''
  if (!kind.endsWith('List') || !Array.isArray(items)) return [{ object, path, implied }]
  const itemKind = kind.slice(0, -'List'.length)
  const impliedBelow = itemKind === '' ? {} : { apiVersion: member(object, 'apiVersion'), kind: itemKind }
  return items.flatMap((item, index) => listObjects(item, [...path, 'items', index], impliedBelow))
}
