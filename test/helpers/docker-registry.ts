/** A real registry (Debian's docker-registry) as a process on loopback, over plain HTTP, with what a test pushes. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import { spawnLeashed } from './leash.ts'

const program = 'docker-registry'
const startWithinMs = 10_000
const askWithinMs = 10_000
const killAfterMs = 5000
const blobType = 'application/octet-stream'

/** What the image of a test starts; the rest of it is empty. */
export interface TinyImage {
  readonly entrypoint: readonly string[]
  readonly cmd?: readonly string[]
}

/** The only login of a registry. */
export interface RegistryLogin {
  readonly user: string
  /** Random: the registry makes it anew at each start. */
  readonly password: string
}

/** A running registry; it keeps its images in memory. */
export interface DockerRegistry {
  /** `127.0.0.1:PORT`, which begins references to its images. Clients of the Go world use plain HTTP for it. */
  readonly host: string
  /** Absent where everybody may pull and push. */
  readonly login?: RegistryLogin
  /** Pushes a tiny image as `repository:tag` and gives its reference. */
  readonly push: (name: string, image: TinyImage) => Promise<string>
  /** SIGTERM, then SIGKILL when it has not ended after 5 seconds. Resolves when it is gone. */
  readonly stop: () => Promise<void>
}

/** Why tests that need a registry are skipped, for tap's `skip`, with the command that brings it; false: they run. */
export function findMissingDockerRegistry (): string | false {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  if (folders.some((folder) => isExecutable(join(folder, program)))) return false
  return `${program}: it is not installed; to run it: apt-get install ${program}`
}

/**
 * Starts a registry on a free port and resolves when it listens; rejects, with what it said, when it ends or does not
 * come up in 10 seconds.
 *
 * @param options.anonymous whether it asks nobody for a login; default false.
 */
export async function startDockerRegistry (
  { anonymous = false }: { readonly anonymous?: boolean } = {}
): Promise<DockerRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'pullpass-registry-'))
  const configuration = join(folder, 'config.json')
  writeFileSync(configuration, JSON.stringify(buildConfiguration(folder, anonymous)))
  const child = spawnLeashed({ path: program, flags: ['serve', configuration], folder, stderr: 'pipe' })
  const gone = once(child, 'exit')
  const stop = async (): Promise<void> => {
    const kill = setTimeout(() => { child.kill('SIGKILL') }, killAfterMs)
    child.kill('SIGTERM')
    await gone.catch(() => undefined).finally(() => { clearTimeout(kill) })
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const { host, login } = await readAnnouncement(child.stderr, gone)
    if (!anonymous && login === undefined) throw new Error(`starting ${program}: it announced no login`)
    const address = { host, ...login && { login } }
    return { ...address, push: async (name, image) => await pushImage(address, name, image), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A docker config, as text, that holds the login of a registry; no entry where it has none. */
export function buildDockerConfig ({ host, login }: Pick<DockerRegistry, 'host' | 'login'>): string {
  const auths = login === undefined ? {} : { [host]: { username: login.user, password: login.password } }
  return JSON.stringify({ auths })
}

// Where the file of logins is missing, the registry makes it, with one user, and tells the password in its log.
function buildConfiguration (folder: string, anonymous: boolean) {
  return {
    version: 0.1,
    log: { formatter: 'json', accesslog: { disabled: true } },
    storage: { inmemory: {} },
    http: { addr: '127.0.0.1:0' },
    ...anonymous ? {} : { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } }
  }
}

/** A line of the registry's log, as far as it matters here. */
interface LogLine {
  readonly msg?: string
  readonly user?: string
  readonly password?: string
}

type Address = Pick<DockerRegistry, 'host' | 'login'>

async function readAnnouncement (log: NodeJS.ReadableStream | null, gone: Promise<unknown>): Promise<Address> {
  const { promise, resolve, reject } = Promise.withResolvers<Address>()
  const said: string[] = []
  let login: RegistryLogin | undefined
  if (log === null) throw new Error(`starting ${program}: its output cannot be read`)
  createInterface({ input: log }).on('line', (line) => {
    const { msg = line, user, password } = parseLine(line)
    said.push(msg)
    if (user !== undefined && password !== undefined) login = { user, password }
    const host = /^listening on (\S+)$/.exec(msg)?.[1]
    if (host !== undefined) resolve({ host, ...login && { login } })
  })
  const fail = (what: string): void => { reject(new Error(`starting ${program}: ${what}: ${said.join('; ')}`)) }
  gone.then(() => { fail('it ended') }, reject)
  const timer = setTimeout(() => { fail(`it does not listen after ${startWithinMs} ms`) }, startWithinMs)
  return await promise.finally(() => { clearTimeout(timer) })
}

function parseLine (line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine
  } catch {
    return {} // A complaint about its configuration is plain text.
  }
}

/** The body of a request. */
interface Content {
  readonly type: string
  readonly bytes: Buffer<ArrayBuffer>
}

/** By the distribution API: each blob in one piece, then the manifest under its tag. */
async function pushImage ({ host, login }: Address, name: string, image: TinyImage): Promise<string> {
  const [repository = '', tag = ''] = name.split(':')
  const ask = async (method: string, url: URL, body: Content): Promise<Response> => {
    const headers = { 'content-type': body.type, ...login && { authorization: basicAuthorization(login) } }
    const signal = AbortSignal.timeout(askWithinMs)
    const response = await fetch(url, { method, headers, body: body.bytes, signal })
    if (response.ok) return response
    throw new Error(`pushing ${name}: ${method} ${url.pathname}: ${response.status} ${await response.text()}`)
  }
  const base = new URL(`http://${host}/v2/${repository}/`)
  const { blobs, manifest } = buildImage(image)
  for (const blob of blobs) {
    const { headers } = await ask('POST', new URL('blobs/uploads/', base), { type: blobType, bytes: Buffer.alloc(0) })
    const upload = new URL(headers.get('location') ?? '', base)
    upload.searchParams.set('digest', digestOf(blob))
    await ask('PUT', upload, { type: blobType, bytes: blob })
  }
  await ask('PUT', new URL(`manifests/${tag}`, base), { type: manifest.mediaType, bytes: bytesOf(manifest) })
  return `${host}/${name}`
}

/** One layer: an archive with nothing in it, which is two blocks of zeros. */
function buildImage ({ entrypoint, cmd }: TinyImage) {
  const archive = Buffer.alloc(1024)
  const layer = Buffer.from(gzipSync(archive))
  const config = bytesOf({
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: entrypoint, ...cmd && { Cmd: cmd } },
    rootfs: { type: 'layers', diff_ids: [digestOf(archive)] }
  })
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: describeBlob('application/vnd.oci.image.config.v1+json', config),
    layers: [describeBlob('application/vnd.oci.image.layer.v1.tar+gzip', layer)]
  }
  return { blobs: [config, layer], manifest }
}

function describeBlob (mediaType: string, blob: Buffer) {
  return { mediaType, digest: digestOf(blob), size: blob.length }
}

function digestOf (bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function bytesOf (value: unknown): Buffer<ArrayBuffer> {
  return Buffer.from(JSON.stringify(value))
}

function basicAuthorization ({ user, password }: RegistryLogin): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function isExecutable (path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
