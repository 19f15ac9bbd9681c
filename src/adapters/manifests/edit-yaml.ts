import { isAlias, isMap, isPair, isScalar, isSeq, visit } from 'yaml'
import type { CST, Document, Node, Pair, YAMLMap, YAMLSeq } from 'yaml'
import type { ValuePath } from '../../config/yaml-documents.ts'

/** Names to append to one list of a document. */
export interface ListEdit {
  /** From the root of the document to the list; every parent exists. */
  readonly path: ValuePath
  readonly names: readonly string[]
  /** As the document's value has it, merge keys (`<<`) included; `absent` is absent or null. */
  readonly list: 'absent' | 'present'
}

/** A change of a text: some characters removed, and others put in their place. */
export interface Splice {
  readonly at: number
  readonly remove: number
  readonly insert: string
}

/**
 * Why a list is not edited in its text. `aliased`: it, or something around it, stands in several places at once through
 * an anchor and its aliases; `merged`: it comes from a merge key; `layout`: the text is laid out in an unusual way.
 */
export type EditProblem = 'aliased' | 'merged' | 'layout'

/** A document that was parsed with its source tokens kept, and the text that its ranges refer to. */
export interface ParsedText {
  readonly document: Document.Parsed
  readonly text: string
  /** Names of anchors that aliases refer to. */
  readonly aliased: ReadonlySet<string>
}

/** Collects the names of all anchors that a document's aliases refer to. */
export function listAliased (document: Document.Parsed): ReadonlySet<string> {
  const names = new Set<string>()
  visit(document, { Alias: (_key, { source }) => { names.add(source) } })
  return names
}

/**
 * Plans the one place where the text changes, so that all else stays byte for byte: comments, order, quoting, line
 * ends. A list with items grows in its own style; a new one stands first in its map, above the comments on the rest.
 */
export function planSplice (parsed: ParsedText, edit: ListEdit): Splice | EditProblem {
  if (edit.names.length === 0) return { at: 0, remove: 0, insert: '' }
  const owner = findOwner(parsed, edit.path.slice(0, -1))
  if (typeof owner === 'string') return owner
  const key = String(edit.path.at(-1))
  const pair = findPair(owner, key)
  const place: Place = { parsed, owner, key, names: edit.names }
  if (pair !== undefined) return changePair(place, pair)
  return edit.list === 'present' ? 'merged' : insertPair(place)
}

function changePair (place: Place, pair: Pair): Splice | EditProblem {
  const { value } = pair
  if (isAlias(value)) return 'aliased'
  if (isSeq(value)) return isShared(value, place.parsed) ? 'aliased' : appendItems(place, value)
  return value === null || (isScalar(value) && value.value === null) ? fillEmpty(place, pair) : 'layout'
}

interface Place {
  readonly parsed: ParsedText
  /** The map that has the list. */
  readonly owner: YAMLMap
  readonly key: string
  readonly names: readonly string[]
}

function findOwner (parsed: ParsedText, path: ValuePath): YAMLMap | EditProblem {
  let node: unknown = parsed.document.contents
  for (const step of path) {
    if (isAlias(node) || isShared(node, parsed)) return 'aliased'
    node = isSeq(node) ? node.items[Number(step)] : findPair(node, String(step))?.value
    if (node === undefined) return 'merged'
  }
  if (isAlias(node) || isShared(node, parsed)) return 'aliased'
  return isMap(node) ? node : 'layout'
}

function isShared (node: unknown, { aliased }: ParsedText): boolean {
  return (isMap(node) || isSeq(node)) && node.anchor !== undefined && aliased.has(node.anchor)
}

function findPair (map: unknown, key: string): Pair | undefined {
  return isMap(map) ? map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key) : undefined
}

/** A new list, first in its map. */
function insertPair (place: Place): Splice | EditProblem {
  const { owner, key, names, parsed: { text } } = place
  const first = startOf(owner.items[0]?.key)
  if (first === undefined) return 'layout'
  const { indent, isOwnLine, lineStart } = lineOf(text, first)
  if (isFlow(owner)) {
    const gap = isOwnLine ? newLineOf(text) + text.slice(lineStart, first) : ' '
    return { at: first, remove: 0, insert: `${flowText(place, `${key}: `)}[${flowItems(place)}],${gap}` }
  }
  const list = blockItems(names, indent + listIndent(owner, text), newLineOf(text))
  if (!isOwnLine) return { at: first, remove: 0, insert: `${key}:${newLineOf(text)}${list}${' '.repeat(indent)}` }
  const insert = `${' '.repeat(indent)}${key}:${newLineOf(text)}${list}`
  return { at: skipCommentsUp(text, lineStart), remove: 0, insert }
}

/** `imagePullSecrets:` with nothing, `null` or `~` behind it. */
function fillEmpty (place: Place, pair: Pair): Splice | EditProblem {
  const { owner, key, names, parsed: { text } } = place
  const keyStart = startOf(pair.key)
  const colon = offsetOfToken(sourceOf(pair)?.sep, 'map-value-ind')
  if (keyStart === undefined || colon === undefined) return 'layout'
  const [start, end] = rangeOf(pair.value) ?? [colon + 1, colon + 1]
  const hasText = end > start
  if (hasText && text.slice(colon + 1, start).trim() !== '') return 'layout'
  const at = colon + 1
  const remove = hasText ? end - at : 0
  if (isFlow(owner)) return { at, remove, insert: ` [${flowItems(place)}]` }
  const line = lineEnd(text, at + remove)
  const kept = text.slice(at + remove, line.at)
  const { indent } = lineOf(text, keyStart)
  const list = blockItems(names, indent + listIndent(owner, text, key), newLineOf(text))
  return { at, remove: line.at - at, insert: kept + (line.isLast ? newLineOf(text) + withoutLineEnd(list) : list) }
}

function appendItems (place: Place, list: YAMLSeq): Splice | EditProblem {
  const { names, parsed: { text } } = place
  if (isFlow(list)) return appendFlowItems(place, list)
  const tokens = list.srcToken?.type === 'block-seq' ? list.srcToken.items : []
  const dash = tokens.map(({ start }) => offsetOfToken(start, 'seq-item-ind')).findLast((offset) => offset !== undefined)
  if (dash === undefined) return 'layout'
  const end = rangeOf(list.items.at(-1))?.[1] ?? dash + 1
  const { at, isLast } = lineEnd(text, end)
  const items = blockItems(names, lineOf(text, dash).indent, newLineOf(text))
  return { at, remove: 0, insert: isLast ? newLineOf(text) + withoutLineEnd(items) : items }
}

function appendFlowItems (place: Place, list: YAMLSeq): Splice | EditProblem {
  const { text } = place.parsed
  const last = rangeOf(list.items.at(-1))
  if (last !== undefined) {
    const { isOwnLine, lineStart } = lineOf(text, last[0])
    const gap = isOwnLine ? newLineOf(text) + text.slice(lineStart, last[0]) : ' '
    return { at: last[1], remove: 0, insert: `,${gap}${flowItems(place, `,${gap}`)}` }
  }
  if (list.srcToken?.type !== 'flow-collection') return 'layout'
  return { at: list.srcToken.start.offset + 1, remove: 0, insert: flowItems(place) }
}

/** One item a line, each line ended. */
function blockItems (names: readonly string[], indent: number, newLine: string): string {
  return names.map((name) => `${' '.repeat(indent)}- name: ${yamlText(name)}${newLine}`).join('')
}

function flowItems (place: Place, gap = ', '): string {
  const isJson = isJsonStyle(place.owner)
  const items = place.names.map((name) => isJson ? `{"name": ${JSON.stringify(name)}}` : `{name: ${yamlText(name)}}`)
  return items.join(gap)
}

function flowText ({ owner }: Place, text: string): string {
  return isJsonStyle(owner) ? text.replace(/^[^:]+/, (key) => JSON.stringify(key)) : text
}

function isJsonStyle (owner: YAMLMap): boolean {
  const key = owner.items[0]?.key
  return isFlow(owner) && isScalar(key) && key.type === 'QUOTE_DOUBLE'
}

// Kubernetes reads YAML 1.1, where `on` and `y` are no text; some readers take `e3` for a number.
function yamlText (name: string): string {
  const isWord = /^(?:y|yes|n|no|on|off|true|false|null|e\d+)$/.test(name)
  return /^[a-z]([a-z0-9.-]*[a-z0-9])?$/.test(name) && !isWord ? name : JSON.stringify(name)
}

/** How far the map indents the dashes of its lists from their keys: 0 as kubectl does, 2 as people do. */
function listIndent (map: YAMLMap, text: string, except?: string): number {
  for (const { key, value } of map.items) {
    const start = startOf(key)
    const source = isSeq(value) && value.srcToken?.type === 'block-seq' ? value.srcToken.items[0]?.start : undefined
    const dash = offsetOfToken(source, 'seq-item-ind')
    if (start !== undefined && dash !== undefined && !(isScalar(key) && key.value === except)) {
      return Math.max(0, lineOf(text, dash).indent - lineOf(text, start).indent)
    }
  }
  return 2
}

/** `indent` is the column, from 0, wherever the line's text begins. */
function lineOf (text: string, offset: number): { lineStart: number, indent: number, isOwnLine: boolean } {
  const lineStart = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
  return { lineStart, indent: offset - lineStart, isOwnLine: text.slice(lineStart, offset).trim() === '' }
}

/** The start of the line behind an offset; behind a value that ends with its line, that is the offset itself. */
function lineEnd (text: string, offset: number): { at: number, isLast: boolean } {
  if (text[offset - 1] === '\n') return { at: offset, isLast: false }
  const found = text.indexOf('\n', offset)
  return found === -1 ? { at: text.length, isLast: true } : { at: found + 1, isLast: false }
}

/** The start of the comments and empty lines above a line, which belong to what they stand above. */
function skipCommentsUp (text: string, lineStart: number): number {
  let at = lineStart
  while (at > 0) {
    const above = text.lastIndexOf('\n', at - 2) + 1
    if (!/^\s*(?:#[^]*)?$/.test(text.slice(above, at - 1))) break
    at = above
  }
  return at
}

function newLineOf (text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n'
}

function withoutLineEnd (text: string): string {
  return text.replace(/\r?\n$/, '')
}

function isFlow (node: YAMLMap | YAMLSeq): boolean {
  return node.srcToken?.type === 'flow-collection'
}

function rangeOf (node: unknown): [number, number, number] | undefined {
  return isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? (node as Node).range ?? undefined : undefined
}

function startOf (node: unknown): number | undefined {
  return rangeOf(node)?.[0]
}

function sourceOf (pair: Pair): CST.CollectionItem | undefined {
  return isPair(pair) ? pair.srcToken : undefined
}

function offsetOfToken (tokens: readonly CST.SourceToken[] | undefined, type: CST.SourceToken['type']): number | undefined {
  return tokens?.find((token) => token.type === type)?.offset
}
