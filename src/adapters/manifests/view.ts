import { defaultConfiguration } from '../../config/load.ts'
import type { ClusterView } from '../../app/ports.ts'
import type { Coverage } from '../../core/coverage.ts'
import { planCoverage, type PlanFinding } from '../../core/replication.ts'
import type { ManifestObjects } from './collect.ts'

/** A view of manifests as they were read once; it never changes. */
export interface ManifestsView extends ClusterView {
  /** What the plan of the copies found wrong with the sources; to be logged as warnings. */
  readonly findings: readonly PlanFinding[]
}

/**
 * The facts of a folder of manifests, with the coverage planned by the function that the controller uses (design §4).
 *
 * @param ownNamespace where sources without a namespace are.
 * @param previous the coverage in force until now: a source that turned bad keeps its part of it.
 */
export function createManifestsView (
  objects: ManifestObjects, ownNamespace: string, previous: Coverage = new Map()
): ManifestsView {
  const configuration = objects.configuration ?? defaultConfiguration()
  const { coverage, findings } = planCoverage(
    configuration,
    ({ namespace, name }) => objects.secrets.get(`${namespace ?? ownNamespace}/${name}`),
    previous
  )
  return Object.freeze<ManifestsView>({
    optInBy: 'labels',
    findings,
    configuration: () => configuration,
    coverage: () => coverage,
    namespaceLabels: (namespace) => objects.namespaces.get(namespace),
    serviceAccount: (namespace, name) => objects.serviceAccounts.get(`${namespace}/${name}`)
  })
}

/** One stable view whose answers all come from the view that was switched to last. */
export interface SwitchableView {
  readonly view: ClusterView
  readonly switchTo: (next: ClusterView) => void
}

/** Starts with the given view; `optInBy` stays what it is there. */
export function createSwitchableView (first: ClusterView): SwitchableView {
  let current = first
  return {
    view: Object.freeze<ClusterView>({
      optInBy: first.optInBy,
      configuration: () => current.configuration(),
      coverage: () => current.coverage(),
      namespaceLabels: (namespace) => current.namespaceLabels(namespace),
      serviceAccount: (namespace, name) => current.serviceAccount(namespace, name)
    }),
    switchTo: (next) => { current = next }
  }
}
