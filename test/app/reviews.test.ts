import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import { asRecord, member } from '../../src/core/kubernetes.ts'
import { applied, ask, withoutList } from '../helpers/ask.ts'
import { createMemoryView } from '../helpers/memory-view.ts'

const folder = new URL('../fixtures/reviews/', import.meta.url)
const names = globSync('*.json', { cwd: folder }).map((file) => basename(file, '.json')).toSorted()
const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, folder), 'utf8'))

// Configured in another order than the kubelet tries the keys. `example` has a port, so that it does not cover
// registry.example.com without one; `acme-quay` does not cover Argo's own images on the same host.
const view = createMemoryView({
  configuration: { credentials: [{ name: 'hub' }, { name: 'acme-ghcr' }, { name: 'acme-quay' }, { name: 'example' }] },
  coverage: {
    hub: ['https://index.docker.io/v1/'],
    'acme-ghcr': ['ghcr.io/acme'],
    'acme-quay': ['quay.io/acme'],
    example: ['registry.example.com:5000']
  },
  namespaces: { 'team-a': { 'pullpass.dev/inject': 'enabled' } },
  serviceAccounts: { 'team-a/default': ['default-dockercfg-abcde'], 'team-a/bare': [] }
})

t.test('every recorded review has an expected answer, and no answer is left over', async (t) => {
  const expected = globSync('expected/*.json', { cwd: folder }).map((file) => basename(file, '.json')).toSorted()
  t.same(names, expected)
  t.equal(names.length, 17)
})

for (const name of names) {
  t.test(`${name} is answered as expected`, async (t) => {
    t.same(ask(view, readJson(`${name}.json`)).review, readJson(`expected/${name}.json`))
  })

  t.test(`${name} differs in nothing but its list afterwards, and asking again changes nothing`, async (t) => {
    const body = asRecord(readJson(`${name}.json`)) ?? {}
    const request = asRecord(body['request']) ?? {}
    const { outcome } = ask(view, body)
    const object = applied(request['object'], outcome)
    const list = ['spec', 'imagePullSecrets']
    t.strictSame(withoutList(object, list), withoutList(request['object'], list))
    const again = ask(view, { ...body, request: { ...request, object } })
    t.same(again.outcome.patch, [])
  })

  t.test(`${name} gets no patch and no warning in shadow mode, and says what it would add`, async (t) => {
    const body = readJson(`${name}.json`)
    const { outcome } = ask(view, body, 'shadow')
    const mutated = ask(view, body).outcome
    t.same([outcome.patch, outcome.warnings], [[], []])
    const wanted = Object.entries(mutated.auditAnnotations).map(([key, value]) => [key.replace(/^added\./, 'would-add.'), value])
    t.same(outcome.auditAnnotations, Object.fromEntries(wanted))
  })
}

t.test('a dry run is answered as the same request in earnest', async (t) => {
  const body = asRecord(readJson('pod-create-dry-run.json')) ?? {}
  const request = asRecord(body['request'])
  t.equal(member(request, 'dryRun'), true)
  t.same(ask(view, { ...body, request: { ...request, dryRun: false } }).review, ask(view, body).review)
})
