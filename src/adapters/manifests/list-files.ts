import { readdir, realpath, stat, lstat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Problem } from '../../core/errors.ts'
import { systemErrorCode } from './system-error.ts'

/** The manifest files below a path, and the folders in which a change could change that list. */
export interface FileListing {
  /** In a stable order. */
  readonly files: readonly string[]
  /** Real paths, each with an identity that differs for a folder made anew in the same place. */
  readonly folders: ReadonlyMap<string, string>
  readonly problems: readonly Problem[]
}

interface Walk {
  readonly files: string[]
  readonly folders: Map<string, string>
  readonly problems: Problem[]
}

const manifestName = /\.(?:ya?ml|json)$/i
const deepestFolder = 16

/**
 * Lists a file, or the YAML and JSON files of a folder and its sub-folders. Links are followed; names that begin with
 * a dot are left out, so that of a ConfigMap mount (`x.yaml` → `..data/x.yaml`) each file is read once.
 */
export async function listFiles (path: string): Promise<FileListing> {
  const walk: Walk = { files: [], folders: new Map(), problems: [] }
  try {
    if ((await stat(path)).isDirectory()) await walkFolder(path, [], walk)
    else await addFile(path, walk)
  } catch (error) {
    walk.problems.push({ file: path, message: `the manifests cannot be read (${systemErrorCode(error)}); check the path and its rights` })
  }
  return { files: walk.files, folders: walk.folders, problems: walk.problems }
}

/** @param above the real paths of the folders around this one: a link back to one of them would never end. */
async function walkFolder (folder: string, above: readonly string[], walk: Walk): Promise<void> {
  const real = await realpath(folder)
  if (above.includes(real) || above.length >= deepestFolder) {
    walk.problems.push({ file: folder, message: 'the folder leads back to one around it, or lies too deep; remove the link' })
    return
  }
  await noteFolder(real, walk)
  for (const name of (await readdir(folder)).sort()) {
    if (!name.startsWith('.')) await walkEntry(join(folder, name), [...above, real], walk)
  }
}

async function walkEntry (path: string, above: readonly string[], walk: Walk): Promise<void> {
  try {
    const found = await stat(path)
    if (found.isDirectory()) await walkFolder(path, above, walk)
    else if (found.isFile() && manifestName.test(path)) await addFile(path, walk)
  } catch (error) {
    // An entry that went away since the folder was listed is no longer part of it.
    if (await isGone(path)) return
    walk.problems.push({ file: path, message: `it cannot be read (${systemErrorCode(error)}); check its rights, or where it links to` })
  }
}

async function addFile (path: string, walk: Walk): Promise<void> {
  walk.files.push(path)
  // The entry may be replaced where it stands, or where it links to.
  await noteFolder(await realpath(dirname(path)), walk)
  await noteFolder(dirname(await realpath(path)), walk)
}

async function noteFolder (real: string, walk: Walk): Promise<void> {
  if (walk.folders.has(real)) return
  const { dev, ino, birthtimeNs } = await stat(real, { bigint: true })
  walk.folders.set(real, `${dev}:${ino}:${birthtimeNs}`)
}

async function isGone (path: string): Promise<boolean> {
  return await lstat(path).then(() => false, (error: unknown) => systemErrorCode(error) === 'ENOENT')
}
