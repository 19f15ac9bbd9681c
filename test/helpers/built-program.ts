import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const script = fileURLToPath(new URL('../../scripts/build.ts', import.meta.url))

/**
 * Builds the program as it is shipped from the sources as they are, into a folder that goes with the test: `dist` may
 * be older than the sources, and other tests may be running from it.
 *
 * @returns the path of its main file.
 */
export async function buildProgram (t: Test): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pullpass-built-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  await promisify(execFile)(process.execPath, [script, folder])
  return join(folder, 'main.js')
}
