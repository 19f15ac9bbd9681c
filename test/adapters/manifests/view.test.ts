import t from 'tap'
import { createSwitchableView, createManifestsView } from '../../../src/adapters/manifests/view.ts'
import { standardOwnNamespace } from '../../../src/adapters/own-namespace.ts'
import { parseManifests } from '../../../src/adapters/manifests/read.ts'
import type { ManifestObjects } from '../../../src/adapters/manifests/collect.ts'
import { createConfigurationParser } from '../../../src/config/load.ts'

const login = '{"auths":{"quay.io":{"auth":"dTpw"}}}'

function objectsOf (text: string): ManifestObjects {
  const read = parseManifests([{ file: 'x.yaml', text }], createConfigurationParser())
  if (!read.ok) throw new Error(read.problems[0]?.message)
  return read.objects
}

const manifests = (config: string): string => `apiVersion: pullpass.dev/v1
kind: PullpassConfiguration
credentials: [{name: acme, namespaces: "*"}]
---
apiVersion: v1
kind: Namespace
metadata: {name: web, labels: {team: a}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: web}
---
apiVersion: v1
kind: Secret
metadata: {name: acme, namespace: pullpass}
type: kubernetes.io/dockerconfigjson
stringData:
  .dockerconfigjson: '${config}'
`

t.test('the view answers from the manifests and plans the coverage from the source', async (t) => {
  const view = createManifestsView(objectsOf(manifests(login)), standardOwnNamespace)
  t.equal(view.optInBy, 'labels')
  t.equal(view.namespaceLabels('web')?.get('team'), 'a')
  t.equal(view.namespaceLabels('other'), undefined)
  t.equal(view.serviceAccount('web', 'default')?.name, 'default')
  t.equal(view.serviceAccount('web', 'x'), undefined)
  t.same(view.coverage().get('acme'), [{ key: 'quay.io', usable: true }])
  t.equal(view.coverage(), view.coverage(), 'the same object each time')
  t.equal(view.configuration(), view.configuration())
  t.same(view.findings, [])
  t.ok(Object.isFrozen(view) && Object.isFrozen(view.serviceAccount('web', 'default')))
})

t.test('sources without a namespace are looked for in Pullpass\'s own', async (t) => {
  const view = createManifestsView(objectsOf(manifests(login)), 'elsewhere')
  t.same(view.coverage().get('acme'), [], 'looked at, and without keys')
  t.match(view.findings, [{ credential: 'acme', code: 'source_missing' }])
})

t.test('a source that turned bad keeps its last good coverage', async (t) => {
  const good = createManifestsView(objectsOf(manifests(login)), 'pullpass')
  const bad = createManifestsView(objectsOf(manifests('{')), 'pullpass', good.coverage())
  t.same(bad.coverage().get('acme'), good.coverage().get('acme'))
  t.not(bad.findings.length, 0)
})

t.test('without a configuration no credential is offered', async (t) => {
  const view = createManifestsView(objectsOf(''), 'pullpass')
  t.same(view.configuration().credentials, [])
  t.equal(view.coverage().size, 0)
})

t.test('a switchable view is one object that answers from the view switched to last', async (t) => {
  const { view, switchTo } = createSwitchableView(createManifestsView(objectsOf(''), 'pullpass'))
  t.equal(view.namespaceLabels('web'), undefined)
  const next = createManifestsView(objectsOf(manifests(login)), 'pullpass')
  switchTo(next)
  t.equal(view.namespaceLabels('web'), next.namespaceLabels('web'))
  t.equal(view.serviceAccount('web', 'default'), next.serviceAccount('web', 'default'))
  t.equal(view.configuration(), next.configuration())
  t.equal(view.coverage(), next.coverage())
})
