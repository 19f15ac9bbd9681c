import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { X509Certificate } from 'node:crypto'
import t from 'tap'
import type { CommandIo } from '../../src/cli/command.ts'
import { runProgram } from '../../src/cli/program.ts'
import { makeCustomCertificate, makeFreshCertificate, makeServingCertificate } from '../helpers/certificates.ts'

const good = await makeServingCertificate({ hosts: ['localhost', '10.0.0.1'] })
const expired = await makeCustomCertificate({ validFrom: -7200, validUntil: -60 })
const nameless = await makeCustomCertificate({ hosts: [] })
const other = await makeFreshCertificate()
const now = new Date()

async function run (workingDirectory: string, args: readonly string[], input = '') {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const io: CommandIo = {
    stdin: Readable.from([input]),
    stdout,
    stderr,
    environment: {},
    workingDirectory,
    now: () => now,
    colours: false,
    stopped: new AbortController().signal
  }
  const code = await runProgram(['certs', ...args], io)
  stdout.end()
  stderr.end()
  return { code, stdout: await text(stdout), stderr: await text(stderr) }
}

t.test('generate makes a usable set in certs/dev and says how to use it', async (t) => {
  const folder = t.testdir()
  const { code, stdout, stderr } = await run(folder, ['generate'])
  const made = ['ca.crt', 'tls.crt', 'tls.key'].map((name) => join(folder, 'certs', 'dev', name))
  t.equal(code, 0)
  t.same(stdout.trim().split('\n'), made)
  const [ca = '', cert = '', key = ''] = made
  t.ok(stderr.includes(`--tls-cert-file ${cert} --tls-private-key-file ${key}`))
  t.ok(stderr.includes(`curl --cacert ${ca} https://localhost:8443/`))
  t.notMatch(stdout + stderr, /PRIVATE KEY/)
  const leaf = new X509Certificate(await readFile(cert))
  t.equal(leaf.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  t.ok(leaf.verify(new X509Certificate(await readFile(ca)).publicKey))
  t.equal((await lstat(key)).mode & 0o777, 0o600)
  t.match(await run(folder, ['show', cert, '--key', key]), { code: 0, stdout: /Key: +fits/ })
})

t.test('generate takes hosts, days and a folder, and replaces only when forced', async (t) => {
  const folder = t.testdir()
  const args = ['generate', '--out', 'x', '--host', '::1', '--host', 'a.example', '--days', '7']
  t.match(await run(folder, args), { code: 0, stderr: /https:\/\/\[::1\]:8443\// })
  const file = join(folder, 'x', 'tls.crt')
  const leaf = new X509Certificate(await readFile(file))
  t.ok(leaf.checkHost('a.example'))
  t.equal(Math.round((leaf.validToDate.getTime() - now.getTime()) / 86_400_000), 7)
  t.match(await run(folder, args), { code: 2, stdout: '', stderr: /ca\.crt: it is there already; add --force/ })
  t.equal(new X509Certificate(await readFile(file)).fingerprint256, leaf.fingerprint256)
  t.match(await run(folder, [...args, '--force']), { code: 0 })
  t.not(new X509Certificate(await readFile(file)).fingerprint256, leaf.fingerprint256)
})

const wrongUse = [
  { name: 'a host that is none', args: ['generate', '--host', 'https://x'], stderr: /--host "https:\/\/x" is neither/ },
  { name: 'no days', args: ['generate', '--days', '0'], stderr: /--days "0" is no whole number from 1 to 3650/ },
  { name: 'days that are no number', args: ['generate', '--days', '1e2'], stderr: /--days "1e2"/ },
  { name: 'too many days', args: ['generate', '--days', '3651'], stderr: /--days "3651"/ },
  { name: 'an unknown flag', args: ['generate', '--hosts', 'x'], stderr: /Did you mean --host\?/ },
  { name: 'an unknown form', args: ['show', 'x', '-o', 'xml'], stderr: /Allowed choices are table, json/ },
  { name: 'no file', args: ['show'], stderr: /missing required argument 'file'/ },
  { name: 'a missing file', args: ['show', 'absent.pem'], stderr: /cannot read absent.pem: ENOENT/ },
  { name: 'a file without certificate', args: ['show', 'key.pem'], stderr: /cannot show key.pem: it holds no X.509 certificate/ },
  { name: 'a key file without key', args: ['show', 'cert.pem', '--key', 'cert.pem'], stderr: /cannot use cert.pem: it holds no/ }
]

for (const { name, args, stderr } of wrongUse) {
  t.test(`${name} ends with 2 and makes nothing`, async (t) => {
    const folder = t.testdir({ 'key.pem': good.key, 'cert.pem': good.cert })
    const result = await run(folder, args)
    t.match(result, { code: 2, stdout: '', stderr })
    t.notMatch(result.stderr, /PRIVATE KEY/)
    await t.rejects(lstat(join(folder, 'certs')))
  })
}

const shown = [
  { name: 'a good certificate', pem: good.cert, code: 0, findings: [] },
  { name: 'a chain', pem: good.cert + good.ca, code: 0, findings: [] },
  { name: 'an expired certificate', pem: expired.cert, code: 1, findings: ['expired'] },
  { name: 'a certificate without a name', pem: nameless.cert, code: 1, findings: ['no_names'] },
  { name: 'a key that fits', pem: good.cert, key: good.key, code: 0, findings: [] },
  { name: 'a key that does not fit', pem: good.cert, key: other.key, code: 1, findings: ['key_mismatch'] }
]

for (const { name, pem, key, code, findings } of shown) {
  t.test(`show tells about ${name} in both forms`, async (t) => {
    const folder = t.testdir({ 'key.pem': key ?? '' })
    const keyArgs = key === undefined ? [] : ['--key', 'key.pem']
    const json = await run(folder, ['show', '-', '-o', 'json', ...keyArgs], pem)
    t.match({ ...json, stdout: JSON.parse(json.stdout) as unknown }, {
      code, stderr: '', stdout: { apiVersion: 'pullpass.dev/v1', kind: 'CertificateReport', file: '-', findings }
    })
    t.match(await run(folder, ['show', '-', ...keyArgs], pem), {
      code, stdout: new RegExp(`^Findings: +${findings.join(', ') || '<none>'}$`, 'm')
    })
  })
}

t.test('the table holds names, issuer and the days that are left', async (t) => {
  const folder = t.testdir({ 'tls.crt': good.cert + good.ca })
  const { stdout } = await run(folder, ['show', 'tls.crt'])
  const [leaf, authority] = stdout.split('\n\n')
  t.match(leaf, /^Names: +localhost, 10\.0\.0\.1$/m)
  t.match(leaf, /^Issuer: +O=Pullpass, CN=Test CA$/m)
  t.match(leaf, /^Not after: +\S+Z \(0 days left\)$/m)
  t.match(authority, /^Names: +<none>$/m)
})

t.test('help of each subcommand has examples and exit codes', async (t) => {
  for (const command of ['generate', 'show']) {
    t.match(await run(t.testdir(), [command, '--help']), { code: 0, stdout: /Examples:[^]*Exit codes: 0/ })
  }
})
