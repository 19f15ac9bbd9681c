import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { makeServingCertificate } from '../helpers/certificates.ts'
import { askUntil } from './bounded.ts'
import { findMissingTools, useCluster } from './cluster.ts'
import { buildPod, containersOf, createObject, listedSecrets, notesOfAdded } from './objects.ts'
import { findUrl, installPullpass, readAuthority, type Installation } from './pullpass.ts'
import { buildWebhookConfiguration, webhookNames } from './webhook-configuration.ts'

const shop = 'quay.io/acme/shop/web:1'
const corp = 'registry.example.com:5000/mesh/proxy:1'

t.test('beside other webhooks, and when there is none', { skip: await findMissingTools() }, async (t) => {
  const cluster = await useCluster(t)
  const { kubectl } = cluster
  const install = async (t: Test, name: string): Promise<Installation> =>
    await installPullpass(t, cluster, { name, namespaces: { on: 'enabled' }, accounts: [] })

  /** Removed before the namespaces, in the reverse order of what is told to the test. */
  const configure = async (t: Test, configuration: NamedObject): Promise<void> => {
    t.teardown(async () => { await kubectl.run(['delete', 'mutatingwebhookconfiguration', configuration.metadata.name]) })
    await kubectl.ok(['create', '-f', '-'], { input: configuration })
  }

  t.test('what another webhook adds after us is covered in the second round, and both rounds are audited', async (t) => {
    const installation = await install(t, 'again')
    const injector = await startInjector(t, corp)
    await configure(t, await buildInjectorConfiguration(`zz-${installation.namespace('injector')}`, injector, installation))
    const flags = ['create', '--dry-run=server', '-o', 'json', '-f', '-', '-n', installation.namespace('on')]
    const input = buildPod('probe', { containers: containersOf(shop) })
    const isCalled = async () => (await kubectl.ok(flags, { input })).stdout.includes(corp)
    await askUntil(isCalled, 'the injector is not called')

    const object = buildPod('meshed', { containers: containersOf(shop) })
    const { stored, notes, annotations } = await createObject(cluster, installation, { object, into: 'on' })
    t.match(stored.spec, { containers: [{ image: shop }, { image: corp }] })
    t.same(listedSecrets(stored), ['acme-shop', 'corp'])
    t.same(notes, notesOfAdded('acme-shop', 'corp'))
    const rounds = Object.entries(annotations).filter(([key, value]) =>
      key.startsWith('mutation.webhook.admission.k8s.io/') && JSON.parse(value).webhook === webhookNames.mutate)
    t.same(rounds.map(([key]) => key.replace(/^.*\/(round_\d+)_.*$/, '$1')).toSorted(), ['round_0', 'round_1'])
    t.ok(rounds.every(([, value]) => JSON.parse(value).mutated), 'each round changed the pod')
  })

  t.test('two Pullpasses together add each name once', async (t) => {
    const installation = await install(t, 'twice')
    const { serve, namespaceLabels } = installation
    await configure(t, buildWebhookConfiguration({
      name: `zz-${installation.namespace('second')}`,
      url: (await findUrl(serve)).replace('127.0.0.1', 'localhost'),
      authority: readAuthority(serve),
      namespaceLabels
    }))
    let probes = 0
    const answeredTwice = async () => {
      probes += 1
      const object = buildPod(`probe-${probes}`, { containers: containersOf(shop) })
      const { stored, annotations } = await createObject(cluster, installation, { object, into: 'on' })
      t.same(listedSecrets(stored), ['acme-shop'])
      const calls = Object.keys(annotations).filter((key) => key.startsWith('mutation.webhook.admission.k8s.io/round_0'))
      return calls.length === 2
    }
    await askUntil(answeredTwice, 'the second webhook configuration is not in force')
  })

  t.test('a pod is admitted as it is when the webhook is down, and the audit log says so', async (t) => {
    const installation = await install(t, 'down')
    t.equal(await installation.serve.end('SIGTERM'), 0)
    const object = buildPod('alone', { containers: containersOf(shop) })
    const { stored, notes, annotations } = await createObject(cluster, installation, { object, into: 'on' })
    t.same(listedSecrets(stored), [])
    t.same(notes, {})
    const [failed = ''] = Object.entries(annotations).filter(([key]) => key.startsWith('failed-open.mutation.webhook.'))
      .map(([, value]) => value)
    t.equal(failed, webhookNames.mutate)
  })
})

interface NamedObject {
  readonly metadata: { readonly name: string }
}

/** Another team's webhook, as of a service mesh: it adds a container with an image to every pod that lacks it. */
async function startInjector (t: Test, image: string): Promise<Server> {
  const server = createServer(await makeServingCertificate(), (request, response) => {
    json(request).then((review) => {
      const { request: { uid, object: { spec: { containers } } } } = review as InjectorReview
      const patch = containers.some((container) => container.image === image)
        ? []
        : [{ op: 'add', path: '/spec/containers/-', value: { name: 'proxy', image } }]
      const answer = { uid, allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }))
    }, () => { response.writeHead(400).end() })
  }).listen(0, '127.0.0.1')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return server
}

interface InjectorReview {
  readonly request: {
    readonly uid: string
    readonly object: { readonly spec: { readonly containers: ReadonlyArray<{ readonly image: string }> } }
  }
}

/** Comes after ours by its name, and is not called again itself. */
async function buildInjectorConfiguration (name: string, server: Server, { namespaceLabels }: Installation) {
  const { port } = server.address() as AddressInfo
  const { ca } = await makeServingCertificate()
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [{
      name: 'injector.test.pullpass.dev',
      clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(ca).toString('base64') },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
      namespaceSelector: { matchLabels: namespaceLabels },
      failurePolicy: 'Fail',
      sideEffects: 'None',
      admissionReviewVersions: ['v1']
    }]
  }
}
