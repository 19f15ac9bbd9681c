// Runs the tests as `npm test` does: everything that this machine can run, with what it lacks skipped by name.
//   npm test                          all tests, then the coverage check
//   npm test -- test/core             some files or folders, without the coverage check
//   npm test -- test/x.test.ts --bail anything that starts with a dash goes to tap
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { findMissingTools, sharedClusterVariable, startCluster } from '../test/cluster/cluster.ts'
import type { StartedCluster } from '../test/cluster/cluster.ts'
import { checkCoverage } from './coverage.ts'
import { TapReader, closingLine, countTests, faultsOf } from './tap-results.ts'
import type { TapNode, TapTotals } from './tap-results.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const tap = fileURLToPath(import.meta.resolve('tap').replace(/\/dist\/.*$/, '/dist/esm/run.mjs'))
const toolsScript = 'test/tools/build.ts'
const passingLine = /^ *(ok\b.*|1\.\.\d+|# (Subtest|time).*|TAP version.*|)$/
const environment = { ...process.env, PATH: `${root}node_modules/.bin:${process.env['PATH'] ?? ''}` }

// `npm ci --ignore-scripts` leaves tap without its plugin set, and then every test fails.
function buildTap (): void {
  if (existsSync(`${root}.tap/plugins/package.json`)) return
  console.log('building tap\'s plugin set, once')
  spawnSync(process.execPath, [tap, 'build'], { cwd: root, env: environment, stdio: 'inherit' })
}

// A tool that cannot be built is no failure here: the tests that need it say so and are skipped by name.
function buildTools (): void {
  if (!existsSync(`${root}${toolsScript}`)) return
  if (spawnSync('go', ['version'], { env: environment }).status !== 0) {
    console.log('go is missing: the tests against the real tools are skipped')
    return
  }
  const built = spawnSync(process.execPath, [toolsScript], { cwd: root, env: environment, stdio: 'inherit' })
  if (built.status !== 0) console.log(`missing: node ${toolsScript} did not build every tool; see above`)
}

function expandFolders (names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    if (name.startsWith('-') || !existsSync(name) || !statSync(name).isDirectory()) return [name]
    return globSync(`${name.replace(/\/$/, '')}/**/*.test.ts`).toSorted()
  })
}

// One control plane for all the files that need it, which tap runs one process each (test/cluster/README.md).
async function startSharedCluster (names: readonly string[]): Promise<StartedCluster | undefined> {
  const needed = names.length === 0 || names.some((name) => name.startsWith('test/cluster/'))
  if (!needed || await findMissingTools() !== false) return undefined
  return await startCluster()
}

async function stopSharedCluster (cluster: StartedCluster | undefined, keepLogs: boolean): Promise<void> {
  await cluster?.stop({ keepLogs })
  if (keepLogs && cluster !== undefined) console.log(`\n  logs of the control plane: ${cluster.logs}`)
}

function printFile (file: TapNode, lines: readonly string[]): void {
  const { passed, failed, skipped } = countTests([file])
  const skips = skipped.length > 0 ? `, ${skipped.length} skipped` : ''
  if (failed.length === 0) {
    console.log(`  ok      ${file.name}  ${passed} passed${skips}`)
    return
  }
  console.log(`  FAILED  ${file.name}  ${failed.length} failed, ${passed} passed${skips}`)
  console.log(lines.filter((line) => !passingLine.test(line)).map((line) => `    ${line}`).join('\n'))
}

interface TapRun {
  readonly files: readonly TapNode[]
  readonly exitCode: number | null
}

async function runTap (names: readonly string[], cluster: StartedCluster | undefined): Promise<TapRun> {
  const shared = cluster === undefined ? {} : { [sharedClusterVariable]: cluster.addressFile }
  const child = spawn(process.execPath, [tap, '--reporter=tap', '--coverage-report=json', ...names], {
    cwd: root, env: { ...environment, ...shared }, stdio: ['ignore', 'pipe', 'inherit']
  })
  const ended = new Promise<number | null>((resolve) => { child.once('close', resolve) })
  const reader = new TapReader()
  const files: TapNode[] = []
  let lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    const file = reader.push(line)
    if (file === undefined) continue
    files.push(file)
    printFile(file, lines)
    lines = []
  }
  return { files, exitCode: await ended }
}

function printSkipped (totals: TapTotals): void {
  if (totals.skipped.length === 0) return
  console.log('\n  skipped:')
  for (const { name, reason } of totals.skipped) console.log(`    ${name}: ${reason === '' ? 'no reason given' : reason}`)
}

async function main (names: readonly string[]): Promise<boolean> {
  const whole = names.length === 0
  buildTap()
  if (whole) buildTools()
  const files = expandFolders(names)
  const cluster = await startSharedCluster(files)
  const run = await runTap(files, cluster)
  const totals = countTests(run.files)
  const covered = whole ? checkCoverage() : true
  printSkipped(totals)
  const faults = [...faultsOf({ totals, exitCode: run.exitCode, skipsAllowed: process.env['CI'] !== 'true' })]
  if (!covered) faults.push('too little is covered; see above')
  await stopSharedCluster(cluster, faults.length > 0)
  if (faults.length > 0) console.log(`\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
  console.log(`\n${closingLine(totals)}`)
  return faults.length === 0
}

if (!await main(process.argv.slice(2))) process.exitCode = 1
