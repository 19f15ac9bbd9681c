// The main job as in a cluster, on the embedded default: a server, two reviews over HTTPS, the patched objects.
// Starts and ends everything itself, on free ports, in a temporary folder; leaves nothing behind.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text as readAll } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs, styleText } from 'node:util'
import { createTwoFilesPatch } from 'diff'
import { applyPatch } from 'rfc6902'
import { parse, stringify } from 'yaml'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = join(root, 'src/main.ts')
const cluster = 'examples/cluster'
const workloads = ['examples/workloads/pod.yaml', 'examples/workloads/workflow.yaml']
const { values: { plain } } = parseArgs({ options: { plain: { type: 'boolean', default: false } } })
const colours = !plain && process.stdout.isTTY && !process.env['NO_COLOR']

type Style = Parameters<typeof styleText>[0]
const styled = (style: Style, text: string): string => colours ? styleText(style, text) : text
const say = (text = ''): void => { console.log(text) }

interface Server {
  readonly process: ChildProcess
  readonly port: number
}

/** Starts `pullpass serve` and waits for the log line that says where it listens. */
async function startServer (certificates: string): Promise<Server> {
  const flags = ['serve', '--manifests', cluster, '--listen', '127.0.0.1:0', '--status-listen', '127.0.0.1:0',
    '--drain-seconds', '0', '--development-certificates', certificates]
  const child = spawn(process.execPath, [main, ...flags], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const errors = readAll(child.stderr)
  for await (const line of createInterface({ input: child.stdout })) {
    const { level, msg, listen = '' } = JSON.parse(line) as Record<string, string>
    if (level === 'warn') say(styled('yellow', `  note: ${msg}`))
    if (msg !== 'serving') continue
    child.stdout.resume()
    return { process: child, port: Number(listen.split(':').at(-1)) }
  }
  throw new Error(`the server did not start: ${await errors}`)
}

interface Answer {
  readonly patch: Parameters<typeof applyPatch>[1]
  readonly warnings: readonly string[]
}

/** Sends an object as the API server would and gives the decoded patch. */
async function review (object: Record<string, unknown>, server: Server, authority: string): Promise<Answer> {
  const isPod = object['kind'] === 'Pod'
  const { namespace } = object['metadata'] as { namespace: string }
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'b1f1c5b4-0000-4000-8000-000000000001',
      resource: isPod
        ? { group: '', version: 'v1', resource: 'pods' }
        : { group: 'argoproj.io', version: 'v1alpha1', resource: 'workflows' },
      operation: 'CREATE',
      namespace,
      object
    }
  })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const call = request({
    host: 'localhost',
    port: server.port,
    path: '/mutate?timeout=5s',
    method: 'POST',
    ca: authority,
    headers: { 'content-type': 'application/json' }
  }, (response) => { readAll(response).then(resolve, reject) })
  call.on('error', reject)
  call.end(body)
  const { response } = JSON.parse(await promise) as { response: { patch?: string, warnings?: string[] } }
  const patch = JSON.parse(Buffer.from(response.patch ?? 'W10=', 'base64').toString()) as Answer['patch']
  return { patch, warnings: response.warnings ?? [] }
}

async function explain (file: string): Promise<string> {
  const flags = ['explain', '-f', file, '--manifests', cluster]
  const child = spawn(process.execPath, [main, ...flags], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
  return await readAll(child.stdout)
}

/** The object as YAML, before and after, without the lines that say which file is which. */
function difference (before: object, after: object): string {
  const [unchanged, changed] = [before, after].map((object) => stringify(object))
  return createTwoFilesPatch('before', 'after', unchanged ?? '', changed ?? '', '', '', { context: 2 })
    .split('\n').slice(4)
    .filter((line) => !line.startsWith('\\'))
    .map((line) => line.startsWith('+') ? styled('green', line) : styled('dim', line))
    .map((line) => `  ${line}`.trimEnd()).join('\n')
}

async function show (file: string, server: Server, authority: string): Promise<void> {
  const object = parse(await readFile(join(root, file), 'utf8')) as Record<string, unknown>
  const { namespace } = object['metadata'] as { namespace: string }
  say(`\n${styled('bold', `${String(object['kind'])} in ${namespace}`)}  (${file})\n`)
  say((await explain(file)).trimEnd().replace(/^/gm, '  '))
  const { patch, warnings } = await review(object, server, authority)
  const after = structuredClone(object)
  applyPatch(after, patch)
  say(`\n  The webhook answers over HTTPS: allowed, ${patch.length} patch operation(s), ${warnings.length} warning(s).\n`)
  say(difference(object, after))
}

async function stop ({ process: child }: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.once('exit', resolve)
  child.kill('SIGTERM')
  const code = await promise
  if (code !== 0) throw new Error(`the server ended with ${code}`)
}

const folder = await mkdtemp(join(tmpdir(), 'pullpass-demo-'))
try {
  say(styled('bold', `Pullpass on ${cluster}: two teams, three registries, one broken secret`))
  const server = await startServer(folder)
  try {
    const authority = await readFile(join(folder, 'ca.crt'), 'utf8')
    for (const file of workloads) await show(file, server, authority)
  } finally {
    await stop(server)
  }
  say('\nNext: npm start keeps the server running and prints a curl line; npx pullpass --help lists the commands.')
} finally {
  await rm(folder, { recursive: true, force: true })
}
