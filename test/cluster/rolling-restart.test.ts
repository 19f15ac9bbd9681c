import t from 'tap'
import { buildProgram } from '../helpers/built-program.ts'
import { startServe, type ServeProcess } from '../helpers/serve-process.ts'
import { connectApi, type Creation, type CreationOptions } from './api-client.ts'
import { findMissingTools, useCluster } from './cluster.ts'
import { buildPod, containersOf } from './objects.ts'
import { installPullpass } from './pullpass.ts'
import { startServiceProxy, type ServiceProxy } from './service-proxy.ts'

const shop = 'quay.io/acme/shop/web:1'
const parallel = 20
const restarts = 6
const bounds = { least: 10_000, most: 60_000 }
// One in so many is stored; the others are dry runs, which go the same way and leave etcd small.
const storedEach = 40

t.setTimeout(180_000)

t.test('no creation fails while replicas are replaced', { skip: await findMissingTools() }, async (t) => {
  const cluster = await useCluster(t)
  const program = await buildProgram(t)
  const flags = ['--drain-seconds', '3']
  const proxy = await startServiceProxy()
  t.teardown(proxy.close)
  const installation = await installPullpass(t, cluster, {
    name: 'rolling',
    namespaces: { on: 'enabled' },
    accounts: [],
    failurePolicy: 'Fail',
    start: async () => await startServe(flags, { program }),
    reachedAt: async (serve) => {
      await join(proxy, serve)
      return `https://127.0.0.1:${proxy.port}`
    }
  })
  const { serve: first } = installation
  const startReplica = async (): Promise<ServeProcess> => {
    const serve = await startServe(flags, { program, files: first })
    t.teardown(serve.remove)
    await join(proxy, serve)
    return serve
  }

  const api = connectApi(t, cluster.address, parallel)
  const namespace = installation.namespace('on')
  const create = async (index: number): Promise<Creation> => {
    const pod = buildPod(`web-${index}`, { containers: containersOf(shop) })
    return await api.createPod(pod, { namespace, dryRun: index % storedEach !== 0 } satisfies CreationOptions)
  }
  let done = false
  const restarting = restartInTurn(proxy, [first, await startReplica()], startReplica).finally(() => { done = true })
  const [load, restarted] = await Promise.all([createUntil(() => done, create), restarting])

  t.comment(`${load.count} creations, ${restarted.length} restarts`)
  t.same(load.failures.slice(0, 5), [], `${load.failures.length} failed`)
  t.ok(load.count >= bounds.least, `${load.count} creations`)
  t.same(restarted.map(({ code }) => code), Array.from({ length: restarts }, () => 0), 'every replica ended well')
  t.ok(restarted.every(({ connections }) => connections > 0), 'every replica was called')
  const stored = await cluster.kubectl.list('pods', namespace)
  t.equal(stored.length, Math.ceil(load.count / storedEach), 'what was said to be created is there')
})

/** A replica joins when its own probe says so. */
async function join (proxy: ServiceProxy, { ports, get }: ServeProcess): Promise<void> {
  await proxy.addWhenReady(ports.admission, async () => (await get('/readyz')).status === 200)
}

interface Restarted {
  readonly code: number | NodeJS.Signals | null
  /** How many the replica was given in its life. */
  readonly connections: number
}

/** The oldest ends before the next one starts, so that half of the time a single replica serves. */
async function restartInTurn (
  proxy: ServiceProxy, started: readonly ServeProcess[], start: () => Promise<ServeProcess>
): Promise<readonly Restarted[]> {
  const replicas = [...started]
  const restarted: Restarted[] = []
  for (let count = 0; count < restarts; count += 1) {
    const oldest = replicas.shift()
    if (oldest === undefined) throw new Error('there is no replica to restart')
    const [code] = await Promise.all([oldest.end('SIGTERM'), proxy.removeLate(oldest.ports.admission)])
    restarted.push({ code, connections: proxy.given(oldest.ports.admission) })
    replicas.push(await start())
  }
  return restarted
}

interface Load {
  readonly count: number
  readonly failures: ReadonlyArray<Creation & { readonly index: number }>
}

/** Creates, so many at once, until it is done and enough; one that is not created with our secret has failed. */
async function createUntil (isDone: () => boolean, create: (index: number) => Promise<Creation>): Promise<Load> {
  const failures: Array<Creation & { readonly index: number }> = []
  let count = 0
  const work = async (): Promise<void> => {
    while (count < bounds.most && (count < bounds.least || !isDone())) {
      const index = count
      count += 1
      const creation = await create(index)
      if (creation.status !== 201 || creation.secrets.join() !== 'acme-shop') failures.push({ index, ...creation })
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  return { count, failures }
}
