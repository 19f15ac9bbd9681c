import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import packageJson from '../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('..', import.meta.url))
const main = join(root, 'src/main.ts')

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function run (...argv: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], { encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

t.test('version prints the version of package.json', async (t) => {
  t.same(run('version'), { code: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  t.equal(JSON.parse(run('version', '-o', 'json').stdout).version, packageJson.version)
  t.equal(run('--version').stdout, `${packageJson.version}\n`)
})

t.test('usage errors end with 2 and say what to do', async (t) => {
  const cases = [
    { name: 'unknown command', argv: ['injct'], says: 'inject' },
    { name: 'no command', argv: [], says: 'Usage' },
    { name: 'unknown flag', argv: ['version', '--outptu', 'json'], says: '--output' },
    { name: 'a form of output that is not there', argv: ['version', '-o', 'yaml'], says: 'text, json' },
    { name: 'serve without a folder', argv: ['serve'], says: '--manifests' },
    { name: 'serve without a certificate', argv: ['serve', '--manifests', 'x'], says: '--development-certificates' },
    { name: 'serve with half a certificate', argv: ['serve', '--manifests', 'x', '--tls-cert-file', 'a'], says: '--tls-private-key-file' },
    { name: 'an address without a port', argv: ['serve', '--manifests', 'x', '--development-certificates', 'y', '--listen', 'localhost'], says: 'HOST:PORT' }
  ]
  for (const { name, argv, says } of cases) {
    const { code, stdout, stderr } = run(...argv)
    t.equal(code, 2, name)
    t.equal(stdout, '', `${name}: nothing on stdout`)
    t.match(stderr, says, `${name}: says what to do`)
  }
})

t.test('every command has help with examples, and it is no error', async (t) => {
  for (const command of ['serve', 'inject', 'explain', 'certs', 'config', 'version']) {
    const { code, stdout } = run(command, '--help')
    t.equal(code, 0, command)
    t.match(stdout, /Examples:\n {2}pullpass /, `${command} shows how it is used`)
  }
})

t.test('a reader that closes early is no error', async (t) => {
  const { status, stderr } = spawnSync('/bin/sh', ['-c', `"${process.execPath}" "${main}" config schema | head -c 10`], { encoding: 'utf8' })
  t.equal(status, 0)
  t.equal(stderr, '')
})

t.test('a reader that closes early does not hide the exit code', async (t) => {
  // What reads ends before the program has anything to say.
  const script = `{ "${process.execPath}" "${main}" explain 'BAD image' --secret examples/pull-secret.yaml; echo $? >&2; } | :`
  const { stderr } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8', cwd: root })
  t.equal(stderr, '1\n')
})
