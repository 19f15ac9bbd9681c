import { Ajv, type ErrorObject } from 'ajv'
import { asList, asRecord, member, type UnknownRecord } from '../core/kubernetes.ts'
import { formatPath, nearest, quote } from './quote.ts'
import type { RawConfiguration } from './raw-configuration.ts'
import schema from './schema.json' with { type: 'json' }
import type { ValuePath } from './yaml-documents.ts'

/** One thing wrong with a value: where in it, at the key or the value, and what. */
export interface Finding {
  readonly path: ValuePath
  readonly part: 'key' | 'value'
  readonly message: string
}

export type CheckedConfiguration =
  | { readonly ok: true, readonly raw: RawConfiguration }
  | { readonly ok: false, readonly findings: readonly Finding[] }

/** The JSON Schema of the configuration file, for editors, the chart and the documentation. */
export function configurationSchema (): UnknownRecord {
  return structuredClone(schema)
}

/**
 * A check of a parsed file against the schema. Compiling it costs some milliseconds, so it is made once by whoever
 * reads configurations more than once. A good value gets the schema's plain defaults **filled into itself**.
 */
export function createSchemaCheck (): (value: unknown) => CheckedConfiguration {
  const ajv = new Ajv({ allErrors: true, verbose: true, useDefaults: true, strict: true, allowUnionTypes: true })
  ajv.addKeyword({ keyword: 'x-expected', schemaType: 'string', valid: true })
  const validate = ajv.compile<RawConfiguration>(schema)
  return (value) => validate(value)
    ? { ok: true, raw: value }
    : { ok: false, findings: tellingErrors(validate.errors ?? []).map((error) => describe(value, error)) }
}

// What a label key has wrong is told by the error about the key itself, and of a value of the wrong type the rest
// needs no telling.
function tellingErrors (errors: readonly ErrorObject[]): ErrorObject[] {
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath))
  return errors.filter(({ keyword, instancePath }) =>
    keyword === 'type' || (keyword !== 'propertyNames' && !mistyped.has(instancePath)))
}

function describe (value: unknown, error: ErrorObject): Finding {
  const path = readPointer(value, error.instancePath)
  if (error.propertyName !== undefined) {
    return { path: [...path, error.propertyName], part: 'key', message: describeKey(error.propertyName, path, error) }
  }
  if (error.keyword === 'additionalProperties') return describeUnknown(path, error)
  if (error.keyword === 'required') return describeMissing(path, error)
  return { path, part: 'value', message: `${formatPath(path)} ${describeValue(error)}` }
}

// JSON pointers don't tell an index from a key; the value does.
function readPointer (value: unknown, pointer: string): ValuePath {
  let at = value
  return pointer.split('/').slice(1).map((step) => {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    const index = Array.isArray(at) ? Number(key) : undefined
    at = Array.isArray(at) ? at[Number(key)] : member(at, key)
    return index ?? key
  })
}

function describeKey (key: string, path: ValuePath, error: ErrorObject): string {
  return `${formatPath(path)} has the key ${quote(key)}; expected ${expectation(error) ?? 'a shorter one'}`
}

function describeUnknown (path: ValuePath, error: ErrorObject): Finding {
  const name = String(error.params['additionalProperty'])
  const known = Object.keys(asRecord(error.parentSchema?.['properties']) ?? {})
  const close = nearest(name, known)
  const advice = close === undefined ? `remove it or use one of ${known.join(', ')}` : `did you mean ${quote(close)}?`
  return { path: [...path, name], part: 'key', message: `${formatPath(path)} has the unknown field ${quote(name)}; ${advice}` }
}

function describeMissing (path: ValuePath, error: ErrorObject): Finding {
  const name = String(error.params['missingProperty'])
  const field = member(error.parentSchema?.['properties'], name)
  const options = member(field, 'enum')
  const only = Array.isArray(options) && options.length === 1 ? `add ${name}: ${String(options[0])}` : 'add it'
  const description = member(field, 'description')
  const meaning = typeof description === 'string' ? ` (${description.replace(/\.$/, '')})` : ''
  return { path, part: 'value', message: `${formatPath(path)} lacks the field ${quote(name)}${meaning}; ${only}` }
}

type ErrorDescriber = (error: ErrorObject) => string

const describers: Readonly<Record<string, ErrorDescriber>> = {
  type: (error) => describeType(error, error.params['type']),
  enum: ({ data, params }) => describeEnum(data, asList(params['allowedValues']).map(String)),
  pattern: (error) => `is ${found(error.data)}; expected ${expectation(error) ?? 'another form'}`,
  maxLength: ({ params }) => `is longer than ${String(params['limit'])} characters; shorten it`,
  minLength: () => 'is empty; give it a value or remove it',
  maxItems: ({ params }) => `has more than ${String(params['limit'])} entries; remove some`,
  minItems: () => 'is an empty list; add an entry or remove the field',
  uniqueItems: (error) => `holds the same entry twice (${duplicates(error)}); remove one of them`
}

function describeValue (error: ErrorObject): string {
  const describer = describers[error.keyword]
  return describer?.(error) ?? `breaks the rule ${error.keyword} of the schema; see \`pullpass config schema\``
}

function expectation (error: ErrorObject): string | undefined {
  const text = error.parentSchema?.['x-expected']
  return typeof text === 'string' ? text : undefined
}

function describeType (error: ErrorObject, type: unknown): string {
  const expected = expectation(error) ?? typeNames(type)
  if (error.data === null) return `is empty; expected ${expected}, so fill it in or remove the field`
  const hint = type === 'string' && ['number', 'boolean'].includes(typeof error.data) ? '; put it in quotes' : ''
  return `is ${typeOf(error.data)}; expected ${expected}${hint}`
}

function describeEnum (data: unknown, allowed: readonly string[]): string {
  const close = typeof data === 'string' ? nearest(data, allowed) : undefined
  const hint = close === undefined || allowed.length === 1 ? '' : `; did you mean ${quote(close)}?`
  return `is ${found(data)}; expected ${allowed.length === 1 ? '' : 'one of '}${allowed.join(', ')}${hint}`
}

function duplicates ({ params }: ErrorObject): string {
  return `entries ${String(params['j'])} and ${String(params['i'])}, counted from 0`
}

function found (data: unknown): string {
  return typeof data === 'string' ? quote(data) : typeOf(data)
}

function typeOf (data: unknown): string {
  if (data === null) return 'empty'
  if (Array.isArray(data)) return 'a list'
  return typeof data === 'object' ? 'a map' : `a ${typeof data}`
}

function typeNames (type: unknown): string {
  const names: Readonly<Record<string, string>> = { array: 'a list', object: 'a map', boolean: 'true or false' }
  return (Array.isArray(type) ? type : [type])
    .map((name) => names[String(name)] ?? `a ${String(name)}`)
    .join(' or ')
}
