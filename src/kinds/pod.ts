import { readPodScope } from './pod-spec.ts'
import type { WorkloadKind } from './workload-kind.ts'

export const pod: WorkloadKind = {
  kind: 'Pod',
  resource: { group: '', version: 'v1', resource: 'pods' },
  handled: 'pods',
  inheritsLater: false,
  readScope: (object) => readPodScope(object, [])
}
