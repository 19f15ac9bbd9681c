/**
 * Go's filepath.Match for one part of a host name: `*`, `?` and `[…]`, without backslash and slash, which no host
 * holds. A pattern that Go calls bad matches nothing. Linear but for `*`, which tries each position once a star.
 */
export function matchGlob (pattern: string, text: string): boolean {
  const tokens = tokenize(pattern)
  return tokens !== undefined && matchTokens(tokens, text)
}

/** Whether a pattern means more than its own letters. */
export function isGlob (pattern: string): boolean {
  return /[*?[]/.test(pattern)
}

type Token = '*' | ((character: string) => boolean)

function tokenize (pattern: string): Token[] | undefined {
  const tokens: Token[] = []
  let at = 0
  while (at < pattern.length) {
    const character = pattern.charAt(at)
    if (character === '[') {
      const parsed = parseClass(pattern, at + 1)
      if (parsed === undefined) return undefined
      tokens.push(parsed.test)
      at = parsed.end
      continue
    }
    if (character !== '*' || tokens.at(-1) !== '*') tokens.push(literalToken(character))
    at += 1
  }
  return tokens
}

function literalToken (character: string): Token {
  if (character === '*') return '*'
  return character === '?' ? () => true : (other) => other === character
}

/** A character class from behind its `[`: `^` negates, at least one range, `-` and `]` cannot begin one. */
function parseClass (pattern: string, from: number): { test: (character: string) => boolean, end: number } | undefined {
  const negated = pattern[from] === '^'
  const ranges: Array<readonly [string, string]> = []
  let at = negated ? from + 1 : from
  while (at < pattern.length) {
    if (pattern[at] === ']' && ranges.length > 0) {
      const isInside = (character: string): boolean =>
        ranges.some(([low, high]) => low <= character && character <= high)
      return { test: (character) => isInside(character) !== negated, end: at + 1 }
    }
    const range = parseRange(pattern, at)
    if (range === undefined) return undefined
    ranges.push(range)
    at += range[0] === range[1] && pattern[at + 1] !== '-' ? 1 : 3
  }
  return undefined
}

function parseRange (pattern: string, at: number): readonly [string, string] | undefined {
  const low = pattern.charAt(at)
  if (low === '-' || low === ']') return undefined
  if (pattern[at + 1] !== '-') return [low, low]
  const high = pattern.charAt(at + 2)
  return high === '' || high === '-' || high === ']' ? undefined : [low, high]
}

/** Greedy matching with one step back: it is enough to remember the latest star. */
function matchTokens (tokens: readonly Token[], text: string): boolean {
  let token = 0
  let at = 0
  let star = -1
  let starAt = 0
  while (at < text.length) {
    const current = tokens[token]
    if (current === '*') {
      star = token
      starAt = at
      token += 1
    } else if (current?.(text.charAt(at)) === true) {
      token += 1
      at += 1
    } else if (star !== -1) {
      starAt += 1
      at = starAt
      token = star + 1
    } else {
      return false
    }
  }
  return tokens.slice(token).every((rest) => rest === '*')
}
