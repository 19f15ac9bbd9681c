import { asRecord, member, memberAt, type UnknownRecord } from '../core/kubernetes.ts'
import type { PullScope } from '../core/pull-scope.ts'
import { hasTemplateRef, listAccounts, listImages, openWorkflowSpec } from './workflow-spec.ts'
import { isOptedOut, readList, type ReadContext, type WorkloadKind } from './workload-kind.ts'

/**
 * The scope of an object that holds a WorkflowSpec.
 *
 * @param specPath where the spec stands.
 */
function readWorkflowScope (
  object: UnknownRecord,
  context: ReadContext,
  specPath: readonly string[]
): PullScope | undefined {
  const spec = asRecord(memberAt(object, specPath))
  if (spec === undefined) return undefined
  const path = specPath.join('.')
  const at = openWorkflowSpec(spec, path, context)
  // A CronWorkflow's labels for the Workflows that it makes.
  const workflowMetadata = memberAt(object, ['spec', 'workflowMetadata'])
  return {
    ...readList(object, [...specPath, 'imagePullSecrets']),
    images: listImages(at),
    accounts: listAccounts(at, context),
    // The pods opt out by the labels that Argo gives them; their list must then stay as it is as well.
    optedOut: [member(object, 'metadata'), spec['podMetadata'], workflowMetadata].some(isOptedOut),
    mirrorPod: false,
    controlled: false,
    references: {
      workflowTemplateRef: asRecord(spec['workflowTemplateRef']) !== undefined,
      templateRef: hasTemplateRef(at)
    }
  }
}

function workflowKind (kind: string, resource: string, specPath: readonly string[]): WorkloadKind {
  return {
    kind,
    resource: { group: 'argoproj.io', version: 'v1alpha1', resource },
    handled: kind === 'Workflow' ? 'workflows' : 'offline',
    inheritsLater: true,
    readScope: (object, context) => readWorkflowScope(object, context, specPath)
  }
}

export const workflows: readonly WorkloadKind[] = [
  workflowKind('Workflow', 'workflows', ['spec']),
  workflowKind('WorkflowTemplate', 'workflowtemplates', ['spec']),
  workflowKind('ClusterWorkflowTemplate', 'clusterworkflowtemplates', ['spec']),
  workflowKind('CronWorkflow', 'cronworkflows', ['spec', 'workflowSpec'])
]
