import { planAuditAnnotations, planWarnings } from '../core/admission-notes.ts'
import type { AdmissionRequest } from '../core/admission-review.ts'
import { decide } from '../core/decide.ts'
import { addedNames, skip, type Decision } from '../core/decision.ts'
import { appendNames } from '../core/json-patch.ts'
import { readOptIn } from '../core/kubernetes.ts'
import type { PullScope } from '../core/pull-scope.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { findAdmittedKind } from '../kinds/index.ts'
import type { WorkloadKind } from '../kinds/workload-kind.ts'
import type { AdmissionMode, AdmissionOutcome, Admit } from './admission.ts'
import { OfferedCache } from './offered-cache.ts'
import type { ClusterView } from './ports.ts'

export interface AdmitDependencies {
  readonly view: ClusterView
  /**
   * Makes a parser for the texts of one request, which bounds what they may cost: YAML or JSON text as a value,
   * undefined if it is neither. Must not throw.
   */
  readonly createYamlParser: () => (text: string) => unknown
}

/** Builds the function that decides requests from a view: no I/O, never a denial, never an exception (design §5). */
export function createAdmit (dependencies: AdmitDependencies): Admit {
  const offeredCache = new OfferedCache(dependencies.view)
  return (request, mode) => {
    try {
      return admitRequest(request, mode, { ...dependencies, offeredCache })
    } catch (error) {
      return { ...unchanged(skip('internal_error')), error }
    }
  }
}

type Context = AdmitDependencies & { readonly offeredCache: OfferedCache }

function admitRequest (request: AdmissionRequest, mode: AdmissionMode, context: Context): AdmissionOutcome {
  const kind = findAdmittedKind(request.resource)
  const refused = refuseEarly(request, kind, context)
  if (refused !== undefined || kind === undefined) return unchanged(skip(refused ?? 'unsupported_resource'))
  if (!isOptedIn(request.namespace, mode, context.view)) return unchanged(skip('namespace_not_opted_in'))
  const { injection } = context.view.configuration()
  const readContext = { ...injection, parseYaml: context.createYamlParser() }
  const scope = request.object === undefined ? undefined : kind.readScope(request.object, readContext)
  if (scope === undefined) return unchanged(skip('object_malformed'))
  const decision = decide(scope, {
    offered: context.offeredCache.get(request.namespace),
    account: (name) => context.view.serviceAccount(request.namespace, name),
    injection,
    inheritsLater: kind.inheritsLater
  })
  return mode === 'shadow' ? unchanged(decision, 'would-add') : answer(scope, decision)
}

function refuseEarly (
  request: AdmissionRequest,
  kind: WorkloadKind | undefined,
  { view }: Context
): ReasonCode | undefined {
  if (request.operation !== 'CREATE') return 'not_create'
  if (kind === undefined || kind.handled === 'offline' || request.subResource !== '') return 'unsupported_resource'
  return view.configuration().injection[kind.handled] ? undefined : 'kind_disabled'
}

function isOptedIn (namespace: string, mode: AdmissionMode, view: ClusterView): boolean {
  if (view.optInBy === 'request') return true
  const labels = view.namespaceLabels(namespace)
  return labels !== undefined && readOptIn(labels) === (mode === 'mutate' ? 'enabled' : 'shadow')
}

function answer (scope: PullScope, decision: Decision): AdmissionOutcome {
  const list = scope.list === 'present' ? 'present' : 'absent'
  return {
    decision,
    patch: appendNames(scope.listPath, list, addedNames(decision)),
    warnings: planWarnings(scope, decision),
    auditAnnotations: planAuditAnnotations(decision, 'added')
  }
}

function unchanged (decision: Decision, prefix: 'added' | 'would-add' = 'added'): AdmissionOutcome {
  return { decision, patch: [], warnings: [], auditAnnotations: planAuditAnnotations(decision, prefix) }
}
