import { isAscii, isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { RefusalCode } from './refusal.ts'

/** What the headers say of the body: how many bytes to expect, or why it is not read at all. */
export type BodyHead =
  | { readonly ok: true, readonly declaredBytes: number | undefined }
  | { readonly ok: false, readonly code: RefusalCode }

/** Looks at the headers only. `declaredBytes` is absent for a chunked body. */
export function readBodyHead (headers: IncomingHttpHeaders, limitBytes: number): BodyHead {
  if (!isJsonType(headers['content-type'])) return { ok: false, code: 'content_type_unsupported' }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') return { ok: false, code: 'content_encoding_unsupported' }
  const length = headers['content-length']
  if (length === undefined) {
    return headers['transfer-encoding'] === undefined ? { ok: false, code: 'body_empty' } : { ok: true, declaredBytes: undefined }
  }
  const declaredBytes = Number(length)
  return declaredBytes > limitBytes ? { ok: false, code: 'body_too_large' } : { ok: true, declaredBytes }
}

function isJsonType (contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true
  return contentType !== undefined && contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/json'
}

export interface BodyReading {
  readonly limitBytes: number
  readonly timeoutMs: number
  /** Absent for a chunked body. */
  readonly declaredBytes: number | undefined
}

/** `gone`: the caller went away, so that there is nobody to answer. */
export type BodyOutcome =
  | { readonly ok: true, readonly bytes: Buffer }
  | { readonly ok: false, readonly code: 'body_too_large' | 'body_timeout' | 'gone' }

/** Reads a body that nobody has touched yet; `done` is called exactly once. */
export function readBody (request: IncomingMessage, reading: BodyReading, done: (outcome: BodyOutcome) => void): void {
  const received = createCollector(reading.declaredBytes)
  const timer = setTimeout(() => { finish({ ok: false, code: 'body_timeout' }) }, reading.timeoutMs)

  function finish (outcome: BodyOutcome): void {
    clearTimeout(timer)
    request.off('data', onData).off('end', onEnd).off('close', onGone)
    done(outcome)
  }
  function onData (chunk: Buffer): void {
    if (received.add(chunk) > reading.limitBytes) finish({ ok: false, code: 'body_too_large' })
  }
  function onEnd (): void {
    finish({ ok: true, bytes: received.bytes() })
  }
  function onGone (): void {
    finish({ ok: false, code: 'gone' })
  }
  // An aborted request emits an error before it closes; without a listener it would end the process.
  request.on('error', () => {})
  request.on('close', onGone).on('end', onEnd).on('data', onData)
  if (request.destroyed) onGone()
}

interface Collector {
  /** Takes the next piece and returns how many bytes there are so far. */
  readonly add: (chunk: Buffer) => number
  readonly bytes: () => Buffer
}

/** With a declared length the pieces go straight into one buffer, so that a large body is never in memory twice. */
function createCollector (declaredBytes: number | undefined): Collector {
  const chunks: Buffer[] = []
  let whole: Buffer | undefined
  let length = 0
  return {
    add: (chunk) => {
      if (whole === undefined && declaredBytes !== undefined && chunk.length < declaredBytes) {
        whole = Buffer.allocUnsafe(declaredBytes)
      }
      if (whole === undefined) chunks.push(chunk)
      else chunk.copy(whole, length)
      length += chunk.length
      return length
    },
    bytes: () => {
      const [first] = chunks
      if (whole !== undefined) return whole
      return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, length)
    }
  }
}

/** A parsed body, or why it is none. Keys such as `__proto__` are plain own members of the value. */
export type ParsedBody =
  | { readonly ok: true, readonly value: unknown }
  | { readonly ok: false, readonly code: RefusalCode }

/**
 * Parses JSON text. `JSON.parse` makes `__proto__` an own member and is left at that: a pod may carry such a key.
 * Of a key that stands twice the last one counts, as for the API server.
 */
export function parseJsonBody (bytes: Buffer, nestingLevels: number): ParsedBody {
  if (bytes.length === 0) return { ok: false, code: 'body_empty' }
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { ok: false, code: 'body_has_bom' }
  // Most reviews are ASCII, which turns into a string by copying.
  const ascii = isAscii(bytes)
  if (!ascii && !isUtf8(bytes)) return { ok: false, code: 'body_not_utf8' }
  if (isNestedDeeper(bytes, nestingLevels)) return { ok: false, code: 'body_too_deep' }
  try {
    return { ok: true, value: JSON.parse(bytes.toString(ascii ? 'latin1' : 'utf8')) }
  } catch {
    // The error's own text quotes the input.
    return { ok: false, code: 'body_not_json' }
  }
}

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const openBrace = 0x7b
const closeBracket = 0x5d
const closeBrace = 0x7d

/** Whether brackets outside strings stand inside each other more than `levels` times; one pass, no recursion. */
export function isNestedDeeper (bytes: Buffer, levels: number): boolean {
  if (countOpening(bytes, levels) <= levels) return false
  let depth = 0
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]
    if (byte === quote) index = endOfString(bytes, index)
    else if (byte === openBracket || byte === openBrace) depth += 1
    else if (byte === closeBracket || byte === closeBrace) depth -= 1
    if (depth > levels) return true
  }
  return false
}

/** Opening brackets, those inside strings too: an upper bound of the depth that is cheap to get. */
function countOpening (bytes: Buffer, levels: number): number {
  if (bytes.length <= levels) return 0
  let count = 0
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]
    if (byte === openBracket || byte === openBrace) count += 1
  }
  return count
}

/** The index of the quote that ends the string which begins at `start`, or the length if none does. */
function endOfString (bytes: Buffer, start: number): number {
  let index = start + 1
  while (index < bytes.length && bytes[index] !== quote) index += bytes[index] === backslash ? 2 : 1
  return index
}
