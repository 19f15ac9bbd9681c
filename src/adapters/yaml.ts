import { Lexer, parseDocument } from 'yaml'

/** Longest YAML text that is read; JSON has no such limit, since it is many times cheaper. */
const maxCharacters = 64 * 1024

// The YAML reader takes about 25 µs a token, so that 64 KiB of brackets would hold up every other admission for a
// second. A patch of 100 lines has about 1,000 tokens.
const maxTokens = 2_000

const maxAliasCount = 20

/**
 * A parser for texts inside objects, such as `podSpecPatch`: JSON, else the first YAML document, as Argo reads it.
 * The token budget is for all YAML texts that it is given, so that a parser made for each admission bounds what that
 * admission can cost.
 *
 * It gives undefined for what is neither, for YAML longer than 64 KiB or beyond the budget, and where aliases
 * multiply. It never throws.
 */
export function createYamlParser (budget: number = maxTokens): (text: string) => unknown {
  let left = budget
  return (text) => {
    const json = parseJson(text)
    if (json !== undefined || text.length > maxCharacters) return json
    left -= countTokens(text, left)
    return left < 0 ? undefined : parseOneDocument(text)
  }
}

/** `createYamlParser` with a budget of its own for each text. */
export function parseYaml (text: string): unknown {
  return createYamlParser()(text)
}

function parseJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Counts at most one more than the limit. */
function countTokens (text: string, limit: number): number {
  let count = 0
  for (const token of new Lexer().lex(text)) {
    if (token !== '') count += 1
    if (count > limit) break
  }
  return count
}

function parseOneDocument (text: string): unknown {
  try {
    // Looking for equal keys takes time that grows with their square.
    const options = { merge: true, stringKeys: true, uniqueKeys: false, prettyErrors: false } as const
    const document = parseDocument(text, { ...options, logLevel: 'silent' })
    return document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount })
  } catch {
    return undefined
  }
}
