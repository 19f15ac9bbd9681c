import type { GroupVersionResource } from '../core/admission-review.ts'
import { podTemplates } from './pod-template.ts'
import { pod } from './pod.ts'
import { workflows } from './workflow.ts'
import type { WorkloadKind } from './workload-kind.ts'

/** Every kind that Pullpass knows. A new one is a file and a line here. */
export const kinds: readonly WorkloadKind[] = [pod, ...workflows, ...podTemplates]

/** The kind of an admission request's resource, of those that the webhook handles. */
export function findAdmittedKind ({ group, version, resource }: GroupVersionResource): WorkloadKind | undefined {
  return kinds.find((kind) => kind.handled !== 'offline' && kind.resource.resource === resource &&
    kind.resource.group === group && kind.resource.version === version)
}

/** The kind of a manifest, by its `apiVersion` and `kind`. */
export function findManifestKind (apiVersion: unknown, kind: unknown): WorkloadKind | undefined {
  return kinds.find(({ kind: name, resource: { group, version } }) => name === kind && apiVersion === (group === '' ? version : `${group}/${version}`))
}
