/** Workflows that Argo's controller turns into pods: what has to become of them, and what did. */
import type { ArgoController } from './argo-controller.ts'
import type { Cluster } from './cluster.ts'
import type { KubernetesObject } from './kubectl.ts'
import type { Installation } from './pullpass.ts'

/** A Workflow, and what has to become of it. */
export interface WorkflowRow {
  readonly name: string
  /** Of the namespace; default `on`. */
  readonly into?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly spec: object
  /** Its own list as stored. */
  readonly stored: readonly string[]
  /** The list of each pod, by the task that it is for; the pod of a Workflow without tasks is `main`. */
  readonly pods: Readonly<Record<string, readonly string[]>>
  /** What Argo says where it makes no pod. */
  readonly complaint?: RegExp
}

/** What became of a Workflow. */
export interface WorkflowOutcome {
  readonly workflow: KubernetesObject
  readonly phase: string
  /** As the API server stored them, by task as in the row. */
  readonly pods: Readonly<Record<string, KubernetesObject>>
  /** What Argo says about the tasks that went wrong, in no order. */
  readonly complaints: readonly string[]
}

/** The status that Argo gives a Workflow, as far as it matters here. */
interface WorkflowStatus {
  readonly phase?: string
  readonly nodes?: Readonly<Record<string, { readonly phase: string, readonly message?: string }>>
}

const nodeName = 'workflows.argoproj.io/node-name'
const owner = 'workflows.argoproj.io/workflow'

/**
 * Creates all of them and waits until the controller has gone through each once: it writes a phase after it has made
 * the pods of all tasks that can start. No pod ever runs, so whatever depends on another task never starts.
 */
export async function runWorkflows (
  { kubectl }: Cluster,
  { installation, argo, rows }: {
    readonly installation: Pick<Installation, 'namespace'>
    readonly argo: ArgoController
    readonly rows: readonly WorkflowRow[]
  }
): Promise<ReadonlyMap<WorkflowRow, WorkflowOutcome>> {
  const workflows = rows.map(({ into = 'on', labels, spec }, index) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      name: `${argo.subject.name}-${index}`, namespace: installation.namespace(into), labels: { ...labels, ...argo.labels }
    },
    spec: { entrypoint: 'main', ...spec }
  }))
  const selector = Object.entries(argo.labels).map(([key, value]) => `${key}=${value}`).join(',')
  await kubectl.ok(['create', '-f', '-'], { input: workflows })
  const waiting = kubectl.ok(['wait', 'workflows', '-A', '-l', selector, '--for=jsonpath={.status.phase}', '--timeout=45s'])
  await Promise.race([waiting, argo.ended])
  const namespaces = new Set(workflows.map(({ metadata }) => metadata.namespace))
  const list = async (kind: string): Promise<readonly KubernetesObject[]> =>
    (await Promise.all([...namespaces].map(async (namespace) => await kubectl.list(kind, namespace, selector)))).flat()
  const [stored, pods] = await Promise.all([list('workflows'), list('pods')])
  return new Map(rows.map((row, index) => {
    const name = workflows[index]?.metadata.name
    const workflow = stored.find(({ metadata }) => metadata.name === name)
    if (workflow === undefined) throw new Error(`looking for the Workflow of "${row.name}": it is not there`)
    return [row, readOutcome(workflow, pods)]
  }))
}

function readOutcome (workflow: KubernetesObject, pods: readonly KubernetesObject[]): WorkflowOutcome {
  const { name } = workflow.metadata
  const { phase = '', nodes = {} } = (workflow['status'] ?? {}) as WorkflowStatus
  const own = pods.filter(({ metadata }) => textsOf(metadata['labels'])[owner] === name)
  const taskOf = ({ metadata }: KubernetesObject): string =>
    (textsOf(metadata['annotations'])[nodeName] ?? '').slice(name.length).replace(/^\./, '') || 'main'
  const wrong = Object.values(nodes).filter((node) => ['Error', 'Failed'].includes(node.phase))
  return {
    workflow,
    phase,
    pods: Object.fromEntries(own.map((pod) => [taskOf(pod), pod])),
    complaints: wrong.map(({ message = '' }) => message)
  }
}

function textsOf (value: unknown): Readonly<Record<string, string>> {
  return (value ?? {}) as Readonly<Record<string, string>>
}
