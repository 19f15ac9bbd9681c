import { readText } from './manifests/read-text.ts'

/** Pullpass's own namespace where nothing says otherwise. */
export const standardOwnNamespace = 'pullpass'

/** Where the kubelet tells a container the namespace of its pod. */
const podNamespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

/**
 * Pullpass's own namespace: what was asked for, else the pod's, else `pullpass` (design §2). A file that is absent,
 * empty or unreadable says nothing, since outside of a cluster there is none.
 */
export async function findOwnNamespace (asked: string | undefined, file = podNamespaceFile): Promise<string> {
  if (asked !== undefined) return asked
  const result = await readText(file)
  const name = result.ok ? result.text.trim() : ''
  return name === '' ? standardOwnNamespace : name
}
