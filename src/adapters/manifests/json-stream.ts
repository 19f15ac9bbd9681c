/** Where one JSON value stands in a text. */
export interface JsonPiece {
  readonly start: number
  readonly end: number
}

/**
 * Finds the JSON objects and lists that stand one after another in a text, as kubectl and jq print them.
 *
 * @returns undefined where the text holds anything else, so that it is not JSON; also for an empty text.
 */
export function splitJsonStream (text: string): readonly JsonPiece[] | undefined {
  const pieces: JsonPiece[] = []
  let at = skipSpace(text, 0)
  while (at < text.length) {
    const end = findEnd(text, at)
    if (end === undefined || !isJson(text.slice(at, end))) return undefined
    pieces.push({ start: at, end })
    at = skipSpace(text, end)
  }
  return pieces.length === 0 ? undefined : pieces
}

function skipSpace (text: string, from: number): number {
  const space = /[ \t\r\n]*/y
  space.lastIndex = from
  space.test(text)
  return space.lastIndex
}

/** The end of the bracketed value that begins here; whether it is JSON is asked afterwards. */
function findEnd (text: string, start: number): number | undefined {
  if (text[start] !== '{' && text[start] !== '[') return undefined
  const mark = /[{}[\]]|"(?:[^"\\]|\\[^])*"/g
  mark.lastIndex = start
  let depth = 0
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '{' || found[0] === '[') depth += 1
    else if (found[0] === '}' || found[0] === ']') depth -= 1
    if (depth === 0) return mark.lastIndex
  }
  return undefined
}

function isJson (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
