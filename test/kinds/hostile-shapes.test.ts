/** Objects of any shape: the API server checks Workflows loosely, and files hold whatever somebody wrote. */
import t from 'tap'
import fc from 'fast-check'
import { decide } from '../../src/core/decide.ts'
import { kinds } from '../../src/kinds/index.ts'
import { makeFacts, makeOffered } from '../helpers/builders.ts'

// JSON alone, since the YAML package takes most of the time.
const context = { workflowDefaultServiceAccount: '', parseYaml: parseJson }
const facts = makeFacts(makeOffered({ acme: ['quay.io'] }), undefined, { inheritsLater: true })

function parseJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** One of each shape; the others share its code. */
const shapes = kinds.filter(({ kind }) => ['Pod', 'Deployment', 'CronJob', 'Workflow', 'CronWorkflow'].includes(kind))

function readAll (object: Record<string, unknown>): void {
  for (const kind of shapes) {
    const scope = kind.readScope(object, context)
    if (scope !== undefined) decide(scope, facts)
  }
}

function throws (object: unknown): boolean {
  try {
    if (isRecord(object)) readAll(object)
    return false
  } catch {
    return true
  }
}

const patch = '{"containers":[{"name":"main","image":"quay.io/p","command":[]}],"volumes":[{"image":{"reference":"a"}}]}'
const container = { name: 'a', image: 'quay.io/a:{{workflow.parameters.v}}', command: ['x'] }
const hooks = { exit: { templateRef: { name: 'x' } } }
const template = {
  container,
  script: container,
  containerSet: { containers: [container] },
  initContainers: [container],
  sidecars: [container],
  volumes: [{ image: { reference: 'quay.io/v' } }],
  podSpecPatch: patch,
  serviceAccountName: 'a',
  steps: [[{ templateRef: { name: 'x' }, hooks, inline: { container } }]],
  dag: { tasks: [{ hooks, inline: { script: container } }] }
}
const podSpec = {
  containers: [container],
  initContainers: [container],
  volumes: [{ image: { reference: 'quay.io/v' } }],
  serviceAccountName: 'a',
  imagePullSecrets: [{ name: 'x' }]
}
const workflowSpec = {
  templates: [template],
  templateDefaults: { container, steps: [[{ inline: { container } }]] },
  volumes: [{ image: { reference: 'quay.io/v' } }],
  executorPlugins: [{ spec: { sidecar: { container } } }],
  arguments: { parameters: [{ name: 'v', value: '1' }] },
  podSpecPatch: patch,
  artifactGC: { podSpecPatch: patch },
  podMetadata: { labels: { a: 'b' } },
  workflowTemplateRef: { name: 'x' },
  hooks,
  imagePullSecrets: [{ name: 'x' }]
}
const metadata = { labels: { a: 'b' }, annotations: { a: 'b' }, ownerReferences: [{ controller: true }] }
const whole = {
  metadata,
  spec: {
    ...workflowSpec,
    ...podSpec,
    workflowSpec: { templates: [{ container }], podMetadata: metadata },
    workflowMetadata: metadata,
    template: { metadata, spec: podSpec },
    jobTemplate: { spec: { template: { metadata, spec: podSpec } } }
  }
}

const hostile: readonly unknown[] = [null, 0, -1, true, '', 'text', '{{', [], [null], [[]], [[[]]], {}, { name: {} }, { image: [] },
  { length: 3 }, JSON.parse('{"__proto__":{"image":"x"},"constructor":null,"toString":1,"hasOwnProperty":0}')]

type Path = readonly string[]

/** Every place in a value, the deepest ones included. */
function placesOf (value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...path, key]))]
}

/** A copy with one place replaced. */
function replaceAt (value: unknown, [step, ...rest]: Path, replacement: unknown): unknown {
  if (step === undefined) return replacement
  const replaced = (key: string, inner: unknown): unknown => key === step ? replaceAt(inner, rest, replacement) : inner
  if (Array.isArray(value)) return value.map((item, index) => replaced(String(index), item))
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, inner]) => [key, replaced(key, inner)]))
}

function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

t.test('the whole object is read by every kind', async (t) => {
  for (const kind of kinds) t.ok((kind.readScope(whole, context)?.images.length ?? 0) > 0, kind.kind)
})

t.test('a wrong shape at any place makes no kind throw', async (t) => {
  const places = placesOf(whole).filter((path) => path.length > 0)
  t.ok(places.length > 150)
  const cases = places.flatMap((path) => hostile.map((value) => ({ path, value })))
  t.strictSame(cases.filter(({ path, value }) => throws(replaceAt(whole, path, value))), [])
})

t.test('no JSON object makes a kind throw', async () => {
  const names = fc.constantFrom('spec', 'metadata', 'templates', 'steps', 'inline', 'container', 'image', 'containers', 'volumes',
    'podSpecPatch', 'imagePullSecrets', 'labels', 'hooks', 'dag', 'tasks', 'arguments', 'parameters', 'template', '__proto__')
  const leaf = fc.oneof(fc.constantFrom(...hostile), fc.jsonValue({ maxDepth: 1 }))
  const { node } = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof({ maxDepth: 7 }, leaf, fc.array(tie('node'), { maxLength: 2 }), fc.dictionary(names, tie('node'), { maxKeys: 4 }))
  }))
  fc.assert(fc.property(fc.dictionary(names, node), node, (object, spec) => {
    readAll(object)
    readAll({ ...object, spec })
  }), { numRuns: 1000 })
})
