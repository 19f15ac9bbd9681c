/** RFC 6902, only what admission needs: nothing is ever replaced, moved, removed or tested (design §5.6). */
export interface JsonPatchOperation {
  readonly op: 'add'
  /** RFC 6901 pointer. */
  readonly path: string
  readonly value: unknown
}

/** An RFC 6901 pointer from member names: `~` and `/` inside a name are escaped. */
export function jsonPointer (path: ReadonlyArray<string | number>): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/**
 * Appends names to a list of `{name}` objects.
 *
 * | list in the object | operations |
 * |---|---|
 * | absent or null | one `add` of the whole list |
 * | a list, empty or not | one `add …/-` a name |
 *
 * The parents of `path` must exist: the API server does not create them (semantics E.3).
 */
export function appendNames (path: readonly string[], list: 'absent' | 'present', names: readonly string[]): JsonPatchOperation[] {
  if (names.length === 0) return []
  const pointer = jsonPointer(path)
  const items = names.map((name) => ({ name }))
  if (list === 'absent') return [{ op: 'add', path: pointer, value: items }]
  return items.map((value) => ({ op: 'add', path: `${pointer}/-`, value }))
}
