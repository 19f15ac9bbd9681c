/** Creating pods straight at the API server: kubectl is a process for each, which is too slow for thousands. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import type { ControlPlaneAddress } from './control-plane.ts'
import { listedSecrets, type NewObject } from './objects.ts'

/** What became of a creation. */
export interface Creation {
  /** 201: created. */
  readonly status: number
  /** The names in the object's list; empty unless created. */
  readonly secrets: readonly string[]
  /** The API server's words unless created, else empty. */
  readonly message: string
}

export interface CreationOptions {
  readonly namespace: string
  /** True: everything happens, the webhooks too, but nothing is stored. */
  readonly dryRun: boolean
}

/** A client with connections of its own, which are kept open; rejects when one breaks. */
export interface ApiClient {
  readonly createPod: (pod: NewObject, options: CreationOptions) => Promise<Creation>
}

interface Kubeconfig {
  readonly clusters: ReadonlyArray<{ readonly cluster: { readonly 'certificate-authority': string } }>
  readonly users: ReadonlyArray<{ readonly name: string, readonly user: { readonly token: string } }>
}

/**
 * A client that ends with the test, as the user `admin`.
 *
 * @param connections how many creations may be under way at once.
 */
export function connectApi (t: Test, { server, kubeconfig }: ControlPlaneAddress, connections: number): ApiClient {
  const { clusters: [named], users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
  const token = users.find(({ name }) => name === 'admin')?.user.token ?? ''
  const ca = readFileSync(named?.cluster['certificate-authority'] ?? '')
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca })
  t.teardown(() => { agent.destroy() })
  const timeoutMs = 60_000
  return {
    createPod: async (pod, { namespace, dryRun }) => await new Promise((resolve, reject) => {
      const url = `${server}/api/v1/namespaces/${namespace}/pods${dryRun ? '?dryRun=All' : ''}`
      const body = Buffer.from(JSON.stringify(pod))
      const headers = {
        authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': body.length
      }
      const sent = request(url, { method: 'POST', agent, headers, timeout: timeoutMs }, (response) => {
        text(response).then((answer) => { resolve(readCreation(response.statusCode ?? 0, answer)) }).catch(reject)
      })
      sent.on('timeout', () => { sent.destroy(new Error('the API server says nothing')) }).on('error', reject).end(body)
    })
  }
}

function readCreation (status: number, answer: string): Creation {
  const object = JSON.parse(answer) as { readonly message?: string, readonly spec?: Readonly<Record<string, unknown>> }
  if (status !== 201) return { status, secrets: [], message: object.message ?? '' }
  return { status, secrets: listedSecrets({ spec: object.spec ?? {} }), message: '' }
}
