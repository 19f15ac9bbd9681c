/**
 * Owns one control plane: `node test/cluster/keeper.ts`. Prints one line when pods can be created, the path of a file
 * with its address; ends with the control plane when its standard input ends, so that whoever started it may die in any
 * way. A line `keep` before that keeps the logs.
 */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { removeFiles, startControlPlane, type ControlPlane } from './control-plane.ts'

async function keep (folder: string): Promise<boolean> {
  const words = createInterface({ input: process.stdin })
  let keepLogs = false
  words.on('line', (line) => { keepLogs ||= line === 'keep' })
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => { resolve() })
    words.once('close', () => { resolve() })
  })
  const starting = startControlPlane(folder)
  const running = await Promise.race([starting, told])
  if (running !== undefined) await serveUntil(told, folder, running)
  // Told to end while starting: what has been started is waited for, then ended.
  await starting.then(async ({ stop }) => { await stop() })
  words.close()
  return keepLogs
}

async function serveUntil (told: Promise<void>, folder: string, { address }: ControlPlane): Promise<void> {
  const file = join(folder, 'address.json')
  writeFileSync(file, JSON.stringify(address))
  process.stdout.write(`${file}\n`)
  await told
}

const folder = mkdtempSync(join(tmpdir(), 'pullpass-cluster-'))
try {
  removeFiles(folder, { keepLogs: await keep(folder) })
} catch (error) {
  const logs = join(folder, 'logs')
  const keepLogs = existsSync(logs)
  removeFiles(folder, { keepLogs })
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${keepLogs ? `\nlogs: ${logs}` : ''}\n`)
  process.exitCode = 1
}
