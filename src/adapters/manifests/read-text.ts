import { readFile, stat } from 'node:fs/promises'
import type { Problem } from '../../core/errors.ts'
import { systemErrorCode } from './system-error.ts'

/** Largest manifest file that is read. A file of 10,000 Namespaces has about 2 MiB. */
export const largestFileBytes = 16 * 1024 * 1024

/** A file's text, or why it is refused. `gone`: it is not there. */
export type TextResult =
  | { readonly ok: true, readonly text: string }
  | { readonly ok: false, readonly reason: 'gone' | 'refused', readonly problem: Problem }

/** Reads a UTF-8 text file of at most 16 MiB. A byte order mark is taken off. */
export async function readText (file: string): Promise<TextResult> {
  const refuse = (message: string): TextResult => ({ ok: false, reason: 'refused', problem: { file, message } })
  try {
    const { size } = await stat(file)
    if (size > largestFileBytes) return refuse(`it holds ${size} bytes, more than ${largestFileBytes}; split it up`)
    return decodeText(await readFile(file), file)
  } catch (error) {
    const code = systemErrorCode(error)
    const message = `it cannot be read (${code}); check the path and its rights`
    return { ok: false, reason: code === 'ENOENT' ? 'gone' : 'refused', problem: { file, message } }
  }
}

/** Decodes bytes as UTF-8, strictly; the same limit holds. */
export function decodeText (bytes: Uint8Array, file: string): TextResult {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { ok: false, reason: 'refused', problem: { file, message: 'it is not UTF-8 text; save it as UTF-8' } }
  }
}
