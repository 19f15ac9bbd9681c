/**
 * Builds the real programs that tests run (the kubelet's own matching, the API server …) from the Go modules beside
 * this file, once, into a cache folder outside the tree.
 *
 * `npm run tools:build [name …]` builds what is named, else the default ones; `npm run cluster:build` builds what
 * test/cluster needs. A program is looked for in
 * `KUBEBUILDER_ASSETS` first, then in `$XDG_CACHE_HOME/pullpass-tools/<hash of what it is built from>/`.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const here = fileURLToPath(new URL('.', import.meta.url))

const kubernetesVersion = { gitVersion: 'v1.37.2', gitMajor: '1', gitMinor: '37' }

// Without the stamp kubectl refuses to talk to the API server.
const versionStamp = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((path) =>
  Object.entries(kubernetesVersion).map(([name, value]) => `-X ${path}.${name}=${value}`))

interface Tool {
  /** The folder beside this file that holds the go.mod. */
  readonly module: string
  /** What `go build` is given; one that begins with `./` is source of ours and part of the hash. */
  readonly package: string
  /** Linker flags beside `-s -w`. */
  readonly stamp: readonly string[]
  /** Whether the ecosystem's folder of binaries may hold it. */
  readonly inKubebuilderAssets: boolean
}

/** Every program that tests may run as a process. A new one is a row here (and an import in its tools.go). */
export const tools = {
  'kubelet-oracle': { module: 'kubernetes', package: './kubelet-oracle', stamp: [], inKubebuilderAssets: false },
  'kube-apiserver': {
    module: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kube-apiserver', stamp: versionStamp, inKubebuilderAssets: true
  },
  'kube-controller-manager': {
    module: 'kubernetes',
    package: 'k8s.io/kubernetes/cmd/kube-controller-manager',
    stamp: versionStamp,
    inKubebuilderAssets: false
  },
  kubectl: {
    module: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kubectl', stamp: versionStamp, inKubebuilderAssets: true
  },
  etcd: { module: 'etcd', package: 'go.etcd.io/etcd/server/v3', stamp: [], inKubebuilderAssets: true },
  'workflow-controller': {
    module: 'argo',
    package: 'github.com/argoproj/argo-workflows/v3/cmd/workflow-controller',
    stamp: [],
    inKubebuilderAssets: false
  }
} as const satisfies Record<string, Tool>

export type ToolName = keyof typeof tools

/** The tools that a plain `npm run tools:build` builds: those that the default tests use. */
export const defaultTools: readonly ToolName[] = ['kubelet-oracle']

/** What the control plane of `test/cluster` is made of, and its client. */
export const controlPlaneTools = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const

// Words that stand for several tools.
const groups: Readonly<Record<string, readonly ToolName[]>> = {
  cluster: [...controlPlaneTools, 'workflow-controller']
}

/** A tool that can be run, or why not together with the command that would bring it. */
export type FoundTool =
  | { readonly path: string }
  | { readonly missing: string, readonly bring: string }

export type Environment = Readonly<Record<string, string | undefined>>

/** Whether the word names a row of the table. */
export function isToolName (word: string): word is ToolName {
  return Object.hasOwn(tools, word)
}

/** Looks for a built tool; builds nothing. */
export async function findTool (name: ToolName, environment: Environment = process.env): Promise<FoundTool> {
  const assets = environment['KUBEBUILDER_ASSETS']
  const places = [join(await cacheFolder(name, environment), name)]
  if (tools[name].inKubebuilderAssets && assets !== undefined && assets !== '') places.unshift(join(assets, name))
  for (const path of places) {
    if (await isExecutable(path)) return { path }
  }
  return { missing: 'it has not been built yet', bring: commandFor(name) }
}

/**
 * Looks for a tool and builds it where it is missing. "Missing" is the answer where Go is not installed or its
 * modules cannot be had; source that does not compile is an exception, as no machine would get any further.
 */
export async function buildTool (name: ToolName, environment: Environment = process.env): Promise<FoundTool> {
  const found = await findTool(name, environment)
  if ('path' in found) return found
  if (!await isOnPath('go', environment)) {
    return { missing: 'go is not installed', bring: `install Go 1.26 or later, then ${commandFor(name)}` }
  }
  const options = { cwd: join(here, tools[name].module), env: environment, maxBuffer: 64 * 1024 * 1024 }
  try {
    await run('go', ['list', '-deps', tools[name].package], options)
  } catch (error) {
    return {
      missing: `its Go modules cannot be loaded (${firstLine(error)})`,
      bring: `a Go module proxy that answers, then ${commandFor(name)}`
    }
  }
  return { path: await compile(name, environment) }
}

function commandFor (name: ToolName): string {
  return groups['cluster']?.includes(name) === true ? 'npm run cluster:build' : `npm run tools:build ${name}`
}

/** Why a test that needs the tool is skipped, for tap's `skip` option; false where the tool is there. */
export function describeMissing (name: ToolName, tool: FoundTool): string | false {
  return 'missing' in tool ? `${name}: ${tool.missing}; to run it: ${tool.bring}` : false
}

// Built beside its place and moved there whole, so that a broken build or a second one at the same time does no harm.
async function compile (name: ToolName, environment: Environment): Promise<string> {
  const tool: Tool = tools[name]
  const folder = await cacheFolder(name, environment)
  await mkdir(folder, { recursive: true })
  const building = await mkdtemp(join(folder, '.building-'))
  try {
    const flags = ['-trimpath', '-ldflags', ['-s', '-w', ...tool.stamp].join(' ')]
    const options = { cwd: join(here, tool.module), env: environment, maxBuffer: 64 * 1024 * 1024 }
    await run('go', ['build', ...flags, '-o', join(building, name), tool.package], options)
    await rename(join(building, name), join(folder, name))
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return join(folder, name)
}

// The hash holds everything of ours that decides how the program comes out.
async function cacheFolder (name: ToolName, environment: Environment): Promise<string> {
  const tool: Tool = tools[name]
  const module = join(here, tool.module)
  const hash = createHash('sha256').update(JSON.stringify(tool))
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(module, file)))
  if (tool.package.startsWith('./')) {
    const files = (await readdir(join(module, tool.package))).filter((file) => file.endsWith('.go')).sort()
    for (const file of files) hash.update(file).update(await readFile(join(module, tool.package, file)))
  }
  const cache = environment['XDG_CACHE_HOME'] ?? ''
  const base = cache === '' ? join(homedir(), '.cache') : cache
  return join(base, 'pullpass-tools', hash.digest('hex').slice(0, 16))
}

async function isOnPath (program: string, environment: Environment): Promise<boolean> {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const found = await Promise.all(folders.map((folder) => isExecutable(join(folder, program))))
  return found.includes(true)
}

async function isExecutable (path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(() => true, () => false)
}

function firstLine (error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  return text.trim().split('\n', 1)[0] ?? ''
}

async function main (words: readonly string[]): Promise<number> {
  const names: readonly string[] = words.flatMap<string>((word) => groups[word] ?? [word])
  const unknown = names.filter((word) => !isToolName(word))
  if (unknown.length > 0) {
    console.error(`building tools: unknown ${unknown.join(', ')}; known are ${[...Object.keys(tools), ...Object.keys(groups)].join(', ')}`)
    return 2
  }
  let missing = 0
  for (const name of names.length > 0 ? names.filter(isToolName) : defaultTools) {
    const built = await buildTool(name)
    if ('missing' in built) missing += 1
    console.log(`${name}: ${'path' in built ? built.path : `${built.missing}; to get it: ${built.bring}`}`)
  }
  return missing === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
