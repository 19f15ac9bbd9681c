import { constants } from 'node:fs'
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { PullpassError } from '../../core/errors.ts'
import type { CertificateBundle } from './development-authority.ts'

/** Where the three files of a bundle lie, by the names that Kubernetes and cert-manager use. */
export interface BundleFiles {
  readonly authorityFile: string
  readonly certificateFile: string
  readonly privateKeyFile: string
}

interface Target {
  readonly file: string
  readonly text: string
  readonly mode: number
}

/** Names the files of a bundle in a folder. */
export function bundleFiles (folder: string): BundleFiles {
  return {
    authorityFile: join(folder, 'ca.crt'),
    certificateFile: join(folder, 'tls.crt'),
    privateKeyFile: join(folder, 'tls.key')
  }
}

/**
 * Refuses a folder that a bundle must not be written to: itself a symlink or no folder, or (without `replace`) holding
 * one of the files already. A missing folder is fine.
 *
 * @throws PullpassError `file_unwritable`
 */
export async function checkBundleFolder (folder: string, { replace }: { readonly replace: boolean }): Promise<void> {
  const found = await lookAt(folder)
  if (found?.isSymbolicLink() === true) throw unwritable(folder, 'it is a symlink; name the real folder')
  if (found !== undefined && !found.isDirectory()) throw unwritable(folder, 'it is not a folder; name another one')
  for (const file of Object.values(bundleFiles(folder))) {
    const entry = await lookAt(file)
    if (entry === undefined) continue
    if (!entry.isFile()) throw unwritable(file, 'it is a symlink or no plain file; remove it or name another folder')
    if (!replace) throw unwritable(file, 'it is there already; add --force to replace it, or name another folder')
  }
}

/**
 * Writes a bundle to a folder, made with mode 0700 where it is missing; the key's mode is 0600. No symlink is followed.
 *
 * @throws PullpassError `file_unwritable`
 */
export async function writeBundle (
  folder: string, bundle: CertificateBundle, options: { readonly replace: boolean }
): Promise<BundleFiles> {
  await checkBundleFolder(folder, options)
  const files = bundleFiles(folder)
  await attempt(folder, async () => await mkdir(folder, { recursive: true, mode: 0o700 }))
  await place({ file: files.privateKeyFile, text: bundle.privateKey, mode: 0o600 }, options.replace)
  await place({ file: files.certificateFile, text: bundle.certificate, mode: 0o644 }, options.replace)
  await place({ file: files.authorityFile, text: bundle.authority, mode: 0o644 }, options.replace)
  return files
}

async function place ({ file, text, mode }: Target, replace: boolean): Promise<void> {
  // Writing over a file would leave it half written for a reader, and with the old mode; a rename does neither.
  const draft = replace ? `${file}.${randomUUID()}` : file
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  await attempt(file, async () => {
    await using handle = await open(draft, flags, mode)
    await handle.writeFile(text)
  })
  if (!replace) return
  await attempt(file, async () => await rename(draft, file)).finally(async () => await rm(draft, { force: true }))
}

async function lookAt (path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw unwritable(path, `it cannot be looked at (${codeOf(error)}); check the path and its rights`, error)
  }
}

async function attempt<T> (path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw unwritable(path, `the system refused (${codeOf(error)}); check the folder, its rights and its space`, error)
  }
}

function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}

function unwritable (path: string, finding: string, cause?: unknown): PullpassError {
  return new PullpassError('file_unwritable', `cannot write ${path}: ${finding}`, { cause })
}
