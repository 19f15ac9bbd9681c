/** Pullpass beside the control plane: the real server on a folder, and the webhook configuration that leads to it. */
import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { optInLabel } from '../../src/core/kubernetes.ts'
import { startServe, type ServeProcess } from '../helpers/serve-process.ts'
import { askUntil } from './bounded.ts'
import type { Cluster } from './cluster.ts'
import { buildWebhookConfiguration } from './webhook-configuration.ts'

/** A service account of every namespace of a suite. */
export interface AccountSpec {
  readonly name: string
  /** The names of its own pull secrets. */
  readonly pullSecrets?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
}

/** What a suite wants to be there. */
export interface SuiteSpec {
  /** Begins the names of its namespaces. */
  readonly name: string
  /** Each namespace's opt-in label, by a short name; empty: none. */
  readonly namespaces: Readonly<Record<string, 'enabled' | 'shadow' | ''>>
  readonly accounts: readonly AccountSpec[]
  /** Beside those of every suite: the repository prefix that each covers, by name. */
  readonly credentials?: Readonly<Record<string, string>>
  /** Of the enabled entry; default `Ignore`. */
  readonly failurePolicy?: 'Ignore' | 'Fail'
  /** Starts the server; default: this checkout's sources, on files of their own. */
  readonly start?: () => Promise<ServeProcess>
  /** Where the API server finds it, as `https://127.0.0.1:PORT`; default: where it listens. */
  readonly reachedAt?: (serve: ServeProcess) => Promise<string>
}

/** A suite's Pullpass. */
export interface Installation {
  readonly serve: ServeProcess
  /** The full name of a namespace; no other suite has it. */
  readonly namespace: (shortName: string) => string
  /** The label that all of the suite's namespaces carry. */
  readonly namespaceLabels: Readonly<Record<string, string>>
}

/** The credentials offered to every namespace of a suite, each with the repository prefix that it covers. */
export const credentials = {
  'acme-shop': 'quay.io/acme/shop',
  'acme-data': 'quay.io/acme/data',
  corp: 'registry.example.com:5000'
} as const

/**
 * Starts a server that knows the suite's namespaces and accounts, makes these in the cluster, and resolves when the
 * API server sends it what is created there. Everything goes at the end of the test.
 */
export async function installPullpass (t: Test, cluster: Cluster, spec: SuiteSpec): Promise<Installation> {
  const suite = `${spec.name}-${randomBytes(4).toString('hex')}`
  const namespace = (shortName: string): string => `${suite}-${shortName}`
  const namespaceLabels = { 'test.pullpass.dev/suite': suite }
  const { kubectl } = cluster
  const serving = (spec.start ?? startServe)()
  // One that did not start has nothing to remove; a teardown that fails would keep the others from their work.
  t.teardown(async () => { await serving.then(async ({ remove }) => { await remove() }, () => undefined) })
  t.teardown(async () => {
    await kubectl.run(['delete', 'mutatingwebhookconfiguration', suite, '--ignore-not-found'])
    await kubectl.run(['delete', 'namespace', '-l', `test.pullpass.dev/suite=${suite}`, '--wait=false'])
  })
  const namespaces = Object.entries(spec.namespaces).map(([shortName, optIn]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace(shortName), labels: { ...namespaceLabels, ...(optIn === '' ? {} : { [optInLabel]: optIn }) }
    }
  }))
  const names = namespaces.map(({ metadata: { name } }) => name)
  const accounts = names.flatMap((name) => spec.accounts.map((account) => buildAccount(name, account)))
  const [serve] = await Promise.all([serving, createObjects(cluster, namespaces, accounts)])
  await giveManifests(serve, [...namespaces, ...accounts, ...buildConfiguration(`${suite}-*`, spec.credentials)])
  const { failurePolicy = 'Ignore', reachedAt = findUrl } = spec
  const url = await reachedAt(serve)
  await kubectl.ok(['create', '-f', '-'], {
    input: buildWebhookConfiguration({
      name: suite, url, authority: readAuthority(serve), failurePolicy, namespaceLabels
    })
  })
  const enabled = Object.entries(spec.namespaces).find(([, optIn]) => optIn === 'enabled')
  if (enabled !== undefined) await waitUntilInForce(cluster, namespace(enabled[0]))
  return { serve, namespace, namespaceLabels }
}

/** The address that the webhook of a server listens on. */
export async function findUrl (serve: ServeProcess): Promise<string> {
  const { listen } = await serve.waitFor(({ msg }) => msg === 'serving')
  return `https://${String(listen)}`
}

/** The certificate that a caller of a server trusts; PEM. */
export function readAuthority ({ certificates }: ServeProcess): string {
  return readFileSync(join(certificates, 'ca.crt'), 'utf8')
}

function buildAccount (namespace: string, { name, pullSecrets = [], annotations = {} }: AccountSpec) {
  const imagePullSecrets = pullSecrets.map((secret) => ({ name: secret }))
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, annotations }, imagePullSecrets }
}

/** The configuration and its sources. The logins are made up. */
function buildConfiguration (namespaces: string, others: SuiteSpec['credentials'] = {}): readonly object[] {
  const entries = Object.entries({ ...credentials, ...others })
  const auth = Buffer.from('example:example').toString('base64')
  const sources = entries.map(([name, registry]) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'pullpass' },
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': JSON.stringify({ auths: { [registry]: { auth } } }) }
  }))
  return [...sources, {
    apiVersion: 'pullpass.dev/v1',
    kind: 'PullpassConfiguration',
    credentials: entries.map(([name]) => ({ name, namespaces: [namespaces] }))
  }]
}

/** Accounts come after each namespace's `default` one, which the controller manager makes: it may be among them. */
async function createObjects ({ kubectl }: Cluster, namespaces: readonly Named[], accounts: readonly object[]) {
  await kubectl.ok(['create', '-f', '-'], { input: namespaces })
  await Promise.all(namespaces.map(async ({ metadata: { name } }) =>
    await kubectl.ok(['wait', '--for=create', 'serviceaccount/default', '-n', name, '--timeout=30s'])))
  if (accounts.length > 0) await kubectl.ok(['apply', '--server-side', '-f', '-'], { input: accounts })
}

interface Named {
  readonly metadata: { readonly name: string }
}

/** In the place of the example's configuration, in one move, so that the server never reads half of it. */
async function giveManifests (serve: ServeProcess, objects: readonly object[]): Promise<void> {
  const inForce = ({ msg }: { readonly msg?: unknown }): boolean => msg === 'configuration in force'
  const count = (): number => serve.output().split('\n').filter((line) => line.includes('"configuration in force"')).length
  const before = count()
  const written = join(serve.folder, '..', 'pullpass.yaml')
  writeFileSync(written, objects.map((object) => JSON.stringify(object)).join('\n---\n'))
  renameSync(written, join(serve.folder, 'pullpass.yaml'))
  await serve.waitFor((line) => inForce(line) && count() > before)
}

/** The API server hears of a webhook configuration by a watch of its own, and tells nobody when it has. */
async function waitUntilInForce ({ kubectl }: Cluster, namespace: string): Promise<void> {
  const image = `${credentials.corp}/probe:1`
  const input = {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe' }, spec: { containers: [{ name: 'main', image }] }
  }
  const flags = ['create', '--dry-run=server', '-o', 'json', '-n', namespace, '-f', '-']
  const isCalled = async (): Promise<boolean> => (await kubectl.ok(flags, { input })).stdout.includes('"corp"')
  await askUntil(isCalled, `the API server does not call Pullpass for ${namespace}`)
}
