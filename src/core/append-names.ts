import { asList, asRecord, member } from './kubernetes.ts'

/**
 * A copy of a value with `{name}` objects appended to the list at a path; the list is made where it is absent or null.
 * What is not on the path is shared with the original.
 *
 * @param path keys and indices; every parent of the list exists.
 */
export function withNames (value: unknown, path: ReadonlyArray<string | number>, names: readonly string[]): unknown {
  const [step, ...rest] = path
  if (step === undefined) return [...asList(value), ...names.map((name) => ({ name }))]
  if (typeof step === 'number') return asList(value).map((item, index) => index === step ? withNames(item, rest, names) : item)
  return { ...asRecord(value), [step]: withNames(member(value, step), rest, names) }
}
