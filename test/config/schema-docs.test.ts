import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parseConfiguration } from '../../src/config/load.ts'
import { configurationSchema } from '../../src/config/schema-check.ts'
import { defaultOf, fieldsWithoutEffect } from '../../src/config/without-effect.ts'
import { asList, asRecord, asText, member } from '../../src/core/kubernetes.ts'

const docs = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
const schema = configurationSchema()

interface Row {
  readonly path: string
  readonly type: string
  readonly standard: string
}

const words: Readonly<Record<string, string>> = { string: 'text', array: 'list', object: 'map', boolean: 'boolean' }

function resolve (node: unknown): Record<string, unknown> {
  const record = asRecord(node) ?? {}
  const reference = asText(record['$ref'])
  const target = reference === undefined ? {} : member(schema['definitions'], reference.replace('#/definitions/', ''))
  return { ...asRecord(target), ...record }
}

function typeOf (field: Record<string, unknown>): string {
  if (asText(field['x-expected'])?.startsWith('a duration') === true) return 'duration'
  if (Array.isArray(field['enum'])) return field['enum'].map((value) => `\`${value}\``).join(' or ')
  return [field['type']].flat().map((type) => words[String(type)]).join(' or ')
}

function rowsOf (node: unknown, prefix = ''): Row[] {
  const parent = resolve(node)
  return Object.entries(asRecord(parent['properties']) ?? {}).flatMap(([name, below]) => {
    const field = resolve(below)
    const path = `${prefix}${name}`
    const required = asList(parent['required']).includes(name)
    const standard = field['default'] === undefined ? '-' : `\`${JSON.stringify(field['default'])}\``
    return [
      { path, type: typeOf(field), standard: required ? 'required' : standard },
      ...rowsOf(field, `${path}.`),
      ...rowsOf(field['items'], `${path}[].`)
    ]
  })
}

const documented = [...docs.matchAll(/^\| `([^`]+)` \| (.+?) \| (.+?) \| (.+) \|$/gm)]
  .map(([, path = '', type = '', standard = '', meaning = '']) => ({ path, type, standard, meaning }))

t.test('the page has a row for each field of the schema, with its type and default, and no other', async (t) => {
  const expected = rowsOf(schema)
  t.ok(expected.length > 40)
  t.same(documented.map(({ path, type, standard }) => ({ path, type, standard })), expected)
})

t.test('every field of the schema has a description for editors', async (t) => {
  const undescribed = rowsOf(schema).filter(({ path }) => {
    const steps = path.split('.')
    const found = steps.reduce<unknown>((at, step) => {
      const below = member(resolve(at)['properties'], step.replace('[]', ''))
      return step.endsWith('[]') ? resolve(below)['items'] : below
    }, schema)
    return asText(member(found, 'description')) === undefined
  })
  t.same(undescribed, [])
})

t.test('the page marks exactly the fields that have no effect yet', async (t) => {
  const marked = documented.filter(({ meaning }) => meaning.includes('Not in effect yet')).map(({ path }) => path)
  t.same(marked.toSorted(), fieldsWithoutEffect.toSorted())
})

t.test('each field without effect has a default to compare with', async (t) => {
  for (const field of fieldsWithoutEffect) t.not(defaultOf(schema, field), undefined, field)
})

t.test('every YAML example of the page is valid and needs no warning', async (t) => {
  const examples = [...docs.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text = '']) => text)
  t.ok(examples.length >= 2)
  for (const [index, text] of examples.entries()) {
    t.match(parseConfiguration(text, `example ${index}`), { ok: true, warnings: [] }, `example ${index + 1}`)
  }
})
