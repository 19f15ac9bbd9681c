import t from 'tap'
import { findAdmittedKind, findManifestKind, kinds } from '../../src/kinds/index.ts'

t.test('the webhook handles Pods and Workflows and nothing else', async (t) => {
  const admitted = kinds.filter(({ resource }) => findAdmittedKind(resource) !== undefined).map(({ kind }) => kind)
  t.strictSame(admitted, ['Pod', 'Workflow'])
})

t.test('group, version and resource must all be right', async (t) => {
  t.equal(findAdmittedKind({ group: '', version: 'v1', resource: 'pods' })?.kind, 'Pod')
  t.equal(findAdmittedKind({ group: 'apps', version: 'v1', resource: 'pods' }), undefined)
  t.equal(findAdmittedKind({ group: '', version: 'v2', resource: 'pods' }), undefined)
  t.equal(findAdmittedKind({ group: 'argoproj.io', version: 'v1alpha1', resource: 'workflows' })?.kind, 'Workflow')
})

t.test('manifests are found by apiVersion and kind', async (t) => {
  for (const kind of kinds) {
    const { group, version } = kind.resource
    t.equal(findManifestKind(group === '' ? version : `${group}/${version}`, kind.kind), kind)
  }
  for (const [apiVersion, kind] of [['apps/v1', 'Pod'], ['v1', 'Secret'], [undefined, 'Pod'], ['v1', null]]) {
    t.equal(findManifestKind(apiVersion, kind), undefined)
  }
})

t.test('no two kinds share a name or a resource', async (t) => {
  t.equal(new Set(kinds.map(({ kind }) => kind)).size, kinds.length)
  t.equal(new Set(kinds.map(({ resource }) => JSON.stringify(resource))).size, kinds.length)
})
