import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { findComputedImports, findCycles, findUnlistedKinds, findWrongImports } from './helpers/import-rules.ts'
import type { Sources } from './helpers/import-rules.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const program: Sources = new Map(globSync('src/**/*.ts', { cwd: root }).toSorted()
  .map((path) => [path, readFileSync(`${root}${path}`, 'utf8')]))

t.test('the program is read', async (t) => {
  t.ok(program.has('src/core/errors.ts'))
})

t.test('every import goes in the direction of design §10', async (t) => {
  t.same(findWrongImports(program), [])
})

t.test('no import is computed', async (t) => {
  t.same(findComputedImports(program), [])
})

t.test('no files import each other in a ring', async (t) => {
  t.same(findCycles(program), [])
})

t.test('every kind is in the list of kinds', async (t) => {
  t.same(findUnlistedKinds(program), [])
})

const wrong = [
  { name: 'core must not import an adapter', from: 'src/core/a.ts', source: "import { x } from '../adapters/x.ts'" },
  { name: 'core must not import a kind', from: 'src/core/a.ts', source: "import { x } from '../kinds/pod.ts'" },
  { name: 'core must not import the configuration', from: 'src/core/a.ts', source: "import { x } from '../config/x.ts'" },
  { name: 'core must not import a package', from: 'src/core/a.ts', source: "import { x } from 'pino'" },
  { name: 'core must not import a module of Node', from: 'src/core/a.ts', source: "import { x } from 'node:crypto'" },
  { name: 'a type counts', from: 'src/core/a.ts', source: "import type { X } from '../app/ports.ts'" },
  { name: 'a type in place counts', from: 'src/core/a.ts', source: "export type X = import('../app/ports.ts').X" },
  { name: 'a lazy import counts', from: 'src/core/a.ts', source: "export const x = () => import('../cli/x.ts')" },
  { name: 'an export from elsewhere counts', from: 'src/core/a.ts', source: "export * from '../app/ports.ts'" },
  { name: 'an import for its effect counts', from: 'src/core/a.ts', source: "import '../app/ports.ts'" },
  { name: 'a kind must not import app', from: 'src/kinds/pod.ts', source: "import { x } from '../app/x.ts'" },
  { name: 'a kind must not import a package', from: 'src/kinds/pod.ts', source: "import { x } from 'yaml'" },
  { name: 'app must not import one kind', from: 'src/app/a.ts', source: "import { x } from '../kinds/pod.ts'" },
  { name: 'app must not import an adapter', from: 'src/app/a.ts', source: "import { x } from '../adapters/x.ts'" },
  { name: 'config must not import app', from: 'src/config/a.ts', source: "import { x } from '../app/x.ts'" },
  { name: 'an adapter must not import a command', from: 'src/adapters/a.ts', source: "import { x } from '../cli/x.ts'" },
  { name: 'main imports commands only', from: 'src/main.ts', source: "import { x } from './core/errors.ts'" },
  { name: 'a command must not import main', from: 'src/cli/a.ts', source: "import { x } from '../main.ts'" },
  { name: 'nothing leaves src', from: 'src/cli/a.ts', source: "import { x } from '../../test/helpers/x.ts'" },
  { name: 'a folder that design §10 lacks is no layer', from: 'src/utils/a.ts', source: 'export const x = 1' }
]

for (const { name, from, source } of wrong) {
  t.test(name, async (t) => {
    t.match(findWrongImports(new Map([[from, source]])), [new RegExp(`^${from.replaceAll('.', '\\.')}`)])
  })
}

const right = [
  { name: 'app may import the list of kinds', from: 'src/app/a.ts', source: "import { kinds } from '../kinds/index.ts'" },
  { name: 'an adapter may import ports', from: 'src/adapters/http/a.ts', source: "import type { X } from '../../app/ports.ts'" },
  { name: 'an adapter may import packages', from: 'src/adapters/a.ts', source: "import pino from 'pino'" },
  { name: 'a command may import a kind lazily', from: 'src/cli/a.ts', source: "export const x = () => import('../kinds/pod.ts')" },
  { name: 'words in a text are no import', from: 'src/core/a.ts', source: 'export const x = "import y from \'pino\'"' }
]

for (const { name, from, source } of right) {
  t.test(name, async (t) => { t.same(findWrongImports(new Map([[from, source]])), []) })
}

t.test('a ring is found, and named once', async (t) => {
  const ring: Sources = new Map([
    ['src/core/a.ts', "import { b } from './b.ts'"],
    ['src/core/b.ts', "import type { C } from './c.ts'"],
    ['src/core/c.ts', "import { b } from './b.ts'"]
  ])
  t.same(findCycles(ring), ['src/core/b.ts → src/core/c.ts → src/core/b.ts'])
})

t.test('a file that two others import is no ring', async (t) => {
  const diamond: Sources = new Map([
    ['src/core/a.ts', "import './b.ts'\nimport './c.ts'"], ['src/core/b.ts', "import './d.ts'"],
    ['src/core/c.ts', "import './d.ts'"], ['src/core/d.ts', '']
  ])
  t.same(findCycles(diamond), [])
})

t.test('a kind that is not in the list is found, a part that a kind uses is not one', async (t) => {
  const kinds: Sources = new Map([
    ['src/kinds/index.ts', "import { pod } from './pod.ts'"],
    ['src/kinds/pod.ts', "import { spec } from './pod-spec.ts'"],
    ['src/kinds/pod-spec.ts', ''],
    ['src/kinds/workflow.ts', '']
  ])
  t.same(findUnlistedKinds(kinds), ['src/kinds/workflow.ts'])
})

t.test('a computed import is found', async (t) => {
  const source = "export const load = (x: string) => import('./' + x)\nexport const y = () => import('./y.ts')"
  t.match(findComputedImports(new Map([['src/cli/a.ts', source]])), [/^src\/cli\/a\.ts: import\('\.\/' \+ x\)/])
})
