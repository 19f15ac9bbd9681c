/** What a suite needs of the control plane: see README.md. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { controlPlaneTools, describeMissing, findTool } from '../tools/build.ts'
import { followAuditLog, type AuditLog } from './audit-log.ts'
import type { ControlPlaneAddress } from './control-plane.ts'
import { createKubectl, type Kubectl } from './kubectl.ts'

/** Names the address file of the control plane that the test run shares. */
export const sharedClusterVariable = 'PULLPASS_TEST_CLUSTER'

/** A running control plane. */
export interface Cluster {
  readonly address: ControlPlaneAddress
  readonly kubectl: Kubectl
  /** What the API server noted since the suite began. */
  readonly audit: AuditLog
}

/** A control plane in a process of its own. */
export interface StartedCluster {
  /** The value for `PULLPASS_TEST_CLUSTER`. */
  readonly addressFile: string
  readonly logs: string
  readonly stop: (options: { readonly keepLogs: boolean }) => Promise<void>
}

/** Why suites are skipped, for tap's `skip`: what is missing and the command that brings it; false: nothing is. */
export async function findMissingTools (): Promise<string | false> {
  const missing = await Promise.all(controlPlaneTools.map(async (name) => describeMissing(name, await findTool(name))))
  return missing.find((reason) => reason !== false) ?? false
}

/** Starts a control plane; rejects, with the end of the log of whatever ended, when it does not come up. */
export async function startCluster (): Promise<StartedCluster> {
  const keeper = fileURLToPath(new URL('keeper.ts', import.meta.url))
  const child = spawn(process.execPath, [keeper], { stdio: ['pipe', 'pipe', 'pipe'] })
  const gone = once(child, 'exit')
  const complaint = text(child.stderr)
  const [addressFile] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
    gone.then(async (): Promise<never> => { throw new Error(`starting the control plane: ${await complaint}`) })
  ])
  const { logs } = readAddress(addressFile)
  const stop: StartedCluster['stop'] = async ({ keepLogs }) => {
    child.stdin.end(keepLogs ? 'keep\n' : '')
    await gone
  }
  return { addressFile, logs, stop }
}

/** The run's control plane, or one of the suite's own that ends with it where there is none. */
export async function useCluster (t: Test): Promise<Cluster> {
  const shared = process.env[sharedClusterVariable] ?? ''
  const addressFile = shared === '' ? await startOwn(t) : shared
  const address = readAddress(addressFile)
  const audit = followAuditLog(address.auditLog)
  t.teardown(() => {
    audit.close()
    if (!t.passing()) t.comment(`logs of the control plane: ${address.logs}`)
  })
  return { address, kubectl: createKubectl(address), audit }
}

async function startOwn (t: Test): Promise<string> {
  const { addressFile, stop } = await startCluster()
  t.teardown(async () => { await stop({ keepLogs: !t.passing() }) })
  return addressFile
}

function readAddress (file: string): ControlPlaneAddress {
  return JSON.parse(readFileSync(file, 'utf8')) as ControlPlaneAddress
}
