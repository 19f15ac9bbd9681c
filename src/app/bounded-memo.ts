/** Longer texts are rare, and keeping them would let a caller fill the memory. */
const maxTextLength = 512

/**
 * Remembers what a pure function gave for a text. Once `limit` texts are known it starts anew, so that the memory is
 * bounded without any bookkeeping: what comes often is back at once.
 */
export function memoizeBounded<Value> (compute: (text: string) => Value, limit: number): (text: string) => Value {
  const known = new Map<string, Value>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const value = compute(text)
    if (text.length <= maxTextLength) {
      if (known.size >= limit) known.clear()
      known.set(text, value)
    }
    return value
  }
}
