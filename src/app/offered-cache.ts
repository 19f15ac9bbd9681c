import type { PullpassConfiguration } from '../core/configuration.ts'
import type { Coverage } from '../core/coverage.ts'
import type { Labels } from '../core/kubernetes.ts'
import { compileOffered, type OfferedCredentials } from '../core/offered-credentials.ts'
import { selectCredentials, type Selection } from '../core/selection.ts'
import { memoizeBounded } from './bounded-memo.ts'
import type { ClusterView } from './ports.ts'

/** More namespaces than a cluster has; a caller that invents names cannot fill the memory. */
const maxNamespaces = 20_000

/** Images repeat: most pods of a namespace are made from a few templates. */
const maxImages = 1_000

function withMemory (offered: OfferedCredentials): OfferedCredentials {
  return { ...offered, keyring: { candidates: memoizeBounded(offered.keyring.candidates, maxImages) } }
}

interface CachedNamespace {
  readonly labels: Labels | undefined
  readonly offered: OfferedCredentials
}

/**
 * Keeps what each namespace is offered compiled, so that an admission costs a look-up. Namespaces that are offered the
 * same credentials share one compilation. Emptied when the configuration or the coverage changes.
 */
export class OfferedCache {
  readonly #view: ClusterView
  #configuration: PullpassConfiguration | undefined
  #coverage: Coverage | undefined
  readonly #byNamespace = new Map<string, CachedNamespace>()
  readonly #bySelection = new Map<string, OfferedCredentials>()

  constructor (view: ClusterView) {
    this.#view = view
  }

  get (namespace: string): OfferedCredentials {
    this.#dropIfOutdated()
    const labels = this.#view.namespaceLabels(namespace)
    const cached = this.#byNamespace.get(namespace)
    if (cached !== undefined && cached.labels === labels) return cached.offered
    const offered = this.#compile(selectCredentials(this.#view.configuration(), namespace, labels))
    if (this.#byNamespace.size >= maxNamespaces) this.#byNamespace.clear()
    this.#byNamespace.set(namespace, { labels, offered })
    return offered
  }

  #compile (selection: Selection): OfferedCredentials {
    const signature = [selection.offered, selection.unknown]
      .map((rules) => rules.map(({ name }) => name).join(' ')).join('|')
    const shared = this.#bySelection.get(signature) ?? withMemory(compileOffered(selection, this.#view.coverage()))
    this.#bySelection.set(signature, shared)
    return shared
  }

  #dropIfOutdated (): void {
    const configuration = this.#view.configuration()
    const coverage = this.#view.coverage()
    if (configuration === this.#configuration && coverage === this.#coverage) return
    this.#configuration = configuration
    this.#coverage = coverage
    this.#byNamespace.clear()
    this.#bySelection.clear()
  }
}
