import { Composer, isAlias, isMap, isScalar, isSeq, LineCounter, Parser, visit } from 'yaml'
import type { Document, YAMLError } from 'yaml'
import type { Problem } from '../core/errors.ts'

/** Keys and indices that lead from the root of a document to a value. */
export type ValuePath = ReadonlyArray<string | number>

/** One YAML document as a plain value, which can still tell where its parts stand. */
export interface YamlDocument {
  readonly value: unknown
  /**
   * A problem at the value below `path`, or at the key that names it. Where the document does not hold the path (a
   * missing field, something merged in by `<<`), it points at the nearest parent.
   */
  readonly problemAt: (path: ValuePath, message: string, part?: 'key' | 'value') => Problem
}

/** A document, or everything that keeps it from being read. */
export type YamlResult =
  | { readonly ok: true, readonly document: YamlDocument }
  | { readonly ok: false, readonly problems: readonly Problem[] }

// More than any hand-written file needs; a "billion laughs" document passes it at once.
const maxAliasCount = 200

// The library's own sentences quote the text around a fault, which may be a secret; its codes do not.
const faults: Partial<Record<YAMLError['code'], string>> = {
  BAD_ALIAS: 'a * starts an alias here; put a * that stands for itself in quotes, or name an anchor (&name) above it',
  BAD_DQ_ESCAPE: 'a "…" string holds an escape that YAML does not know; write \\\\ for a backslash',
  BAD_INDENT: 'the indentation does not fit the lines around it, or a bracket is still open; align or close it',
  BLOCK_AS_IMPLICIT_KEY: 'a nested map starts on the same line as its key; put it on a line of its own, indented',
  DUPLICATE_KEY: 'this key stands twice in one map; remove one of them',
  MISSING_CHAR: 'a character is missing here, such as a closing quote or bracket, a colon or a comma; add it',
  MULTILINE_IMPLICIT_KEY: 'a key goes on over several lines; check for a missing colon or quote',
  NON_STRING_KEY: 'a key is not plain text; put it in quotes',
  RESOURCE_EXHAUSTION: 'the text is nested too deeply; flatten it',
  TAB_AS_INDENT: 'a tab is used as indentation; use spaces',
  TAG_RESOLVE_FAILED: 'a tag (!name) is not known; remove it'
}

const otherFault = 'the text is not valid YAML; check quotes, brackets, colons and indentation'

/**
 * Reads a text of YAML (or JSON) documents one after another, so that a long file is never held as a syntax tree.
 * Empty documents are left out. Messages name places and never quote the text.
 */
export function * readYamlDocuments (text: string, file: string): Generator<YamlResult, void, undefined> {
  const lines = new LineCounter()
  const composer = new Composer({ uniqueKeys: true, stringKeys: true, merge: true, logLevel: 'silent' })
  const problemAtOffset = (offset: number, message: string): Problem => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col), message }
  }
  let documents = 0
  try {
    // A byte order mark would shift the columns of the first line.
    for (const document of composer.compose(new Parser(lines.addNewLine).parse(text.replace(/^\ufeff/, '')))) {
      documents += 1
      if (document.errors.length > 0) yield { ok: false, problems: listFaults(document.errors, problemAtOffset) }
      else if (!isEmpty(document)) yield toValue(document, problemAtOffset)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    yield { ok: false, problems: [{ file, message: 'the text is nested too deeply; flatten it' }] }
  }
  const left = documents === 0 ? composer.streamInfo().errors : []
  if (left.length > 0) yield { ok: false, problems: listFaults(left, problemAtOffset) }
}

function isEmpty (document: Document): boolean {
  return document.contents === null || (isScalar(document.contents) && document.contents.value === null)
}

type ProblemAtOffset = (offset: number, message: string) => Problem

function listFaults (errors: readonly YAMLError[], problemAtOffset: ProblemAtOffset): Problem[] {
  // One slip makes many errors further down; the first few are the ones to look at.
  const problems = errors.slice(0, 10).map(({ code, pos }) => problemAtOffset(pos[0], faults[code] ?? otherFault))
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}

function toValue (document: Document, problemAtOffset: ProblemAtOffset): YamlResult {
  try {
    const value: unknown = document.toJS({ maxAliasCount })
    const problemAt: YamlDocument['problemAt'] = (path, message, part = 'value') =>
      problemAtOffset(offsetOf(document, path, part), message)
    return { ok: true, document: { value, problemAt } }
  } catch {
    const message = 'an alias (*name) has no anchor (&name) above it, or the aliases multiply too far; write the values out'
    return { ok: false, problems: [problemAtOffset(firstAliasOffset(document), message)] }
  }
}

function firstAliasOffset (document: Document): number {
  let first: number | undefined
  visit(document, {
    Alias (_key, alias) {
      const offset = alias.range?.[0] ?? 0
      first ??= offset
      if (alias.resolve(document) !== undefined) return undefined
      first = offset
      return visit.BREAK
    }
  })
  return first ?? 0
}

function offsetOf (document: Document, path: ValuePath, part: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const [depth, step] of path.entries()) {
    const parent = isAlias(node) ? node.resolve(document) : node
    node = childOf(parent, step, depth === path.length - 1 ? part : 'value')
    const start = startOf(node)
    if (start === undefined) return offset
    offset = start
  }
  return offset
}

/** An empty value (`name:` and nothing) has no place of its own worth pointing at; its key has. */
function childOf (parent: unknown, step: string | number, part: 'key' | 'value'): unknown {
  if (isSeq(parent) && typeof step === 'number') return parent.items[step]
  if (!isMap(parent)) return undefined
  const pair = parent.items.find(({ key }) => (isScalar(key) ? String(key.value) : key) === String(step))
  const empty = isScalar(pair?.value) && pair.value.value === null
  return part === 'key' || empty ? pair?.key : pair?.value
}

function startOf (node: unknown): number | undefined {
  return isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined
}
