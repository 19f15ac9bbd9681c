/** kubectl as the tests' client, with a kubeconfig and caches of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ControlPlaneAddress, User } from './control-plane.ts'

/** A Kubernetes object as JSON, with what the tests look at. */
export interface KubernetesObject {
  readonly metadata: { readonly name: string, readonly namespace?: string, readonly [member: string]: unknown }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly [member: string]: unknown
}

export interface KubectlResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface KubectlOptions {
  /** What `-f -` reads. One that is no text is written as JSON; a list as a List. */
  readonly input?: unknown
  /** Default `admin`. */
  readonly as?: User
}

/** Runs kubectl; each call is a process, ended after a minute. */
export interface Kubectl {
  /** Any outcome is a value. */
  readonly run: (flags: readonly string[], options?: KubectlOptions) => Promise<KubectlResult>
  /** As `run`; rejects, with what kubectl said, when it fails. */
  readonly ok: (flags: readonly string[], options?: KubectlOptions) => Promise<KubectlResult>
  /** The object that `kubectl get KIND NAME -n NAMESPACE` shows, as the API server stored it. */
  readonly get: (kind: string, name: string, namespace: string) => Promise<KubernetesObject>
  readonly list: (kind: string, namespace: string, selector?: string) => Promise<readonly KubernetesObject[]>
}

const timeoutMs = 60_000

/** A kubectl for one control plane. */
export function createKubectl (address: Pick<ControlPlaneAddress, 'kubectl' | 'kubeconfig'>): Kubectl {
  const folder = dirname(address.kubeconfig)
  const run: Kubectl['run'] = async (flags, { input, as = 'admin' } = {}) => {
    const own = [`--kubeconfig=${address.kubeconfig}`, `--context=${as}`, `--cache-dir=${join(folder, 'kubectl-cache')}`]
    // A home of its own, and no preferences of whoever runs the tests.
    const env = { PATH: process.env['PATH'], HOME: folder, KUBERC: 'off' }
    const child = spawn(address.kubectl, [...own, ...flags], { env, cwd: folder, timeout: timeoutMs })
    // kubectl may end before it has read everything; then its exit code says so.
    child.stdin.on('error', () => undefined).end(formatInput(input))
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return { code: code as number | null, stdout, stderr }
  }
  const ok: Kubectl['ok'] = async (flags, options) => {
    const result = await run(flags, options)
    if (result.code !== 0) throw new Error(`kubectl ${flags.join(' ')} ended with ${result.code}: ${result.stderr}`)
    return result
  }
  const read = async (flags: readonly string[]): Promise<unknown> => {
    const { stdout } = await ok(['get', ...flags, '-o', 'json'])
    return JSON.parse(stdout)
  }
  return {
    run,
    ok,
    get: async (kind, name, namespace) => await read([kind, name, '-n', namespace]) as KubernetesObject,
    list: async (kind, namespace, selector = '') => {
      const { items } = await read([kind, '-n', namespace, '-l', selector]) as { items: readonly KubernetesObject[] }
      return items
    }
  }
}

function formatInput (input: unknown): string {
  if (input === undefined || typeof input === 'string') return input ?? ''
  return JSON.stringify(Array.isArray(input) ? { apiVersion: 'v1', kind: 'List', items: input } : input)
}
