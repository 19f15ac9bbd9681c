const longestShown = 80

// What JSON leaves as it is and a terminal may act on or show in another order (C1 controls, bidirectional marks).
const unprintable = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** Outside text for a message: in quotes, on one line, without control characters, cut at 80 characters. */
export function quote (text: string): string {
  const shown = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text
  return JSON.stringify(shown)
    .replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** `credentials[0].name`, from a path of keys and indices; `the file` for an empty one. */
export function formatPath (path: ReadonlyArray<string | number>): string {
  if (path.length === 0) return 'the file'
  return path.map((step, index) => {
    if (typeof step === 'number') return `[${step}]`
    if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${quote(step)}]`
    return index === 0 ? step : `.${step}`
  }).join('')
}

/** The candidate that differs from the word by at most a third of its letters (case aside), or undefined. */
export function nearest (word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 64) return undefined
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined
}

function editDistance (from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1]
    for (const [index, other] of [...to].entries()) {
      const swap = (row[index] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(swap, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
