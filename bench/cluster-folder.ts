import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface ClusterSize {
  readonly namespaces: number
  readonly credentials: number
}

/**
 * Writes a manifests folder of a size: namespaces `team-1` …, each with its default account, and credentials that are
 * each offered to their share of them, with a path of their own on one host.
 */
export async function writeClusterFolder (folder: string, { namespaces, credentials }: ClusterSize): Promise<void> {
  await mkdir(folder, { recursive: true })
  const teams = Array.from({ length: namespaces }, (_, index) => index + 1)
  const shares = Array.from({ length: credentials }, (_, index) => index + 1)
  const offeredTo = (share: number): string[] =>
    teams.filter((team) => team % credentials === share % credentials).map((team) => `team-${team}`)
  await writeFile(join(folder, 'pullpass.json'), JSON.stringify({
    apiVersion: 'pullpass.dev/v1',
    kind: 'PullpassConfiguration',
    credentials: shares.map((share) => ({ name: `quay-${share}`, namespaces: offeredTo(share) }))
      .filter(({ namespaces }) => namespaces.length > 0)
  }))
  const items = [
    ...teams.flatMap((team) => [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${team}`, labels: { 'pullpass.dev/inject': 'enabled' } } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: `team-${team}` } }
    ]),
    ...shares.map((share) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `quay-${share}`, namespace: 'pullpass' },
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': JSON.stringify({ auths: makeAuths(share) }) }
    }))
  ]
  await writeFile(join(folder, 'objects.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
}

/** Keys of the team, and some of other hosts, as real secrets have them. The logins are made up. */
function makeAuths (share: number): Record<string, { auth: string }> {
  const auth = Buffer.from('example:example').toString('base64')
  const keys = [`quay.io/acme/team-${share}`, 'registry.example.com:5000', `ghcr.io/team-${share}`]
  return Object.fromEntries(keys.map((key) => [key, { auth }]))
}
