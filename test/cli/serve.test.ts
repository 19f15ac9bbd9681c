import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startServe, type ServeProcess } from '../helpers/serve-process.ts'

const review = readFileSync(new URL('../../examples/review.json', import.meta.url), 'utf8')

interface Answer {
  readonly response: { readonly patch?: string, readonly auditAnnotations?: Record<string, string> }
}

async function start (t: Test, ...flags: string[]): Promise<ServeProcess> {
  const server = await startServe(flags)
  t.teardown(server.remove)
  return server
}

async function ask (server: ServeProcess, path: string, body = review): Promise<Answer['response']> {
  const { status, body: answer } = await server.post(path, body)
  if (status !== 200) throw new Error(`${status} ${answer}`)
  return (JSON.parse(answer) as Answer).response
}

const names = (patch = 'W10='): string[] => (JSON.parse(Buffer.from(patch, 'base64').toString()) as Array<{ value: Array<{ name: string }> }>)
  .flatMap(({ value }) => value.map(({ name }) => name))

t.test('serve answers both paths, its probes and its metrics', async (t) => {
  const server = await start(t)
  t.same(names((await ask(server, '/mutate?timeout=5s')).patch), ['acme-shop', 'docker-hub'])
  t.same(await ask(server, '/shadow'), { uid: '705ab4f5-6393-11e8-b7cc-42010a800002', allowed: true, auditAnnotations: { skipped: 'namespace_not_opted_in' } })
  const lab = await ask(server, '/shadow', review.replaceAll('team-shop', 'team-lab'))
  t.equal(lab.patch, undefined, 'shadow changes nothing')
  t.same(lab.auditAnnotations, { 'would-add.acme-shop': 'acme-shop', 'would-add.docker-hub': 'docker-hub' })
  t.equal((await server.get('/livez')).status, 200)
  t.equal((await server.get('/readyz')).status, 200)
  t.match((await server.get('/metrics')).body, /^pullpass_injected_secrets_total\{credential="acme-shop"\} 1$/m)
})

t.test('a changed folder is in force without a restart, a bad one changes nothing and says where', async (t) => {
  const server = await start(t)
  const secrets = join(server.folder, 'secrets.yaml')
  const good = readFileSync(secrets, 'utf8')
  writeFileSync(secrets, 'kind: Secret\n  oops: [\n')
  const refused = await server.waitFor(({ level, component }) => level === 'error' && component === 'manifests')
  t.match(refused, { file: /secrets\.yaml$/, line: Number })
  t.same(names((await ask(server, '/mutate')).patch), ['acme-shop', 'docker-hub'], 'the last good state is in force')
  t.match((await server.get('/metrics')).body, /^pullpass_config_last_reload_successful 0$/m)
  t.equal((await server.get('/readyz')).status, 200, 'still ready')
  writeFileSync(secrets, good.replace('name: docker-hub', 'name: other'))
  await server.waitFor(({ reason, credential }) => reason === 'source_missing' && credential === 'docker-hub')
  t.same(names((await ask(server, '/mutate')).patch), ['acme-shop'])
})

t.test('a source that turns bad keeps its last good keys', async (t) => {
  const server = await start(t)
  const secrets = join(server.folder, 'secrets.yaml')
  writeFileSync(secrets, readFileSync(secrets, 'utf8').replace('{\n      "auths"', '{{\n      "auths"'))
  await server.waitFor(({ reason, credential }) => reason === 'source_broken' && credential === 'acme-shop')
  t.same(names((await ask(server, '/mutate')).patch), ['acme-shop', 'docker-hub'])
})

t.test('a broken certificate leaves the old one serving', async (t) => {
  const server = await start(t)
  writeFileSync(join(server.certificates, 'tls.crt'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  rmSync(join(server.certificates, 'tls.key'))
  t.same(names((await ask(server, '/mutate')).patch), ['acme-shop', 'docker-hub'])
})

t.test('SIGTERM and SIGINT drain and end with 0, a second signal ends at once', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const server = await start(t)
    await ask(server, '/mutate')
    t.equal(await server.end(signal), 0, signal)
    t.match(server.output(), /"stopped"/)
  }
  const slow = await start(t, '--drain-seconds', '60')
  t.equal(await slow.end('SIGTERM', 'SIGTERM'), 128 + 15)
})

t.test('while it drains it is not ready and still answers, telling callers to leave', async (t) => {
  const server = await start(t, '--drain-seconds', '60')
  const ended = server.end('SIGTERM')
  await server.waitFor(({ msg }) => msg === 'draining')
  t.equal((await server.get('/readyz')).status, 503)
  t.match(await server.post('/mutate', review), { status: 200, connection: 'close' })
  await Promise.all([server.remove(), ended])
})

t.test('no secret is ever printed', async (t) => {
  const canary = 'c4n4ry-p4ssw0rd'
  const server = await start(t, '--log-level', 'debug')
  const secrets = join(server.folder, 'secrets.yaml')
  const encoded = Buffer.from(`robot:${canary}`).toString('base64')
  writeFileSync(secrets, readFileSync(secrets, 'utf8').replaceAll(/"auth": "[^"]+"/g, `"auth": "${encoded}"`))
  await server.waitFor(({ msg }) => msg === 'configuration in force')
  writeFileSync(secrets, `kind: Secret\napiVersion: v1\nmetadata: {name: x}\nstringData: {a: ${canary}\n`)
  await server.waitFor(({ level, component }) => level === 'error' && component === 'manifests')
  await server.post('/mutate', review.replace('"web"', `"${canary}"`).replace('CREATE', 'UPDATE'))
  await server.post('/mutate', `{"${canary}":`)
  const { body: metrics } = await server.get('/metrics')
  await server.end('SIGTERM')
  for (const secret of [canary, encoded]) t.notMatch(server.output() + metrics, secret)
})
