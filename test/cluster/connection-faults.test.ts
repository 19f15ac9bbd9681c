import t from 'tap'
import { connectApi, type Creation } from './api-client.ts'
import { findMissingTools, useCluster } from './cluster.ts'
import { buildPod, containersOf } from './objects.ts'
import { installPullpass } from './pullpass.ts'
import { startServiceProxy, type Fault } from './service-proxy.ts'
import { webhookNames } from './webhook-configuration.ts'

const admitted = { status: 201, secrets: ['acme-shop'], message: '' }
const refused = { status: 500, secrets: [], message: new RegExp(`failed calling webhook "${webhookNames.mutate}"`) }

t.test('bad connections between the API server and us, under Fail', { skip: await findMissingTools() }, async (t) => {
  const cluster = await useCluster(t)
  const proxy = await startServiceProxy()
  t.teardown(proxy.close)
  const { namespace, serve } = await installPullpass(t, cluster, {
    name: 'faults',
    namespaces: { on: 'enabled' },
    accounts: [],
    failurePolicy: 'Fail',
    reachedAt: async ({ ports }) => {
      await proxy.addWhenReady(ports.admission, async () => true)
      return `https://127.0.0.1:${proxy.port}`
    }
  })
  const api = connectApi(t, cluster.address, 20)
  const pod = buildPod('web', { containers: containersOf('quay.io/acme/shop/web:1') })
  const create = async (): Promise<Creation> => await api.createPod(pod, { namespace: namespace('on'), dryRun: true })
  const createMany = async (count: number): Promise<readonly Creation[]> =>
    await Promise.all(Array.from({ length: count }, create))

  /** Only new connections have the fault, so the open ones go. */
  const suffer = (fault: Fault | undefined): void => {
    proxy.setFault(fault)
    proxy.resetAll()
  }

  t.test('slow connections cost time and no creation', async (t) => {
    suffer({ kind: 'delay', ms: 50 })
    t.same(await createMany(20), Array.from({ length: 20 }, () => admitted))
    suffer(undefined)
  })

  t.test('idle connections that are cut cost no creation', async (t) => {
    for (let round = 0; round < 5; round += 1) {
      t.same(await createMany(10), Array.from({ length: 10 }, () => admitted))
      proxy.resetAll()
      // The API server's own turn: it has read the resets once it has answered something else.
      await cluster.kubectl.ok(['get', 'namespace', namespace('on')])
    }
  })

  t.test('a connection cut while it is answered refuses that creation, by our name, and no later one', async (t) => {
    for (const afterBytes of [0, 2000]) {
      suffer({ kind: 'cut', afterBytes })
      t.match(await create(), refused, `after ${afterBytes} bytes`)
      suffer(undefined)
      t.same(await create(), admitted, 'the next one')
    }
  })

  t.test('a connection that its caller half closes within a call is no harm to the next one', async (t) => {
    suffer({ kind: 'half-close', afterBytes: 1500 })
    t.match(await create(), refused)
    suffer(undefined)
    t.same(await create(), admitted, 'the next one')
  })

  t.test('a frozen connection refuses its creation after timeoutSeconds, and no later one', async (t) => {
    suffer({ kind: 'freeze' })
    const before = performance.now()
    t.match(await create(), { ...refused, message: /deadline exceeded|timeout/i })
    t.ok(performance.now() - before < 10_000, 'in time')
    suffer(undefined)
    t.same(await create(), admitted, 'the next one')
  })

  t.test('nothing of it stays with the server', async (t) => {
    proxy.resetAll()
    t.equal((await serve.get('/readyz')).status, 200)
    t.match((await serve.get('/metrics')).body, /^pullpass_admission_in_flight 0$/m)
    t.notMatch(serve.output(), /"level":"error"/)
  })
})
