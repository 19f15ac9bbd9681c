/**
 * JSON as Go's encoding/json reads it into a struct. JSON.parse alone is not enough: it loses duplicate members, which
 * Go decodes one after the other, and tells names apart by case, which Go does not (semantics B.3.4).
 *
 * A node is a slice of a text that JSON.parse has accepted, and is taken apart only when asked for. So the scanners
 * below need not check any grammar, and depth costs nothing.
 */
export interface JsonNode {
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface JsonMember {
  readonly name: string
  readonly value: JsonNode
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

/** Go's decoder refuses deeper documents. */
const maxDepth = 10_000

/** The root node of a document, or undefined where Go would refuse it. Bytes that are no UTF-8 read as U+FFFD. */
export function parseGoJson (bytes: Uint8Array): JsonNode | undefined {
  const text = decodeUtf8(bytes)
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  if (text.length > maxDepth && isDeeperThan(text, maxDepth)) return undefined
  const start = skipSpace(text, 0)
  return { text, start, end: valueEnd(text, start) }
}

/**
 * The text of bytes that may be no UTF-8. Go writes U+FFFD for each bad byte, TextDecoder for each broken sequence, so
 * that keys would differ; only the strict decoder agrees, and it takes the whole text in nearly every case.
 */
function decodeUtf8 (bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return decodeStrictly(decoder, bytes) ?? decodeBroken(decoder, bytes)
}

function decodeBroken (decoder: TextDecoder, bytes: Uint8Array): string {
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const end = at + sequenceLength(Number(bytes[at]))
    const character = decodeStrictly(decoder, bytes.subarray(at, end))
    text += character ?? '\uFFFD'
    at = character === undefined ? at + 1 : end
  }
  return text
}

/** How many bytes a sequence has by its first one. */
function sequenceLength (lead: number): number {
  if (lead < 0x80) return 1
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}

function decodeStrictly (decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** What a node is. */
export function kindOf (node: JsonNode): JsonKind {
  const kinds: Readonly<Record<string, JsonKind>> = { '{': 'object', '[': 'array', '"': 'string', t: 'boolean', f: 'boolean', n: 'null' }
  return kinds[node.text.charAt(node.start)] ?? 'number'
}

/** The value of a string node, lone surrogates as U+FFFD. */
export function stringOf (node: JsonNode): string {
  return (JSON.parse(node.text.slice(node.start, node.end)) as string).toWellFormed()
}

/** The members of an object node in the order written, duplicates included. */
export function membersOf (node: JsonNode): JsonMember[] {
  const { text } = node
  const members: JsonMember[] = []
  let at = skipSpace(text, node.start + 1)
  while (text[at] !== '}') {
    const nameEnd = valueEnd(text, at)
    const name = stringOf({ text, start: at, end: nameEnd })
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1)
    const end = valueEnd(text, start)
    members.push({ name, value: { text, start, end } })
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return members
}

/** A member's name as Go compares it with a struct field's: simple case folding, U+017F and U+212A included. */
export function foldName (name: string): string {
  return name.replaceAll('\u017F', 's').replaceAll('\u212A', 'k').replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function skipSpace (text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1
  return at
}

/** The index behind the value that starts at `start`. */
function valueEnd (text: string, start: number): number {
  const first = text[start]
  if (first === '"') return stringEnd(text, start)
  if (first !== '{' && first !== '[') return scalarEnd(text, start)
  let depth = 0
  let at = start
  do {
    const character = text[at]
    if (character === '"') {
      at = stringEnd(text, at)
      continue
    }
    if (character === '{' || character === '[') depth += 1
    if (character === '}' || character === ']') depth -= 1
    at += 1
  } while (depth > 0)
  return at
}

function stringEnd (text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function scalarEnd (text: string, start: number): number {
  let at = start
  while (at < text.length && !' \n\r\t,]}'.includes(text.charAt(at))) at += 1
  return at
}

/** Whether brackets outside of strings nest deeper than `limit`. */
export function isDeeperThan (text: string, limit: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') at = stringEnd(text, at) - 1
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') depth -= 1
    if (depth > limit) return true
  }
  return false
}
