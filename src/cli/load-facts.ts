import { resolve } from 'node:path'
import { loadManifests, type LoadedManifests } from '../adapters/manifests/load.ts'
import { findOwnNamespace } from '../adapters/own-namespace.ts'
import { formatProblem, PullpassError } from '../core/errors.ts'
import type { CommandIo } from './command.ts'
import { renameProblem } from './manifest-input.ts'
import type { FactFlags } from './options.ts'
import { printable } from './table.ts'

/**
 * Reads the facts of a command that runs once, and writes what deserves a word about them to standard error. Files
 * are called as the flags call them.
 *
 * @throws PullpassError `manifests_invalid` with every problem.
 */
export async function loadFacts (
  { manifests, config, ownNamespace: asked }: FactFlags & { readonly manifests: string },
  { workingDirectory, stderr }: CommandIo
): Promise<LoadedManifests> {
  const path = resolve(workingDirectory, manifests)
  const configFile = config === undefined ? undefined : resolve(workingDirectory, config)
  const rename = renameProblem([[path, manifests], [configFile ?? path, config ?? manifests]])
  const ownNamespace = await findOwnNamespace(asked)
  const result = await loadManifests({ path, ownNamespace, ...configFile === undefined ? {} : { configFile } })
  if (!result.ok) {
    const message = `reading the facts in ${printable(manifests)}: they cannot be used; mend what is listed below`
    throw new PullpassError('manifests_invalid', message, { problems: result.problems.map(rename) })
  }
  const { view, warnings } = result.loaded
  const notes = [
    ...warnings.map((warning) => formatProblem(rename(warning))),
    ...view.findings.map(({ credential, message }) => `credential ${credential}: ${message}`)
  ]
  for (const note of new Set(notes)) stderr.write(`${printable(note)} (warning)\n`)
  return result.loaded
}
