/** The control plane itself: etcd, kube-apiserver and kube-controller-manager as processes on loopback. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { controlPlaneTools, findTool } from '../tools/build.ts'
import { createKubectl } from './kubectl.ts'
import { findFreePorts, startProgram, type Program } from './program.ts'

/** Whom the tests can be: `admin` may do everything, the others nothing until a suite binds a role to them. */
export const users = ['admin', 'tenant-a', 'tenant-b'] as const
export type User = typeof users[number]

/** Where a running control plane is, as JSON in the file that the environment variable names. */
export interface ControlPlaneAddress {
  /** `https://127.0.0.1:PORT`. */
  readonly server: string
  /** One context a user, of the user's name. */
  readonly kubeconfig: string
  /** The path of kubectl. */
  readonly kubectl: string
  /** Every request but its first stage, with annotations, one JSON object a line. */
  readonly auditLog: string
  /** The programs' output; kept when a test failed. */
  readonly logs: string
}

/** A control plane that this process owns. */
export interface ControlPlane {
  readonly address: ControlPlaneAddress
  readonly stop: () => Promise<void>
}

const readyWithinMs = 90_000
const readyPauseMs = 100

// By default kube-controller-manager starts some forty.
const controllers = [
  'serviceaccount-token-controller', 'serviceaccount-controller', 'namespace-controller',
  'garbage-collector-controller', 'replicaset-controller', 'deployment-controller', 'job-controller'
] as const

interface Layout {
  readonly folder: string
  readonly logs: string
  readonly tools: Readonly<Record<typeof controlPlaneTools[number], string>>
  readonly ports: { readonly etcd: number, readonly etcdPeer: number, readonly server: number }
  readonly address: ControlPlaneAddress
}

/**
 * Starts everything in a folder and resolves when pods can be created.
 *
 * @param folder empty; `logs` in it is the caller's to keep or remove.
 */
export async function startControlPlane (folder: string): Promise<ControlPlane> {
  const layout = await planLayout(folder)
  const tokens = new Map(users.map((user) => [user, randomBytes(16).toString('hex')] as const))
  writeFiles(layout, tokens)
  const programs: Program[] = []
  const start = (name: 'etcd' | 'kube-apiserver' | 'kube-controller-manager', flags: readonly string[]): Program => {
    const logFile = join(layout.logs, `${name}.log`)
    const program = startProgram({ name, path: layout.tools[name], flags, logFile, folder })
    programs.unshift(program)
    return program
  }
  const stop = async (): Promise<void> => {
    for (const program of programs.splice(0)) await program.stop()
  }
  try {
    const store = start('etcd', etcdFlags(layout))
    const server = start('kube-apiserver', serverFlags(layout))
    await Promise.race([waitUntilReady(layout, tokens.get('admin') ?? ''), store.ended, server.ended])
    const manager = start('kube-controller-manager', managerFlags(layout))
    const { ok } = createKubectl(layout.address)
    await Promise.race([ok(['wait', '--for=create', 'serviceaccount/default', '--timeout=60s']), manager.ended])
    return { address: layout.address, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function planLayout (folder: string): Promise<Layout> {
  const found = await Promise.all(controlPlaneTools.map(async (name) => {
    const tool = await findTool(name)
    if ('missing' in tool) throw new Error(`starting the control plane: ${name}: ${tool.missing}; run ${tool.bring}`)
    return [name, tool.path] as const
  }))
  const tools = Object.fromEntries(found) as Layout['tools']
  const [etcd = 0, etcdPeer = 0, server = 0] = await findFreePorts(3)
  const logs = join(folder, 'logs')
  mkdirSync(logs)
  const address = {
    server: `https://127.0.0.1:${server}`,
    kubeconfig: join(folder, 'kubeconfig.json'),
    kubectl: tools.kubectl,
    auditLog: join(logs, 'audit.log'),
    logs
  }
  return { folder, logs, tools, ports: { etcd, etcdPeer, server }, address }
}

function writeFiles ({ folder, address }: Layout, tokens: ReadonlyMap<User, string>): void {
  const write = (name: string, content: string): void => { writeFileSync(join(folder, name), content, { mode: 0o600 }) }
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' }
  })
  write('service-accounts.key', privateKey)
  write('service-accounts.pub', publicKey)
  const group = (user: User): string => user === 'admin' ? 'system:masters' : 'tenants'
  write('tokens.csv', [...tokens].map(([user, token]) => `${token},${user},${randomUUID()},${group(user)}\n`).join(''))
  write('audit-policy.json', JSON.stringify({
    apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules: [{ level: 'Metadata' }]
  }))
  const cluster = { server: address.server, 'certificate-authority': certificateFile(folder) }
  write('kubeconfig.json', JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [...tokens].map(([name, token]) => ({ name, user: { token } })),
    contexts: [...tokens.keys()].map((name) => ({ name, context: { cluster: 'test', user: name } })),
    'current-context': 'admin'
  }))
}

/** kube-apiserver makes it at its start. */
function certificateFile (folder: string): string {
  return join(folder, 'certificates', 'apiserver.crt')
}

function etcdFlags ({ folder, ports }: Layout): readonly string[] {
  const client = `http://127.0.0.1:${ports.etcd}`
  const peer = `http://127.0.0.1:${ports.etcdPeer}`
  return [
    '--unsafe-no-fsync', '--log-level=warn', `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`, `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`
  ]
}

function serverFlags ({ folder, ports, address }: Layout): readonly string[] {
  const file = (name: string): string => join(folder, name)
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${ports.server}`,
    `--cert-dir=${file('certificates')}`, '--endpoint-reconciler-type=none', '--service-cluster-ip-range=10.0.0.0/24',
    '--authorization-mode=RBAC', '--anonymous-auth=true', `--token-auth-file=${file('tokens.csv')}`,
    // NodeRestriction beside the default ones, as every installer sets it (semantics D.2).
    '--enable-admission-plugins=NodeRestriction',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('service-accounts.pub')}`,
    `--service-account-signing-key-file=${file('service-accounts.key')}`,
    `--audit-policy-file=${file('audit-policy.json')}`, `--audit-log-path=${address.auditLog}`
  ]
}

function managerFlags ({ folder, address }: Layout): readonly string[] {
  return [
    `--kubeconfig=${address.kubeconfig}`, '--leader-elect=false', '--secure-port=0',
    `--controllers=${controllers.join(',')}`,
    `--service-account-private-key-file=${join(folder, 'service-accounts.key')}`
  ]
}

// Nothing tells from outside when an API server becomes ready: it is asked, for as long as it may take.
async function waitUntilReady ({ folder, address, logs }: Layout, token: string): Promise<void> {
  const deadline = Date.now() + readyWithinMs
  while (Date.now() < deadline) {
    if (await isReady(address.server, certificateFile(folder), token)) return
    await pause(readyPauseMs)
  }
  throw new Error(`waiting for ${address.server}/readyz: not ready after ${readyWithinMs} ms; see ${logs}`)
}

async function isReady (server: string, authorityFile: string, token: string): Promise<boolean> {
  return await new Promise((resolve) => {
    try {
      const options = { ca: readFileSync(authorityFile), headers: { authorization: `Bearer ${token}` }, timeout: 2000 }
      const asked = request(`${server}/readyz`, options, (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      })
      asked.on('timeout', () => { asked.destroy() }).on('error', () => { resolve(false) }).end()
    } catch {
      resolve(false) // The certificate is not there yet.
    }
  })
}

/** Takes away everything but the logs, and those too unless they are to be kept. */
export function removeFiles (folder: string, { keepLogs }: { readonly keepLogs: boolean }): void {
  if (!keepLogs) return rmSync(folder, { recursive: true, force: true })
  for (const name of ['etcd', 'certificates', 'kubectl-cache', '.kube']) {
    rmSync(join(folder, name), { recursive: true, force: true })
  }
  for (const name of ['service-accounts.key', 'service-accounts.pub', 'tokens.csv', 'kubeconfig.json']) {
    rmSync(join(folder, name), { force: true })
  }
}
