// What an admission costs, against a bare server, side by side in one run (docs/performance.md).
//   npm run bench                                         the table for people
//   npm run bench -- --json                               the same for machines
//   npm run bench -- --rounds 7 --requests 20000          longer
//   npm run bench -- --url https://HOST:PORT/PATH --ca FILE   only the load, on a server that runs already
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { makeBodies, type BenchBody } from './bodies.ts'
import { writeClusterFolder, type ClusterSize } from './cluster-folder.ts'
import { applyLoad, percentile, type LoadShape, type Target } from './load.ts'
import { formatTable, median, type Row } from './report.ts'
import { readServePort, startServer, type ServerProcess } from './server-process.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const program = join(root, 'dist/main.js')
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    requests: { type: 'string', default: '10000' },
    url: { type: 'string' },
    ca: { type: 'string' }
  }
})
const rounds = Number(values.rounds)
const requests = Number(values.requests)
const smallCluster: ClusterSize = { namespaces: 10, credentials: 10 }
const largeCluster: ClusterSize = { namespaces: 10_000, credentials: 200 }

interface Contender {
  readonly name: string
  readonly target: Target
  /** Absent for a server that somebody else runs. */
  readonly process?: ServerProcess
}

/** One measurement: requests a second, CPU a request in µs, latencies in ms. */
type Sample = Readonly<Record<'perSecond' | 'cpuMicroseconds' | 'p50' | 'p99', number>>

async function measure ({ target, process: server }: Contender, body: BenchBody, shape: LoadShape): Promise<Sample> {
  const before = server?.cpuSeconds() ?? Number.NaN
  const { latencies, seconds, requests: done } = await applyLoad(target, body.bytes, shape)
  const used = (server?.cpuSeconds() ?? Number.NaN) - before
  return {
    perSecond: done / seconds,
    cpuMicroseconds: used * 1e6 / done,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99)
  }
}

/** All contenders in turn, round by round, so that what disturbs the machine disturbs all of them. */
async function compare (contenders: readonly Contender[], body: BenchBody, shape: LoadShape): Promise<Row[]> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]))
  const warmUp = { ...shape, requests: Math.ceil(shape.requests / 2) }
  for (const contender of contenders) await measure(contender, body, warmUp)
  for (let round = 0; round < rounds; round += 1) {
    const inTurn = round % 2 === 0 ? contenders : contenders.toReversed()
    for (const contender of inTurn) samples.get(contender.name)?.push(await measure(contender, body, shape))
  }
  const load = shape.rate === undefined ? `${shape.connections} connections` : `${shape.rate} req/s`
  return contenders.map(({ name, process: server }) => {
    const middle = (key: keyof Sample): number => median((samples.get(name) ?? []).map((sample) => sample[key]))
    return {
      body: body.name,
      load,
      server: name,
      perSecond: middle('perSecond'),
      cpuMicroseconds: middle('cpuMicroseconds'),
      p50: middle('p50'),
      p99: middle('p99'),
      peakMemoryMiB: server?.peakMemoryMiB() ?? Number.NaN
    }
  })
}

/** Requests that take about as long whatever the size of the body. */
function requestsFor (body: BenchBody): number {
  return Math.max(200, Math.round(requests * Math.min(1, 8 * 1024 / body.bytes.length)))
}

async function runAll (contenders: readonly Contender[], bodies: readonly BenchBody[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const body of bodies) {
    rows.push(...await compare(contenders, body, { connections: 10, requests: requestsFor(body) }))
  }
  const steady = { connections: 20, requests: Math.min(requests, 5000), rate: 1000 }
  for (const body of bodies.slice(0, 1)) rows.push(...await compare(contenders, body, steady))
  return rows
}

async function startOurs (folder: string, size: ClusterSize, certificates: string): Promise<ServerProcess> {
  await writeClusterFolder(folder, size)
  const flags = ['serve', '--manifests', folder, '--own-namespace', 'pullpass', '--development-certificates', certificates, '--drain-seconds', '0',
    '--listen', '127.0.0.1:0', '--status-listen', '127.0.0.1:0']
  return await startServer([program, ...flags], readServePort)
}

async function runHere (): Promise<Row[]> {
  execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root, stdio: 'inherit' })
  const folder = await mkdtemp(join(tmpdir(), 'pullpass-bench-'))
  const servers: ServerProcess[] = []
  try {
    const certificates = join(folder, 'certificates')
    servers.push(await startOurs(join(folder, 'small'), smallCluster, certificates))
    servers.push(await startOurs(join(folder, 'large'), largeCluster, certificates))
    const bare = [join(root, 'bench/bare-server.ts'), join(certificates, 'tls.crt'), join(certificates, 'tls.key')]
    servers.push(await startServer(bare, Number))
    const authority = await readFile(join(certificates, 'ca.crt'))
    const names = ['pullpass', 'pullpass, 10,000 namespaces', 'bare node:https']
    const contenders = servers.map((server, index): Contender => ({
      name: names[index] ?? '',
      target: { host: '127.0.0.1', port: server.port, path: '/mutate?timeout=5s', authority },
      process: server
    }))
    return await runAll(contenders, makeBodies())
  } finally {
    for (const server of servers) await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function runElsewhere (url: URL, authorityFile: string): Promise<Row[]> {
  const authority = await readFile(authorityFile)
  const target = { host: url.hostname, port: Number(url.port || 443), path: url.pathname + url.search, authority }
  return await runAll([{ name: url.host, target }], makeBodies())
}

const rows = values.url === undefined ? await runHere() : await runElsewhere(new URL(values.url), values.ca ?? '')
const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version, rounds, requests }
console.log(values.json ? JSON.stringify({ machine, rows }) : formatTable(machine, rows))
