import type { PullpassConfiguration } from '../core/configuration.ts'
import type { Coverage } from '../core/coverage.ts'
import type { Labels, ServiceAccount } from '../core/kubernetes.ts'

/**
 * Where admission and the command line get their facts (design §4). Every answer comes from memory, at once.
 *
 * `configuration` and `coverage` give the same object until something changed, so that their identity tells whether
 * what was compiled from them still holds.
 */
export interface ClusterView {
  configuration: () => PullpassConfiguration
  coverage: () => Coverage
  /** Undefined: the namespace has not been seen. */
  namespaceLabels: (namespace: string) => Labels | undefined
  /** Undefined: the account has not been seen. */
  serviceAccount: (namespace: string, name: string) => ServiceAccount | undefined
  /**
   * `request`: who opted in is the API server's word, by the path that it calls. `labels`: the view itself knows, and
   * an object of a namespace that did not opt in is skipped (design §5).
   */
  readonly optInBy: 'request' | 'labels'
}

export interface Clock {
  /** Wall clock. */
  now: () => Date
}
