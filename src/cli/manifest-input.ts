import { resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { listFiles } from '../adapters/manifests/list-files.ts'
import { readManifestText, type ManifestText } from '../adapters/manifests/manifest-text.ts'
import { decodeText, readText, type TextResult } from '../adapters/manifests/read-text.ts'
import { PullpassError, type Problem } from '../core/errors.ts'
import type { CommandIo } from './command.ts'

/** A file of manifests, or standard input. */
export interface Input {
  /** As it was named; below a folder, with the folder in front. */
  readonly name: string
  readonly manifest: ManifestText
}

interface NamedText {
  readonly name: string
  readonly result: TextResult
}

/**
 * Reads files, folders and standard input (`-`), in the order named.
 *
 * @throws PullpassError with all problems: `file_unreadable`, else `yaml_invalid`.
 */
export async function readInputs (names: readonly string[], io: CommandIo): Promise<Input[]> {
  const files: NamedText[] = []
  for (const name of names) files.push(...await readPath(name, io))
  const unreadable = files.flatMap(({ result }) => result.ok ? [] : [result.problem])
  if (unreadable.length > 0) {
    const message = 'the files named with -f cannot all be read; mend what is listed below'
    throw new PullpassError('file_unreadable', message, { problems: unreadable })
  }
  const parsed = files.flatMap(({ name, result }) =>
    result.ok ? [{ name, ...readManifestText(result.text, name) }] : [])
  const problems = parsed.flatMap((input) => input.ok ? [] : input.problems)
  if (problems.length > 0) {
    const message = 'the files named with -f are not all valid YAML or JSON; mend what is listed below'
    throw new PullpassError('yaml_invalid', message, { problems })
  }
  return parsed.flatMap((input) => input.ok ? [{ name: input.name, manifest: input.manifest }] : [])
}

const standardInput = 'standard input'

async function readPath (name: string, { stdin, workingDirectory }: CommandIo): Promise<NamedText[]> {
  if (name === '-') return [{ name: standardInput, result: decodeText(await buffer(stdin), standardInput) }]
  const path = resolve(workingDirectory, name)
  const rename = renameProblem([[path, name]])
  const { files, problems } = await listFiles(path)
  const empty = { file: name, message: 'the folder holds no .yaml, .yml or .json file; name another one' }
  const found = files.length === 0 && problems.length === 0 ? [empty] : problems.map(rename)
  const texts = await Promise.all(files.map(async (file): Promise<NamedText> => {
    const result = await readText(file)
    return { name: renameFile(file, path, name), result: result.ok ? result : refuse(rename(result.problem)) }
  }))
  return [...found.map((problem) => ({ name, result: refuse(problem) })), ...texts]
}

function refuse (problem: Problem): TextResult {
  return { ok: false, reason: 'refused', problem }
}

/** Gives a problem the name by which its file was asked for, in place of a full path. */
export function renameProblem (
  named: ReadonlyArray<readonly [path: string, name: string]>
): (problem: Problem) => Problem {
  return (problem) => {
    const file = named.reduce((file, [path, name]) => renameFile(file, path, name), problem.file)
    return { ...problem, file }
  }
}

function renameFile (file: string, path: string, name: string): string {
  if (file === path) return name
  return file.startsWith(`${path}/`) ? `${name.replace(/\/$/, '')}${file.slice(path.length)}` : file
}
