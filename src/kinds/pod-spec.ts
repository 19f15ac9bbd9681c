import { asList, asRecord, asText, member, memberAt, type UnknownRecord } from '../core/kubernetes.ts'
import type { ImageUse, PullScope } from '../core/pull-scope.ts'
import type { Substitute } from './workflow-parameters.ts'
import { isOptedOut, readImage, readList } from './workload-kind.ts'

/** Images of a pod spec: containers, init containers with native sidecars, image volumes. */
export function readPodImages (spec: unknown, path: string): ImageUse[] {
  const containers = (field: string): ImageUse[] => asList(member(spec, field))
    .flatMap((container, index) => readImage(member(container, 'image'), `${path}.${field}[${index}].image`))
  return [...containers('containers'), ...containers('initContainers'), ...readVolumeImages(spec, path)]
}

/**
 * Images that are mounted as volumes, below the object that has `volumes`.
 *
 * @param substitute fills in parameters of a Workflow.
 */
export function readVolumeImages (owner: unknown, path: string, substitute: Substitute = (value) => value): ImageUse[] {
  return asList(member(owner, 'volumes'))
    .flatMap((volume, index) =>
      readImage(substitute(memberAt(volume, ['image', 'reference'])), `${path}.volumes[${index}].image.reference`))
}

/**
 * The scope of a pod or pod template.
 *
 * @param owner path of the object that has `metadata` and `spec`, empty for a Pod itself.
 */
export function readPodScope (object: UnknownRecord, owner: readonly string[]): PullScope | undefined {
  const pod = memberAt(object, owner)
  const spec = asRecord(member(pod, 'spec'))
  if (spec === undefined) return undefined
  const specPath = [...owner, 'spec']
  return {
    ...readList(object, [...specPath, 'imagePullSecrets']),
    images: readPodImages(spec, specPath.join('.')),
    accounts: [{ name: asText(spec['serviceAccountName']) ?? asText(spec['serviceAccount']) ?? 'default' }],
    optedOut: isOptedOut(member(object, 'metadata')) || isOptedOut(member(pod, 'metadata')),
    mirrorPod: member(memberAt(pod, ['metadata', 'annotations']), 'kubernetes.io/config.mirror') !== undefined,
    controlled: asList(memberAt(pod, ['metadata', 'ownerReferences'])).some((owner) => member(owner, 'controller') === true),
    references: { workflowTemplateRef: false, templateRef: false }
  }
}
