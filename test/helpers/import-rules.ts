import { posix } from 'node:path'
import ts from 'typescript'

interface Layer {
  readonly name: string
  readonly holds: (path: string) => boolean
  /** The layers that its files may import, itself included where they may import each other. */
  readonly mayImport: readonly string[]
  /** Whether Node's modules and packages may be imported. */
  readonly packages: boolean
}

const folder = (name: string) => (path: string): boolean => path.startsWith(`src/${name}/`)

// What the other layers may know of kinds: the list, and what a kind is.
const kindsFront = ['src/kinds/index.ts', 'src/kinds/workload-kind.ts']

// design §10: cli → adapters → app → core, kinds → core, config → core. The first layer that holds a file is its own.
const layers: readonly Layer[] = [
  { name: 'main', holds: (path) => path === 'src/main.ts', mayImport: ['cli'], packages: true },
  { name: 'core', holds: folder('core'), mayImport: ['core'], packages: false },
  {
    name: 'the list of kinds',
    holds: (path) => kindsFront.includes(path),
    mayImport: ['core', 'the list of kinds', 'kinds'],
    packages: false
  },
  { name: 'kinds', holds: folder('kinds'), mayImport: ['core', 'the list of kinds', 'kinds'], packages: false },
  { name: 'app', holds: folder('app'), mayImport: ['core', 'the list of kinds', 'app'], packages: false },
  { name: 'config', holds: folder('config'), mayImport: ['core', 'config'], packages: true },
  { name: 'adapters', holds: folder('adapters'), mayImport: ['core', 'config', 'app', 'adapters'], packages: true },
  {
    name: 'cli',
    holds: folder('cli'),
    mayImport: ['core', 'the list of kinds', 'kinds', 'app', 'config', 'adapters', 'cli'],
    packages: true
  }
]

// Read for the version.
const ownManifest = 'package.json'

/** The sources of a program: path from the root of the project (`src/core/errors.ts`) to text. */
export type Sources = ReadonlyMap<string, string>

interface Import {
  readonly from: string
  /** As written for a package, else the path from the root of the project. */
  readonly to: string
  readonly relative: boolean
}

// Types and lazy imports count too: they tie the files just as firmly.
function importsOf (path: string, source: string): readonly Import[] {
  return ts.preProcessFile(source, true, true).importedFiles.map(({ fileName }) => {
    const relative = fileName.startsWith('.')
    const to = relative ? posix.join(posix.dirname(path), fileName) : fileName
    return { from: path, to, relative }
  })
}

function layerOf (path: string): Layer | undefined {
  return layers.find((layer) => layer.holds(path))
}

function importFault ({ from, to, relative }: Import): string | undefined {
  const layer = layerOf(from)
  if (layer === undefined) return `${from}: stands in no layer of design §10`
  if (!relative || to === ownManifest) return layer.packages ? undefined : `${from} (${layer.name}) imports ${to}; it may not import packages`
  const target = layerOf(to)
  if (target !== undefined && layer.mayImport.includes(target.name)) return undefined
  return `${from} (${layer.name}) imports ${to}; it may import only ${layer.mayImport.join(', ')}`
}

/** Every import in a wrong direction, every file in no layer; empty: none. */
export function findWrongImports (sources: Sources): readonly string[] {
  const homeless = [...sources.keys()].filter((path) => layerOf(path) === undefined)
    .map((path) => `${path}: stands in no layer of design §10`)
  const wrong = [...sources].flatMap(([path, source]) => importsOf(path, source).map(importFault))
  return [...new Set([...homeless, ...wrong.filter((fault) => fault !== undefined)])]
}

/** Every `import()` of something else than a text: nothing can follow those. */
export function findComputedImports (sources: Sources): readonly string[] {
  return [...sources].flatMap(([path, source]) => {
    const file = ts.createSourceFile(path, source, ts.ScriptTarget.ESNext)
    const found: string[] = []
    const visit = (node: ts.Node): void => {
      const computed = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword &&
        !node.arguments.every(ts.isStringLiteralLike)
      if (computed) found.push(`${path}: ${node.getText(file)} names no file; write the path as a text`)
      ts.forEachChild(node, visit)
    }
    visit(file)
    return found
  })
}

function graphOf (sources: Sources): ReadonlyMap<string, readonly string[]> {
  return new Map([...sources].map(([path, source]) => [path, importsOf(path, source).map(({ to }) => to)]))
}

/** Every ring of files that import each other, once, as `a → b → a`; empty: none. */
export function findCycles (sources: Sources): readonly string[] {
  const graph = graphOf(sources)
  const done = new Set<string>()
  const found: string[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start !== -1) found.push([...trail.slice(start), path].join(' → '))
    if (start !== -1 || done.has(path)) return
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) walk(path, [])
  return found
}

/** Every file of kinds/ that its list does not reach: a kind that nothing would ever use. */
export function findUnlistedKinds (sources: Sources): readonly string[] {
  const graph = graphOf(sources)
  const reached = new Set<string>()
  const walk = (path: string): void => {
    if (reached.has(path)) return
    reached.add(path)
    graph.get(path)?.forEach(walk)
  }
  walk('src/kinds/index.ts')
  return [...sources.keys()].filter((path) => path.startsWith('src/kinds/') && !reached.has(path))
}
