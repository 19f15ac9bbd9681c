// The main job as in a cluster, on the embedded default: a server, three reviews over HTTPS, what they change.
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
const shadowed = 'examples/workloads/lab-pod.yaml'
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
  const flags = ['serve', '--manifests', cluster, '--own-namespace', 'pullpass', '--listen', '127.0.0.1:0', '--status-listen', '127.0.0.1:0',
    '--drain-seconds', '0', '--development-certificates', certificates]
  const child = spawn(process.execPath, [main, ...flags], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const errors = readAll(child.stderr)
  const broken = new Map<string, string[]>()
  for await (const line of createInterface({ input: child.stdout })) {
    const { level, msg = '', credential = '', listen = '' } = JSON.parse(line) as Record<string, string>
    if (level === 'warn') broken.set(credential, [...broken.get(credential) ?? [], msg])
    if (msg !== 'serving') continue
    for (const [name, why] of broken) say(styled('yellow', `\nLeft out at start: ${name}\n  ${why.join('\n  ')}`))
    child.stdout.resume()
    return { process: child, port: Number(listen.split(':').at(-1)) }
  }
  throw new Error(`the server did not start: ${await errors}`)
}

interface Answer {
  readonly patch: Parameters<typeof applyPatch>[1]
  readonly warnings: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
}

interface Endpoint {
  readonly port: number
  /** The API server calls /mutate for namespaces labelled `enabled`, /shadow for those labelled `shadow`. */
  readonly path: '/mutate' | '/shadow'
  readonly authority: string
}

/** Sends an object as the API server would and gives what came back, the patch decoded. */
async function review (object: Record<string, unknown>, { port, path, authority }: Endpoint): Promise<Answer> {
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
    port,
    path: `${path}?timeout=5s`,
    method: 'POST',
    ca: authority,
    headers: { 'content-type': 'application/json' }
  }, (response) => { readAll(response).then(resolve, reject) })
  call.on('error', reject)
  call.end(body)
  const { response } = JSON.parse(await promise) as { response: RawResponse }
  const patch = JSON.parse(Buffer.from(response.patch ?? 'W10=', 'base64').toString()) as Answer['patch']
  return { patch, warnings: response.warnings ?? [], annotations: response.auditAnnotations ?? {} }
}

interface RawResponse {
  readonly patch?: string
  readonly warnings?: readonly string[]
  readonly auditAnnotations?: Readonly<Record<string, string>>
}

async function explain (file: string): Promise<string> {
  const flags = ['explain', '-f', file, '--manifests', cluster, '--own-namespace', 'pullpass']
  const child = spawn(process.execPath, [main, ...flags], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
  return await readAll(child.stdout)
}

/** The object as YAML, before and after, without the lines that say which file is which. */
function difference (before: object, after: object): string {
  const [unchanged, changed] = [before, after].map((object) => stringify(object))
  return createTwoFilesPatch('before', 'after', unchanged ?? '', changed ?? '', '', '', { context: 1 })
    .split('\n').slice(4)
    .filter((line) => !line.startsWith('\\'))
    .map((line) => line.startsWith('+') ? styled('green', line) : styled('dim', line))
    .map((line) => `  ${line}`.trimEnd()).join('\n').trimEnd()
}

async function readObject (file: string): Promise<Record<string, unknown>> {
  const object = parse(await readFile(join(root, file), 'utf8')) as Record<string, unknown>
  const { namespace } = object['metadata'] as { namespace: string }
  say(`\n${styled('bold', `${String(object['kind'])} in ${namespace}`)}  (${file})`)
  return object
}

async function show (file: string, endpoint: Endpoint): Promise<void> {
  const object = await readObject(file)
  say((await explain(file)).trimEnd().replace(/^/gm, '  '))
  const { patch, warnings } = await review(object, endpoint)
  const after = structuredClone(object)
  applyPatch(after, patch)
  say(`\n  The webhook allows it${patch.length === 0 ? ' and changes nothing' : ', with this change'}:`)
  for (const warning of warnings) say(styled('yellow', `  Warning: ${warning}`))
  say(difference(object, after))
}

async function showShadow (file: string, endpoint: Endpoint): Promise<void> {
  const { patch, annotations } = await review(await readObject(file), { ...endpoint, path: '/shadow' })
  const changes = patch.length === 0 ? 'changes nothing' : 'CHANGES IT, which it must not'
  say(`  The namespace is labelled shadow. The webhook allows the pod and ${changes}; the audit log would hold:`)
  for (const [key, value] of Object.entries(annotations)) say(styled('green', `    ${key}: ${value}`))
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
  say(styled('bold', `Pullpass on ${cluster}: three teams, four secrets, one of them broken`))
  const server = await startServer(folder)
  try {
    const authority = await readFile(join(folder, 'ca.crt'), 'utf8')
    const endpoint: Endpoint = { port: server.port, path: '/mutate', authority }
    for (const file of workloads) await show(file, endpoint)
    await showShadow(shadowed, endpoint)
  } finally {
    await stop(server)
  }
  say('\nNext: npm start keeps the server running and prints a curl line; npx pullpass --help lists the commands.')
} finally {
  await rm(folder, { recursive: true, force: true })
}
