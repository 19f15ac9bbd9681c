import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import {
  findForbiddenContent, findLockFaults, findLooseVersions, installScripts, runtimePackages
} from './helpers/repository-rules.ts'
import type { Lock, Ranges } from './helpers/repository-rules.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8')
const lock = (JSON.parse(read('package-lock.json')) as { packages: Lock }).packages
const manifest = JSON.parse(read('package.json')) as {
  dependencies: Ranges, devDependencies: Ranges, optionalDependencies: Ranges, license: string, bin: Ranges
}

// What is new and not ignored counts too: it is about to be committed.
function listFiles (): readonly string[] {
  const { stdout, status, stderr } = spawnSync('git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`listing the repository's files by git: ${stderr}`)
  return stdout.split('\0').filter((path) => path !== '')
}

t.test('no private key, certificate or path of a machine is committed', async (t) => {
  const files = listFiles().flatMap((path) => {
    try {
      return [{ path, text: read(path) }]
    } catch {
      return [] // deleted, not yet staged
    }
  })
  t.ok(files.some(({ path }) => path === 'package.json'))
  t.same(findForbiddenContent(files), [])
})

const contents = [
  { name: 'a private key', text: `x\n-----BEGIN ${'RSA PRIVATE'} KEY-----`, fault: /private key/ },
  { name: 'a PKCS #8 private key', text: `-----BEGIN ${'PRIVATE'} KEY-----`, fault: /private key/ },
  { name: 'a certificate', text: `-----BEGIN ${'CERTIFICATE'}-----\nMIIB${'A'.repeat(60)}\n`, fault: /certificate/ },
  { name: 'a path of a machine', text: `see /${'work'}/main`, fault: /path of one machine/ }
]

for (const { name, text, fault } of contents) {
  t.test(`${name} is found`, async (t) => { t.match(findForbiddenContent([{ path: 'a', text }]), [fault]) })
}

t.test('words like them are left alone', async (t) => {
  t.same(findForbiddenContent([{ path: 'a', text: `a framework/x, ./${'work'}/x, '-----BEGIN ${'CERTIFICATE'}-----'` }]), [])
})

t.test('the licence is there and is the one that package.json names', async (t) => {
  t.equal(manifest.license, 'Apache-2.0')
  t.match(read('LICENSE'), /Apache License\s+Version 2\.0, January 2004/)
})

t.test('every direct dependency is one version', async (t) => {
  t.same(findLooseVersions({
    ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies
  }), [])
  t.same(findLooseVersions({ a: '^1.0.0', b: '1.0.0', c: 'latest', d: '1.x' }), ['a: ^1.0.0', 'c: latest', 'd: 1.x'])
})

t.test('the lockfile names no registry and checks every package', async (t) => {
  t.same(findLockFaults(lock), [])
  t.equal(findLockFaults({ 'node_modules/a': { resolved: 'x' } }).length, 2)
})

// 127 come with the packages of the design, most with client-node; more is a decision (docs/adr/0008).
const mostRuntimePackages = 130

t.test('what a running Pullpass is made of stays bounded', async (t) => {
  const found = runtimePackages(lock)
  t.comment(`${found.length} runtime packages, at most ${mostRuntimePackages}`)
  t.ok(found.length <= mostRuntimePackages, `${found.length} runtime packages`)
  t.ok(found.includes('node_modules/fastify'))
  t.notOk(found.includes('node_modules/tap'))
})

t.test('no package that runs needs a script at install, so npm ci --ignore-scripts is enough', async (t) => {
  const running = new Set(runtimePackages(lock))
  t.same(installScripts(lock).filter((path) => running.has(path)), [])
  t.same(installScripts(lock), ['node_modules/esbuild'], 'esbuild only checks what its platform package brought')
})
