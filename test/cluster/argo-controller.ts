/** Argo's own workflow controller as a process, with the rights that Argo's cluster-wide installation gives it. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parse } from 'yaml'
import { describeMissing, findTool } from '../tools/build.ts'
import { findArgoModule } from './argo.ts'
import type { Cluster } from './cluster.ts'
import { startProgram, type Program } from './program.ts'

/** The definitions without which the controller does nothing, beside `workflows`; plural names in lower case. */
export const controllerDefinitions = [
  'workflowtemplates', 'cronworkflows', 'clusterworkflowtemplates', 'workflowtasksets', 'workflowtaskresults',
  'workflowartifactgctasks'
] as const

/** What a suite wants of its controller. */
export interface ArgoControllerSpec {
  /** Full name of the namespace that holds its account and its settings; it is there already. */
  readonly namespace: string
  /** Of the containers that Argo puts into every pod. */
  readonly executorImage: string
}

/** A running controller; it ends with the test, and everything cluster-wide of it goes. */
export interface ArgoController {
  /** The labels of the Workflows that it looks after: it leaves those of other suites alone. */
  readonly labels: Readonly<Record<string, string>>
  /** As RoleBindings name the account that it is. */
  readonly subject: { readonly kind: 'ServiceAccount', readonly name: string, readonly namespace: string }
  /** Rejects, with the last lines of its log, as soon as it has ended. */
  readonly ended: Program['ended']
  readonly stop: Program['stop']
}

const instanceLabel = 'workflows.argoproj.io/controller-instanceid'
const clusterRoleFile = 'manifests/cluster-install-no-crds/workflow-controller-rbac/workflow-controller-clusterrole.yaml'

/** Why suites are skipped, for tap's `skip`; false: the program is there. */
export async function findMissingArgoController (): Promise<string | false> {
  return describeMissing('workflow-controller', await findTool('workflow-controller'))
}

/**
 * Starts a controller. One at a time: it listens on a port of all interfaces that cannot be chosen. It is working when
 * Workflows get a phase.
 */
export async function startArgoController (
  t: Test,
  cluster: Cluster,
  { namespace, executorImage }: ArgoControllerSpec
): Promise<ArgoController> {
  const tool = await findTool('workflow-controller')
  if ('missing' in tool) throw new Error(`starting Argo's controller: ${tool.missing}; run ${tool.bring}`)
  const name = `argo-${randomBytes(4).toString('hex')}`
  const subject = { kind: 'ServiceAccount', name, namespace } as const
  const folder = mkdtempSync(join(tmpdir(), 'pullpass-argo-'))
  t.teardown(async () => {
    rmSync(folder, { recursive: true, force: true })
    await cluster.kubectl.run(['delete', 'clusterrole,clusterrolebinding', name, '--ignore-not-found'])
  })
  await cluster.kubectl.ok(['create', '-f', '-'], { input: await buildObjects(subject) })
  const { stdout: token } = await cluster.kubectl.ok(['create', 'token', name, '-n', namespace])
  const kubeconfig = join(folder, 'kubeconfig.json')
  writeFileSync(kubeconfig, buildKubeconfig(cluster, token), { mode: 0o600 })
  const program = startProgram({
    name: 'workflow-controller',
    path: tool.path,
    flags: [
      `--kubeconfig=${kubeconfig}`, `--namespace=${namespace}`, `--configmap=${name}`, `--executor-image=${executorImage}`,
      '--qps=100', '--burst=200'
    ],
    logFile: join(cluster.address.logs, `workflow-controller-${name}.log`),
    folder,
    variables: { LEADER_ELECTION_DISABLE: 'true' }
  })
  t.teardown(program.stop)
  return { labels: { [instanceLabel]: name }, subject, ended: program.ended, stop: program.stop }
}

async function buildObjects ({ kind, name, namespace }: ArgoController['subject']): Promise<readonly object[]> {
  const found = await findArgoModule()
  if ('missing' in found) throw new Error(`reading Argo's rights: ${found.missing}`)
  const clusterRole = parse(readFileSync(join(found.folder, clusterRoleFile), 'utf8')) as object
  const settings = { instanceID: name, metricsConfig: { enabled: false }, telemetryConfig: { enabled: false } }
  return [
    { apiVersion: 'v1', kind, metadata: { name, namespace } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { config: JSON.stringify(settings) } },
    { ...clusterRole, metadata: { name } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind, name, namespace }]
    }
  ]
}

/** What lets a controller get one Secret: its stock rights hold none of a user's (semantics F.4). */
export function buildReadingRight (
  subject: ArgoController['subject'],
  { name, namespace }: { readonly name: string, readonly namespace: string }
): readonly object[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const metadata = { name: `${subject.name}-reads-${name}`, namespace }
  const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: [name] }]
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name }
  return [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects: [subject] }
  ]
}

/** The cluster's own one, with the account's token in the place of its users. */
function buildKubeconfig ({ address }: Cluster, token: string): string {
  const { clusters } = JSON.parse(readFileSync(address.kubeconfig, 'utf8')) as { readonly clusters: unknown }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters,
    users: [{ name: 'argo', user: { token: token.trim() } }],
    contexts: [{ name: 'argo', context: { cluster: 'test', user: 'argo' } }],
    'current-context': 'argo'
  })
}
