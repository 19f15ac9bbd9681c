import { readPodScope } from './pod-spec.ts'
import type { WorkloadKind } from './workload-kind.ts'

/** Kinds that hold a pod template, and where. Only `pullpass inject` writes them: their pods pass the webhook. */
function podTemplateKind (kind: string, group: string, owner: readonly string[]): WorkloadKind {
  return {
    kind,
    resource: { group, version: 'v1', resource: `${kind.toLowerCase()}s` },
    handled: 'offline',
    inheritsLater: true,
    readScope: (object) => readPodScope(object, owner)
  }
}

export const podTemplates: readonly WorkloadKind[] = [
  podTemplateKind('Deployment', 'apps', ['spec', 'template']),
  podTemplateKind('StatefulSet', 'apps', ['spec', 'template']),
  podTemplateKind('DaemonSet', 'apps', ['spec', 'template']),
  podTemplateKind('ReplicaSet', 'apps', ['spec', 'template']),
  podTemplateKind('ReplicationController', '', ['spec', 'template']),
  podTemplateKind('Job', 'batch', ['spec', 'template']),
  podTemplateKind('CronJob', 'batch', ['spec', 'jobTemplate', 'spec', 'template'])
]
