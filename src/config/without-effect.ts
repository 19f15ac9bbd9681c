import { isDeepStrictEqual } from 'node:util'
import { asList, member, type UnknownRecord } from '../core/kubernetes.ts'
import { parseDuration } from './duration.ts'
import { formatPath } from './quote.ts'
import type { Finding } from './schema-check.ts'
import type { ValuePath } from './yaml-documents.ts'

/**
 * Fields that the format has and this version does not act on yet. A feature that is finished takes its line away.
 * `[]` stands for every entry of a list.
 */
export const fieldsWithoutEffect: readonly string[] = [
  'credentials[].targets',
  'credentials[].serviceAccounts',
  'credentials[].adopt',
  'credentials[].verify',
  'injection.namespaceSecrets',
  'injection.missingCopy',
  'injection.gateTimeout',
  'injection.serviceAccountWait',
  'platform',
  'internalRegistries',
  'imagePullers',
  'retention.optedOut',
  'retention.sourceGone'
]

/**
 * One warning for each field of the table that a file sets to something other than its default.
 *
 * @param value the file with defaults filled in, as the schema check leaves it.
 */
export function warnWithoutEffect (value: unknown, schema: UnknownRecord): Finding[] {
  return fieldsWithoutEffect.flatMap((field) => {
    const standard = defaultOf(schema, field)
    return pathsOf(value, field)
      .filter(({ found }) => found !== undefined && !isSameSetting(found, standard))
      .map(({ path }) => ({ path, part: 'key', message: `${formatPath(path)} has no effect in this version yet; remove it or expect nothing of it` }))
  })
}

/** The schema's default of a field such as `credentials[].adopt`, or undefined where it has none. */
export function defaultOf (schema: UnknownRecord, field: string): unknown {
  const steps = field.split('.')
  const found = steps.reduce<unknown>((at, step) => {
    const list = step.endsWith('[]')
    const below = member(member(resolve(schema, at), 'properties'), list ? step.slice(0, -2) : step)
    return list ? member(below, 'items') : below
  }, schema)
  return member(found, 'default')
}

function resolve (schema: UnknownRecord, at: unknown): unknown {
  const reference = member(at, '$ref')
  return typeof reference === 'string' ? member(schema['definitions'], reference.replace('#/definitions/', '')) : at
}

interface Place {
  readonly path: ValuePath
  readonly found: unknown
}

function pathsOf (value: unknown, field: string): Place[] {
  return field.split('.').reduce<Place[]>((places, step) => places.flatMap(({ path, found }) => {
    const key = step.replace('[]', '')
    const below = member(found, key)
    return step.endsWith('[]')
      ? asList(below).map((item, index) => ({ path: [...path, key, index], found: item }))
      : [{ path: [...path, key], found: below }]
  }), [{ path: [], found: value }])
}

function isSameSetting (one: unknown, other: unknown): boolean {
  const seconds = typeof one === 'string' && typeof other === 'string' ? parseDuration(one) : undefined
  return isDeepStrictEqual(one, other) || (seconds !== undefined && seconds === parseDuration(String(other)))
}
