/**
 * Standard base64 as Go's encoding/base64 decodes it: only the standard alphabet, CR and LF skipped anywhere, padding
 * as demanded, bits behind the last byte ignored. `Buffer.from(…, 'base64')` alone accepts almost anything.
 *
 * @param padding `required` is StdEncoding, `forbidden` RawStdEncoding.
 * @returns undefined where Go reports an error.
 */
export function decodeBase64 (text: string, padding: 'required' | 'forbidden'): Uint8Array | undefined {
  const compact = text.replace(/[\r\n]/g, '')
  const digits = padding === 'required' ? unpadded(compact) : compact
  if (digits === undefined || digits.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(digits)) return undefined
  return Buffer.from(digits, 'base64')
}

/** The digits in front of a padding of the right length, or undefined. */
function unpadded (text: string): string | undefined {
  if (text.length % 4 !== 0) return undefined
  if (text.endsWith('==')) return text.slice(0, -2)
  return text.endsWith('=') ? text.slice(0, -1) : text
}
