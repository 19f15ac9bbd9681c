import t from 'tap'
import type { Test } from 'tap'
import { buildDockerConfig, findMissingDockerRegistry, startDockerRegistry } from '../helpers/docker-registry.ts'
import type { DockerRegistry } from '../helpers/docker-registry.ts'
import {
  buildReadingRight, controllerDefinitions, findMissingArgoController, startArgoController, type ArgoController
} from './argo-controller.ts'
import { runWorkflows, type WorkflowOutcome, type WorkflowRow } from './argo-workflows.ts'
import { applyArgoDefinitions, ensureArgoDefinitions, findArgoModule } from './argo.ts'
import { findMissingTools, useCluster, type Cluster } from './cluster.ts'
import type { KubernetesObject } from './kubectl.ts'
import { listedSecrets } from './objects.ts'
import { installPullpass, type Installation } from './pullpass.ts'

const shop = 'quay.io/acme/shop/web:1'
const data = 'quay.io/acme/data/load:2'
const corp = 'registry.example.com:5000/base/tool:3'
const stranger = 'ghcr.io/example/tool:1'
const publicExecutor = 'ghcr.io/example/argoexec:3'
const privateExecutor = 'quay.io/acme/data/argoexec:3'
const command = ['run']
const optedOut = { 'pullpass.dev/inject': 'disabled' }
const entrypoint = ['/opt/team/tool', '--serve']

const one = (image: string) => ({ templates: [{ name: 'main', container: { image, command } }] })

/** Tasks that start together, each a template of its own. */
const together = (tasks: Readonly<Record<string, object>>) => ({
  templates: [
    { name: 'main', dag: { tasks: Object.keys(tasks).map((name) => ({ name, template: name })) } },
    ...Object.entries(tasks).map(([name, template]) => ({ name, ...template }))
  ]
})

const rows: readonly WorkflowRow[] = [
  { name: 'a pod gets the list of its Workflow', spec: one(shop), stored: ['acme-shop'], pods: { main: ['acme-shop'] } },
  { name: 'a list of the user\'s own stays in front', spec: { ...one(shop), imagePullSecrets: [{ name: 'mine' }] }, stored: ['mine', 'acme-shop'], pods: { main: ['mine', 'acme-shop'] } },
  { name: 'a pod that needs nothing has what its account gives', spec: { ...one(stranger), serviceAccountName: 'builder' }, stored: [], pods: { main: ['builder-mirror'] } },
  { name: 'what the account would have given is not lost', spec: { ...one(data), serviceAccountName: 'builder' }, stored: ['builder-mirror', 'acme-data'], pods: { main: ['builder-mirror', 'acme-data'] } },
  {
    name: 'with several accounts no pod loses what its own would have given',
    spec: {
      serviceAccountName: 'builder',
      ...together({
        build: { container: { image: corp, command } },
        test: { serviceAccountName: 'tester', script: { image: data, command, source: '' } }
      })
    },
    stored: ['builder-mirror', 'tester-mirror', 'corp', 'acme-data'],
    pods: {
      build: ['builder-mirror', 'tester-mirror', 'corp', 'acme-data'],
      test: ['builder-mirror', 'tester-mirror', 'corp', 'acme-data']
    }
  },
  {
    name: 'a template may use an image of another registry, and one of nobody\'s',
    spec: together({
      web: { container: { image: shop, command } },
      base: { container: { image: corp, command } },
      free: { container: { image: stranger, command } }
    }),
    stored: ['corp', 'acme-shop'],
    pods: { web: ['corp', 'acme-shop'], base: ['corp', 'acme-shop'], free: ['corp', 'acme-shop'] }
  },
  {
    name: 'an image that is known only at run time is covered when its pod is made, each by its own need',
    spec: {
      serviceAccountName: 'builder',
      templates: [
        { name: 'main', dag: { tasks: [['web', shop], ['base', corp], ['free', stranger]].map(([name, value]) => ({ name, template: 'any', arguments: { parameters: [{ name: 'image', value }] } })) } },
        { name: 'any', inputs: { parameters: [{ name: 'image' }] }, container: { image: '{{inputs.parameters.image}}', command } }
      ]
    },
    stored: [],
    pods: { web: ['builder-mirror', 'acme-shop'], base: ['builder-mirror', 'corp'], free: ['builder-mirror'] }
  },
  {
    name: 'parallel steps, init containers, sidecars and patches count',
    spec: {
      templates: [
        { name: 'main', steps: [[{ name: 'left', template: 'left' }, { name: 'right', template: 'right' }]] },
        { name: 'left', initContainers: [{ name: 'first', image: data, command }], container: { image: shop, command } },
        { name: 'right', container: { image: stranger, command }, podSpecPatch: `containers: [{ name: main, image: "${corp}" }]` }
      ]
    },
    stored: ['corp', 'acme-shop', 'acme-data'],
    pods: { '[0].left': ['corp', 'acme-shop', 'acme-data'], '[0].right': ['corp', 'acme-shop', 'acme-data'] }
  },
  {
    name: 'what a templateRef brings in is covered when its pod is made',
    spec: {
      templates: [
        { name: 'main', dag: { tasks: [{ name: 'far', templateRef: { name: 'shared', template: 'load' } }, { name: 'near', template: 'near' }] } },
        { name: 'near', serviceAccountName: 'tester', container: { image: shop, command } }
      ]
    },
    stored: [],
    pods: { far: ['acme-data'], near: ['tester-mirror', 'acme-shop'] }
  },
  { name: 'a Workflow of a workflowTemplateRef has the template\'s list, and its pods what they need', spec: { workflowTemplateRef: { name: 'shared' }, entrypoint: 'load' }, stored: [], pods: { main: ['mine', 'acme-data'] } },
  { name: 'pods of a Workflow that opts out are still looked at', labels: optedOut, spec: { ...one(shop), serviceAccountName: 'builder' }, stored: [], pods: { main: ['builder-mirror', 'acme-shop'] } },
  { name: 'pods that opt out have what their account gives', spec: { ...one(shop), serviceAccountName: 'builder', podMetadata: { labels: optedOut } }, stored: [], pods: { main: ['builder-mirror'] } },
  { name: 'in another namespace pods have what their account gives', into: 'off', spec: { ...one(shop), serviceAccountName: 'builder' }, stored: [], pods: { main: ['builder-mirror'] } }
]

const template = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'WorkflowTemplate',
  spec: { imagePullSecrets: [{ name: 'mine' }], templates: [{ name: 'load', container: { image: data, command } }] }
}

/** Images without a command: Argo's controller asks the registry what they start, before there is a pod. */
const lookUps = ({ found, refused, unread, open }: Readonly<Record<'found' | 'refused' | 'unread' | 'open', string>>) => ({
  found: {
    name: 'the look-up of a private image\'s entrypoint succeeds with the Workflow\'s list',
    spec: { templates: [{ name: 'main', container: { image: found } }] },
    stored: ['local-registry'],
    pods: { main: ['local-registry'] }
  },
  refused: {
    name: 'the look-up fails where the Workflow opts out, and there is no pod to be mended',
    labels: optedOut,
    spec: { templates: [{ name: 'main', container: { image: refused } }] },
    stored: [],
    pods: {},
    complaint: /^failed to look-up entrypoint.*UNAUTHORIZED/
  },
  unread: {
    name: 'the look-up fails where Argo\'s controller may not read the listed secret',
    into: 'unread',
    spec: { templates: [{ name: 'main', container: { image: unread } }] },
    stored: ['local-registry'],
    pods: {},
    complaint: /^failed to look-up entrypoint.*secrets "local-registry" is forbidden/
  },
  open: {
    name: 'there the look-up of a public image is kept: its Workflow is left alone, the pods are not',
    into: 'unread',
    spec: together({ web: { container: { image: shop, command } }, free: { container: { image: open } } }),
    stored: [],
    pods: { web: ['acme-shop'], free: [] }
  }
}) as const satisfies Readonly<Record<string, WorkflowRow>>

const argoModule = await findArgoModule()
const skip = await findMissingTools() || await findMissingArgoController() ||
  ('missing' in argoModule && argoModule.missing) || findMissingDockerRegistry()

t.test('Pods that Argo\'s controller makes under the webhook', { skip }, async (t) => {
  const cluster = await useCluster(t)
  const [closed, open] = await Promise.all([useRegistry(t), useRegistry(t, { anonymous: true })])
  const lookedUp = lookUps({
    found: await closed.push('team/tool:found', { entrypoint }),
    refused: await closed.push('team/tool:refused', { entrypoint }),
    unread: await closed.push('team/tool:unread', { entrypoint }),
    open: await open.push('team/tool:open', { entrypoint })
  })
  const [installation] = await Promise.all([
    installPullpass(t, cluster, {
      name: 'argo-controller',
      namespaces: { on: 'enabled', unread: 'enabled', off: '', argo: '' },
      accounts: [
        { name: 'default' },
        { name: 'builder', pullSecrets: ['builder-mirror'] },
        { name: 'tester', pullSecrets: ['tester-mirror'] }
      ],
      credentials: { 'local-registry': closed.host }
    }),
    prepareDefinitions(cluster)
  ])
  const namespace = installation.namespace('argo')
  const argo = await startArgoController(t, cluster, { namespace, executorImage: publicExecutor })
  await createSurroundings(cluster, { installation, argo, registry: closed })
  const outcomes = await runWorkflows(cluster, { installation, argo, rows: [...rows, ...Object.values(lookedUp)] })

  for (const [row, outcome] of outcomes) t.test(row.name, async (t) => { check(t, row, outcome) })

  t.test('the pod of a looked-up image starts what the image says', async (t) => {
    for (const { pod, container } of [
      { pod: outcomes.get(lookedUp.found)?.pods['main'], container: 'the private one' },
      { pod: outcomes.get(lookedUp.open)?.pods['free'], container: 'the public one' }
    ]) t.same(mainCommand(pod).slice(-entrypoint.length), entrypoint, container)
  })

  t.test('an executor image of a private mirror is in no Workflow, and is covered in every pod', async (t) => {
    await argo.stop()
    const mirrored = await startArgoController(t, cluster, { namespace, executorImage: privateExecutor })
    const row = {
      name: 'mirrored',
      spec: { ...one(stranger), serviceAccountName: 'builder' },
      stored: [],
      pods: { main: ['builder-mirror', 'acme-data'] }
    }
    const again = await runWorkflows(cluster, { installation, argo: mirrored, rows: [row] })
    again.forEach((outcome) => { check(t, row, outcome) })
  })
})

function check (t: Test, { stored, pods, complaint }: WorkflowRow, outcome: WorkflowOutcome): void {
  t.same(listedSecrets(outcome.workflow), stored, 'the Workflow\'s list')
  const lists = Object.entries(outcome.pods).map(([task, pod]) => [task, listedSecrets(pod)] as const)
  t.same(Object.fromEntries(lists), pods, 'the lists of its pods')
  t.equal(outcome.phase, complaint === undefined ? 'Running' : 'Error', 'its phase')
  t.equal(outcome.complaints.length, complaint === undefined ? 0 : 1, 'complaints of Argo')
  if (complaint !== undefined) t.match(outcome.complaints[0], complaint)
}

function mainCommand (pod: KubernetesObject | undefined): readonly string[] {
  const { containers = [] } = (pod?.spec ?? {}) as { readonly containers?: readonly MainContainer[] }
  return containers.find(({ name }) => name === 'main')?.command ?? []
}

interface MainContainer {
  readonly name: string
  readonly command?: readonly string[]
}

async function prepareDefinitions ({ kubectl }: Cluster): Promise<void> {
  await ensureArgoDefinitions(kubectl, controllerDefinitions)
  await applyArgoDefinitions(kubectl, ['workflows'])
}

async function useRegistry (t: Test, options?: Parameters<typeof startDockerRegistry>[0]): Promise<DockerRegistry> {
  const registry = await startDockerRegistry(options)
  t.teardown(registry.stop)
  return registry
}

/** The pull secret, which Argo's controller may read in one of two namespaces, and a template to refer to. */
async function createSurroundings (
  { kubectl }: Cluster,
  { installation: { namespace }, argo, registry }: {
    readonly installation: Pick<Installation, 'namespace'>
    readonly argo: ArgoController
    readonly registry: DockerRegistry
  }
): Promise<void> {
  const name = 'local-registry'
  const secretIn = (shortName: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: namespace(shortName) },
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': buildDockerConfig(registry) }
  })
  const right = buildReadingRight(argo.subject, { name, namespace: namespace('on') })
  const shared = { ...template, metadata: { name: 'shared', namespace: namespace('on') } }
  await kubectl.ok(['create', '-f', '-'], { input: [secretIn('on'), secretIn('unread'), shared, ...right] })
}
