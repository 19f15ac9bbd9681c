import { readFileSync } from 'node:fs'
import t from 'tap'
import type { UnknownRecord } from '../../src/core/kubernetes.ts'
import { kinds } from '../../src/kinds/index.ts'
import type { WorkloadKind } from '../../src/kinds/workload-kind.ts'
import { parseYaml } from '../helpers/ask.ts'

const page = readFileSync(new URL('../../docs/kinds.md', import.meta.url), 'utf8')

/** An object with a map at each place where any kind has its spec, so that the kind tells where its list is. */
const anyObject: UnknownRecord = {
  spec: { template: { spec: {} }, jobTemplate: { spec: { template: { spec: {} } } }, workflowSpec: {} }
}

function rowOf ({ kind, resource, handled, readScope }: WorkloadKind): string {
  const version = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
  const scope = readScope(anyObject, { workflowDefaultServiceAccount: '', parseYaml })
  const list = scope?.listPath.join('.') ?? 'nowhere'
  return `| \`${kind}\` | \`${version}\` | \`${resource.resource}\` | \`${list}\` | ${handled === 'offline' ? 'inject' : 'webhook'} |`
}

t.test('docs/kinds.md has a row for every kind, and no other', async (t) => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  t.same(rows, kinds.map(rowOf))
})

t.test('no two kinds are the same', async (t) => {
  const names = kinds.map(({ kind, resource }) => `${kind} ${resource.group}/${resource.version}/${resource.resource}`)
  t.equal(new Set(names).size, names.length)
})
