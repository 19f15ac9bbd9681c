import assert from 'node:assert/strict'
import fc from 'fast-check'
import { applyPatch } from 'rfc6902'
import t from 'tap'
import { parse } from 'yaml'
import { applySplices, readManifestText } from '../../../src/adapters/manifests/manifest-text.ts'
import { appendNames } from '../../../src/core/json-patch.ts'
import { asList, memberAt } from '../../../src/core/kubernetes.ts'

const listPath = ['spec', 'imagePullSecrets']

/** The text with names added to `spec.imagePullSecrets` of its only document, or why not. */
function edit (text: string, names: readonly string[]): string {
  const result = readManifestText(text, 'x.yaml')
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  const [document] = result.manifest.documents
  const list = Array.isArray(memberAt(document?.value, listPath)) ? 'present' as const : 'absent' as const
  const edited = document?.edit([{ path: listPath, names, list }])
  return edited?.problems[0] ?? applySplices(text, edited?.splices ?? [])
}

const rows = [
  {
    name: 'a new list stands first, below the key and above the comments',
    text: 'spec: # s\n\n  # containers\n  containers:\n    - name: a\n',
    expected: 'spec: # s\n  imagePullSecrets:\n    - name: x\n    - name: z\n\n  # containers\n  containers:\n    - name: a\n'
  },
  {
    name: 'a new list is indented as the other lists are',
    text: 'spec:\n  a: 1\n  containers:\n  - name: a\n',
    expected: 'spec:\n  imagePullSecrets:\n  - name: x\n  - name: z\n  a: 1\n  containers:\n  - name: a\n'
  },
  {
    name: 'a list grows at its end, before what is said below it',
    text: 'spec:\n  imagePullSecrets:\n    # first\n    - name: a # one\n    # last\n  b: 1\n',
    expected: 'spec:\n  imagePullSecrets:\n    # first\n    - name: a # one\n    - name: x\n    - name: z\n    # last\n  b: 1\n'
  },
  {
    name: 'a list without a last line end grows without one',
    text: 'spec:\n  imagePullSecrets:\n  - name: a',
    expected: 'spec:\n  imagePullSecrets:\n  - name: a\n  - name: x\n  - name: z'
  },
  {
    name: 'lines end as they do elsewhere',
    text: 'spec:\r\n  # c\r\n  a: 1\r\n',
    expected: 'spec:\r\n  imagePullSecrets:\r\n    - name: x\r\n    - name: z\r\n  # c\r\n  a: 1\r\n'
  },
  {
    name: 'items of an unusual form stay',
    text: 'spec:\n  imagePullSecrets:\n  -\n    name: a\n  - {name: b}\n  -\n  - name: >-\n      c\n  a: 1\n',
    expected: 'spec:\n  imagePullSecrets:\n  -\n    name: a\n  - {name: b}\n  -\n  - name: >-\n      c\n  - name: x\n  - name: z\n  a: 1\n'
  },
  {
    name: 'an explicit null is taken away, its comment stays',
    text: 'spec:\n  imagePullSecrets: null # none\n  a: 1\n',
    expected: 'spec:\n  imagePullSecrets: # none\n    - name: x\n    - name: z\n  a: 1\n'
  },
  {
    name: 'an empty value is filled',
    text: 'spec:\n  imagePullSecrets:   # none\n  # below\n  a: 1\n',
    expected: 'spec:\n  imagePullSecrets:   # none\n    - name: x\n    - name: z\n  # below\n  a: 1\n'
  },
  {
    name: 'an empty value at the very end is filled',
    text: 'spec:\n  a: 1\n  imagePullSecrets:',
    expected: 'spec:\n  a: 1\n  imagePullSecrets:\n    - name: x\n    - name: z'
  },
  {
    name: 'a tilde is null as well',
    text: 'spec:\n  imagePullSecrets: ~',
    expected: 'spec:\n  imagePullSecrets:\n    - name: x\n    - name: z'
  },
  {
    name: 'an empty list is filled in its brackets',
    text: 'spec:\n  imagePullSecrets: [ ] # none\n',
    expected: 'spec:\n  imagePullSecrets: [{name: x}, {name: z} ] # none\n'
  },
  {
    name: 'a list in brackets grows in them',
    text: 'spec:\n  imagePullSecrets: [ {name: a}, ]\n',
    expected: 'spec:\n  imagePullSecrets: [ {name: a}, {name: x}, {name: z}, ]\n'
  },
  {
    name: 'a map in braces gets the list in it',
    text: 'spec: {containers: [{name: a}]}\n',
    expected: 'spec: {imagePullSecrets: [{name: x}, {name: z}], containers: [{name: a}]}\n'
  },
  {
    name: 'null in braces is filled',
    text: 'spec: {imagePullSecrets: null, a: 1}\n',
    expected: 'spec: {imagePullSecrets: [{name: x}, {name: z}], a: 1}\n'
  },
  {
    name: 'JSON gets a line of its own where the others have one',
    text: '{\n  "spec": {\n    "a": 1\n  }\n}\n',
    expected: '{\n  "spec": {\n    "imagePullSecrets": [{"name": "x"}, {"name": "z"}],\n    "a": 1\n  }\n}\n'
  },
  {
    name: 'a JSON list grows line by line where it stands so',
    text: '{"spec": {"imagePullSecrets": [\n  {"name": "a"}\n]}}',
    expected: '{"spec": {"imagePullSecrets": [\n  {"name": "a"},\n  {"name": "x"},\n  {"name": "z"}\n]}}'
  },
  {
    name: 'a map that begins behind its explicit mark gets the list there',
    text: '? spec\n: a: 1\n  b: 2\n',
    expected: '? spec\n: imagePullSecrets:\n    - name: x\n    - name: z\n  a: 1\n  b: 2\n'
  },
  {
    name: 'an anchor that nothing refers to is no obstacle',
    text: 'spec: &spec\n  a: 1\n',
    expected: 'spec: &spec\n  imagePullSecrets:\n    - name: x\n    - name: z\n  a: 1\n'
  },
  { name: 'an aliased spec is not edited', text: 'a: &spec {b: 1}\nspec: *spec\n', expected: 'aliased' },
  { name: 'nor is the place that an alias refers to', text: 'spec: &spec {b: 1}\na: *spec\n', expected: 'aliased' },
  { name: 'nor is an aliased list', text: 'a: &list []\nspec: {imagePullSecrets: *list}\n', expected: 'aliased' },
  { name: 'nor is a list that an alias refers to', text: 'spec: {imagePullSecrets: &list []}\na: *list\n', expected: 'aliased' },
  { name: 'a spec that is merged in is not edited', text: 'a: &a {spec: {b: 1}}\n<<: *a\n', expected: 'merged' },
  { name: 'nor is a list that is merged in', text: 'a: &a {imagePullSecrets: []}\nspec: {<<: *a}\n', expected: 'merged' },
  {
    name: 'a merge of something else is no obstacle',
    text: 'a: &a {b: 1}\nspec:\n  <<: *a\n',
    expected: 'a: &a {b: 1}\nspec:\n  imagePullSecrets:\n    - name: x\n    - name: z\n  <<: *a\n'
  },
  { name: 'a tagged null is left alone', text: 'spec:\n  imagePullSecrets: !!null null\n', expected: 'layout' },
  { name: 'an anchored null that is used elsewhere is left alone', text: 'spec:\n  imagePullSecrets: &n null\n  a: *n\n', expected: 'layout' },
  { name: 'a spec whose first key has an explicit mark is left alone', text: 'spec:\n  ? a\n  : 1\n', expected: 'layout' },
  { name: 'an empty spec is left alone', text: 'spec: {}\n', expected: 'layout' },
  { name: 'a key without value in braces is left alone', text: 'spec: {imagePullSecrets, a: 1}\n', expected: 'layout' }
]

for (const { name, text, expected } of rows) {
  t.test(name, async (t) => { t.equal(edit(text, ['x', 'z']), expected) })
}

t.test('a name that YAML would read as something else is quoted', async (t) => {
  const names = ['on', 'y', 'e3', '1e3', '12', 'a-1.b', 'null', 'a\nb: "', 'é']
  const edited = edit('spec:\n  a: 1\n', names)
  t.strictSame(memberAt(parse(edited, { version: '1.1' }), listPath), names.map((name) => ({ name })))
  t.match(edited, '- name: a-1.b\n')
})

/** Manifests in several styles, with comments wherever they may stand. */
const comment = fc.constantFrom('', '', ' # c')
const manifest = fc.record({
  lineEnd: fc.constantFrom('\n', '\r\n'),
  indent: fc.constantFrom(0, 2, 4),
  step: fc.constantFrom(2, 4),
  list: fc.constantFrom('absent', 'null', 'tilde', 'empty', 'brackets', 'flow', 'block', 'multiline'),
  position: fc.nat(2),
  comments: fc.array(comment, { minLength: 12, maxLength: 12 }),
  ownLines: fc.array(fc.constantFrom<string[]>([], [], ['# own'], ['', '# own'], ['']), { minLength: 4, maxLength: 4 }),
  flow: fc.constantFrom('block', 'flow', 'json', 'pretty'),
  lastLineEnd: fc.boolean(),
  marker: fc.boolean()
}).map((style) => {
  const text = style.flow === 'block' ? blockText(style) : flowText(style)
  const marked = style.marker && style.flow === 'block' ? `# head\n---\n${text}` : text
  return (style.lastLineEnd ? marked : marked.replace(/\n+$/, '')).replaceAll('\n', style.lineEnd)
})

interface Style {
  readonly indent: number
  readonly step: number
  readonly list: string
  readonly position: number
  readonly comments: readonly string[]
  readonly ownLines: ReadonlyArray<readonly string[]>
  readonly flow: string
}

function blockText ({ indent, step, list, position, comments: c, ownLines }: Style): string {
  const pad = ' '.repeat(step)
  const dash = pad + ' '.repeat(indent)
  const item = (name: string, at: number): string[] => [`${dash}- name: ${name}${c[at]}`]
  const lists: Record<string, string[]> = {
    absent: [],
    null: [`${pad}imagePullSecrets: null${c[0]}`],
    tilde: [`${pad}imagePullSecrets: ~${c[0]}`],
    empty: [`${pad}imagePullSecrets:${c[0]}`],
    brackets: [`${pad}imagePullSecrets: []${c[0]}`],
    flow: [`${pad}imagePullSecrets: [{name: a}, {name: "b"}]${c[0]}`],
    block: [`${pad}imagePullSecrets:${c[0]}`, ...item('a', 1), ...(ownLines[3] ?? []).map((line) => dash + line), ...item('\'b\'', 2)],
    multiline: [`${pad}imagePullSecrets: [${c[0]}`, `${pad}  {name: a}${c[1]}`, `${pad}]${c[2]}`]
  }
  const parts = [
    [`${pad}restartPolicy: Never${c[3]}`],
    [`${pad}containers:${c[4]}`, `${dash}- name: main${c[5]}`, `${dash}  image: quay.io/acme/app${c[6]}`, `${dash}  args: [a, "b"]`],
    [`${pad}text: |`, `${pad}  # no comment`, `${pad}  imagePullSecrets: []`, '']
  ]
  parts.splice(position, 0, lists[list] ?? [])
  const body = parts.flatMap((part, index) => [...(ownLines[index % 3] ?? []).map((line) => line === '' ? '' : pad + line), ...part])
  return ['kind: Pod', `spec:${c[7]}`, ...body, `metadata: {name: x}${c[8]}`, ''].join('\n')
}

function flowText ({ list, position, flow }: Style): string {
  const values: Record<string, unknown> = { null: null, brackets: [], flow: [{ name: 'a' }], block: [{ name: 'a' }, { name: 'b' }, null] }
  const parts: Array<[string, unknown]> = [['restartPolicy', 'Never'], ['containers', [{ name: 'main', image: 'a' }]]]
  if (list in values) parts.splice(position, 0, ['imagePullSecrets', values[list]])
  const json = JSON.stringify({ kind: 'Pod', spec: Object.fromEntries(parts) }, null, flow === 'pretty' ? 2 : 0)
  return flow === 'flow' ? `${json.replaceAll(/"(\w+)":/g, '$1: ').replaceAll(',', ', ')}\n` : `${json}\n`
}

const commentsOf = (text: string): string[] => text.match(/# .*/g) ?? []

t.test('only the list changes, whatever the style', async () => {
  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,8}[a-z0-9])?$/)
  const added = fc.uniqueArray(name, { minLength: 1, maxLength: 3 })
  fc.assert(fc.property(manifest, added, (text, names) => {
    const before: unknown = parse(text)
    const present = Array.isArray(memberAt(before, listPath))
    const patched: unknown = structuredClone(before)
    applyPatch(patched, appendNames(listPath, present ? 'present' : 'absent', names))
    const edited = edit(text, names)
    assert.deepEqual(parse(edited), patched, 'it says what the patch says')
    assert.deepEqual(commentsOf(edited), commentsOf(text), 'every comment is still there, in order')
    assert.ok(isInsertion(text, edited), 'outside of one place it is the same text')
    assert.equal(edited.endsWith('\n'), text.endsWith('\n'))
    assert.equal(edited.includes('\r\n'), text.includes('\r\n'))
    assert.equal(edit(edited, []), edited, 'nothing to add changes nothing')
  }), { numRuns: 500 })
})

/** Whether the edited text is the text with something put in at one place, an explicit null taken away. */
function isInsertion (text: string, edited: string): boolean {
  const kept = text.replace(/(imagePullSecrets"?:) ?(?:null|~)/, '$1')
  let front = 0
  while (front < kept.length && kept[front] === edited[front]) front += 1
  return edited.length > kept.length && edited.endsWith(kept.slice(front))
}

t.test('a list that has grown can grow again', async () => {
  fc.assert(fc.property(manifest, (text) => {
    const twice = edit(edit(text, ['x']), ['z'])
    assert.deepEqual(asList(memberAt(parse(twice), listPath)).slice(-2), [{ name: 'x' }, { name: 'z' }])
  }), { numRuns: 200 })
})
