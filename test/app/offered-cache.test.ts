import t from 'tap'
import { OfferedCache } from '../../src/app/offered-cache.ts'
import type { ClusterView } from '../../src/app/ports.ts'
import type { Labels } from '../../src/core/kubernetes.ts'
import { createMemoryView } from '../helpers/memory-view.ts'

const facts = {
  configuration: {
    credentials: [
      { name: 'everywhere' },
      { name: 'teams', namespaces: ['team-*'] },
      { name: 'labelled', namespaces: { by: 'label', selector: [{ key: 'tier', operator: 'Exists', values: [] }] } as const }
    ]
  },
  coverage: { everywhere: ['quay.io'], teams: ['ghcr.io'], labelled: ['reg.example.com'] },
  namespaces: { 'team-a': {}, 'team-b': {}, build: { tier: 'x' } }
}

t.test('a namespace is offered what its name and its labels admit', async (t) => {
  const cache = new OfferedCache(createMemoryView(facts))
  t.same(cache.get('team-a').names, ['everywhere', 'teams'])
  t.same(cache.get('build').names, ['everywhere', 'labelled'])
  t.equal(cache.get('team-a').unknown, false)
})

t.test('a namespace that has not been seen is offered what its name admits, and known to miss something', async (t) => {
  const cache = new OfferedCache(createMemoryView(facts))
  const { names, unknown } = cache.get('team-new')
  t.same(names, ['everywhere', 'teams'])
  t.equal(unknown, true)
})

t.test('asking again costs no compilation, and namespaces with the same credentials share one', async (t) => {
  const cache = new OfferedCache(createMemoryView(facts))
  t.equal(cache.get('team-a'), cache.get('team-a'))
  t.equal(cache.get('team-a'), cache.get('team-b'))
  t.not(cache.get('team-a'), cache.get('team-new'), 'labels that are unknown make a difference')
})

t.test('a label counts at once', async (t) => {
  const view = createMemoryView(facts)
  const cache = new OfferedCache(view)
  cache.get('team-a')
  view.change({ namespaces: { 'team-a': { tier: 'gold' } } })
  t.same(cache.get('team-a').names, ['everywhere', 'teams', 'labelled'])
})

t.test('a credential that is new in the coverage counts at once', async (t) => {
  const view = createMemoryView({ ...facts, coverage: { everywhere: ['quay.io'] } })
  const cache = new OfferedCache(view)
  t.same(cache.get('team-a').names, ['everywhere'])
  t.equal(cache.get('team-a').pending, true)
  view.change({ coverage: facts.coverage })
  t.same(cache.get('team-a').names, ['everywhere', 'teams'])
  t.equal(cache.get('team-a').pending, false)
})

t.test('a credential that the configuration takes away is gone at once', async (t) => {
  const view = createMemoryView(facts)
  const cache = new OfferedCache(view)
  cache.get('team-a')
  view.change({ configuration: { credentials: [{ name: 'teams' }] } })
  t.same(cache.get('team-a').names, ['teams'])
})

t.test('more namespaces than a cluster has do not fill the memory, and the answers stay right', async (t) => {
  const view = createMemoryView(facts)
  let lookups = 0
  const counting: ClusterView = {
    ...view,
    namespaceLabels: (namespace): Labels | undefined => {
      lookups += 1
      return view.namespaceLabels(namespace)
    }
  }
  const cache = new OfferedCache(counting)
  const shared = cache.get('team-a')
  for (let index = 0; index < 20_001; index += 1) cache.get(`invented-${index}`)
  t.equal(cache.get('team-a'), shared)
  t.equal(lookups, 20_003)
})
