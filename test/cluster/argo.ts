/** Argo Workflows' own resource definitions, taken from its Go module: nothing of it is kept in this tree. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { askUntil } from './bounded.ts'
import type { Kubectl } from './kubectl.ts'

const run = promisify(execFile)
const goModule = fileURLToPath(new URL('../tools/argo', import.meta.url))
const modulePath = 'github.com/argoproj/argo-workflows/v3'

/** The folder of Argo's module on this machine, or why it is not there with the command that brings it. */
export async function findArgoModule (): Promise<{ readonly folder: string } | { readonly missing: string }> {
  try {
    const { stdout } = await run('go', ['list', '-m', '-f', '{{.Dir}}', modulePath], {
      cwd: goModule, env: { ...process.env, GOPROXY: 'off' }
    })
    if (stdout.trim() !== '') return { folder: stdout.trim() }
  } catch {
    // No Go, or a module cache that lacks it: the same to the tests.
  }
  return { missing: 'Argo\'s Go module: it is not on this machine; to run it: npm run cluster:build' }
}

/**
 * Applies full definitions, which check and prune what is created, and waits until the API server serves them. They
 * are common to all suites; each is several MB, so that a suite names those that it needs.
 *
 * @param kinds plural names in lower case, `workflows`.
 */
export async function applyArgoDefinitions (kubectl: Kubectl, kinds: readonly string[]): Promise<void> {
  await applyDefinitions(kubectl, kinds, 'full')
}

/**
 * Sees to it that definitions are there, for who does not care what they check: those that are not get Argo's minimal
 * form, which costs the API server a hundredth. One that a suite made in full stays as it is.
 *
 * @param kinds as for `applyArgoDefinitions`.
 */
export async function ensureArgoDefinitions (kubectl: Kubectl, kinds: readonly string[]): Promise<void> {
  const { stdout } = await kubectl.ok(['get', 'customresourcedefinitions', '-o', 'name'])
  const missing = kinds.filter((kind) => !stdout.includes(`/${kind}.argoproj.io\n`))
  if (missing.length > 0) await applyDefinitions(kubectl, missing, 'minimal')
}

async function applyDefinitions (kubectl: Kubectl, kinds: readonly string[], form: 'full' | 'minimal'): Promise<void> {
  const found = await findArgoModule()
  if ('missing' in found) throw new Error(`applying Argo's resource definitions: ${found.missing}`)
  const file = (kind: string): string => join(found.folder, 'manifests/base/crds', form, `argoproj.io_${kind}.yaml`)
  // Too big for the annotation of a client-side apply.
  const flags = ['apply', '--server-side', ...kinds.flatMap((kind) => ['-f', file(kind)])]
  const { code } = await kubectl.run(flags)
  // Two suites that create the same definition at once get in each other's way; then it is there.
  if (code !== 0) await kubectl.ok(flags)
  // `kubectl wait` gives up on a definition that has no conditions yet.
  for (const kind of kinds) {
    const isServed = async (): Promise<boolean> =>
      (await kubectl.run(['get', '--raw', `/apis/argoproj.io/v1alpha1/${kind}?limit=1`])).code === 0
    await askUntil(isServed, `the API server does not serve ${kind}`)
  }
  // What it serves and what it lists are brought up to date apart, and kubectl creates only what is listed.
  const areListed = async (): Promise<boolean> => {
    const { stdout } = await kubectl.ok(['api-resources', '--api-group=argoproj.io', '-o', 'name'])
    return kinds.every((kind) => stdout.split('\n').includes(`${kind}.argoproj.io`))
  }
  await askUntil(areListed, `the API server does not list ${kinds.join(', ')}`)
}
