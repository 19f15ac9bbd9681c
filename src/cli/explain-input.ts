import { resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { parsePullSecrets } from '../adapters/manifests/pull-secrets.ts'
import { decodeText, readText } from '../adapters/manifests/read-text.ts'
import { PullpassError, type Problem } from '../core/errors.ts'
import type { Secret } from '../core/kubernetes.ts'
import type { CommandIo } from './command.ts'

const standardInput = 'standard input'

/**
 * The images to explain; `-` stands for those on standard input, one a line, empty lines left out.
 *
 * @throws PullpassError `file_unreadable` where standard input is not UTF-8 text.
 */
export async function readImages (images: readonly string[], io: CommandIo): Promise<string[]> {
  const lists = images.map(async (image) => image === '-' ? splitLines(await readNamed('-', io)) : [image])
  return (await Promise.all(lists)).flat()
}

function splitLines (text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '')
}

/**
 * The secrets of files, in the order given.
 *
 * @throws PullpassError `file_unreadable`; `yaml_invalid` with every problem of every file.
 */
export async function readSecretFiles (files: readonly string[], io: CommandIo): Promise<Secret[]> {
  const secrets: Secret[] = []
  const problems: Problem[] = []
  for (const file of files) {
    const result = parsePullSecrets(await readNamed(file, io), file === '-' ? standardInput : file)
    if (result.ok) secrets.push(...result.secrets)
    else problems.push(...result.problems)
  }
  if (problems.length > 0) {
    throw new PullpassError('yaml_invalid', 'explain: not every file named with --secret can be used; mend what is listed below', { problems })
  }
  return secrets
}

async function readNamed (file: string, io: CommandIo): Promise<string> {
  const result = file === '-'
    ? decodeText(await buffer(io.stdin), standardInput)
    : await readText(resolve(io.workingDirectory, file))
  if (result.ok) return result.text
  const name = file === '-' ? standardInput : file
  throw new PullpassError('file_unreadable', 'explain: a file cannot be read', { problems: [{ ...result.problem, file: name }] })
}
