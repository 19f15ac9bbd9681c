import { readFileSync } from 'node:fs'
import t from 'tap'
import { findProcess, remotePorts, skipWithoutProc } from '../helpers/proc.ts'
import { connectApi } from './api-client.ts'
import { findMissingTools, useCluster } from './cluster.ts'
import { buildPod, containersOf, createObject, listedSecrets } from './objects.ts'
import { installPullpass } from './pullpass.ts'
import { webhookNames } from './webhook-configuration.ts'

const shop = 'quay.io/acme/shop/web:1'
const example = JSON.parse(readFileSync(new URL('../../examples/review.json', import.meta.url), 'utf8')) as Review

interface Review {
  readonly request: Readonly<Record<string, unknown>>
}

t.test('the webhook needs nothing of the API server', { skip: await findMissingTools() }, async (t) => {
  const cluster = await useCluster(t)
  const { kubectl } = cluster
  const containers = containersOf(shop)

  t.test('a dry run is injected, stored nowhere, and nothing is written because of it', async (t) => {
    const installation = await installPullpass(t, cluster, { name: 'dry', namespaces: { on: 'enabled' }, accounts: [] })
    const namespace = installation.namespace('on')
    const before = cluster.audit.changesIn(namespace).length
    const api = connectApi(t, cluster.address, 1)
    t.match(await api.createPod(buildPod('dry', { containers }), { namespace, dryRun: true }), { secrets: ['acme-shop'] })
    const { stored } = await createObject(cluster, installation, { object: buildPod('real', { containers }), into: 'on' })
    t.same(listedSecrets(stored), ['acme-shop'])
    const changes = cluster.audit.changesIn(namespace).slice(before)
    t.match(changes, [
      { verb: 'create', user: { username: 'admin' }, requestURI: /\/pods\?dryRun=All$/ },
      { verb: 'create', user: { username: 'admin' }, objectRef: { resource: 'pods', name: 'real' } }
    ])
    t.equal(changes.length, 2, 'and nothing else')
    t.same((await kubectl.list('pods', namespace)).map(({ metadata: { name } }) => name), ['real'])
  })

  t.test('while the API server is frozen, reviews are answered as ever', { skip: skipWithoutProc() }, async (t) => {
    const { serve, namespace } = await installPullpass(t, cluster, {
      name: 'frozen', namespaces: { on: 'enabled' }, accounts: []
    })
    const { port } = new URL(cluster.address.server)
    t.notOk(remotePorts(serve.pid).includes(Number(port)), 'it has no connection to the API server')
    const object = buildPod('web', { containers })
    const review = JSON.stringify({ ...example, request: { ...example.request, namespace: namespace('on'), object } })
    const askMany = async (): Promise<{ readonly longestMs: number, readonly patched: number }> => {
      let longestMs = 0
      let patched = 0
      for (let count = 0; count < 200; count += 1) {
        const before = performance.now()
        const { status, body } = await serve.post('/mutate?timeout=5s', review)
        longestMs = Math.max(longestMs, performance.now() - before)
        if (status === 200 && body.includes('"patch"')) patched += 1
      }
      return { longestMs, patched }
    }
    t.match(await askMany(), { patched: 200 }, 'before')
    const apiServer = findProcess('kube-apiserver', `--secure-port=${port}`)
    const thaw = (): void => { process.kill(apiServer, 'SIGCONT') }
    t.teardown(thaw)
    // Other suites may share it: what they see is a pause of well under a second.
    process.kill(apiServer, 'SIGSTOP')
    const frozen = await askMany().finally(thaw)
    t.equal(frozen.patched, 200, 'all answered')
    t.ok(frozen.longestMs < 1000, `the longest took ${frozen.longestMs} ms; a look at the API server would take for ever`)
  })

  t.test('with nobody to answer under Fail a pod is refused by our name, others are let in', async (t) => {
    const { serve, namespace } = await installPullpass(t, cluster, {
      name: 'fail', namespaces: { on: 'enabled', off: '' }, accounts: [], failurePolicy: 'Fail'
    })
    t.equal(await serve.end('SIGTERM'), 0)
    const input = buildPod('web', { containers })
    const { code, stderr } = await kubectl.run(['create', '-f', '-', '-n', namespace('on')], { input })
    t.equal(code, 1)
    t.match(stderr, `failed calling webhook "${webhookNames.mutate}"`)
    t.same(await kubectl.list('pods', namespace('on')), [])
    await kubectl.ok(['create', '-f', '-', '-n', namespace('off')], { input })
  })
})
