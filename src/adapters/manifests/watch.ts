import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { ClusterView } from '../../app/ports.ts'
import { createConfigurationParser } from '../../config/load.ts'
import type { Problem } from '../../core/errors.ts'
import type { FileListing } from './list-files.ts'
import { interpret, listSource, takeSnapshot, type LoadedManifests, type ManifestsSource, type Snapshot } from './load.ts'
import { systemErrorCode } from './system-error.ts'
import { createSwitchableView } from './view.ts'

/** What a watch tells, and how often it looks. */
export interface WatchOptions {
  /** A change is in force. Called after the view has switched. */
  readonly onReload: (loaded: LoadedManifests) => void
  /**
   * The files changed and are refused, told once a change; or something failed on the way, a throwing callback
   * included. The last good state stays in force.
   */
  readonly onRefused: (problems: readonly Problem[]) => void
  /** How long changes are gathered before a reload; 100. */
  readonly gatherMs?: number
  /** How often to look without having been told, since change notices can get lost (network mounts); 30,000. */
  readonly pollMs?: number
}

/** A view that follows its files until it is closed. */
export interface WatchedManifests {
  readonly view: ClusterView
  /** The first load. */
  readonly loaded: LoadedManifests
  /** Resolves when nothing is going on any more. */
  readonly close: () => Promise<void>
}

/** A running watch, or every problem of the first load. */
export type WatchResult =
  | { readonly ok: true, readonly watched: WatchedManifests }
  | { readonly ok: false, readonly problems: readonly Problem[] }

/** Loads a source and keeps the view up to date: always as a whole, never half of a change. */
export async function watchManifests (source: ManifestsSource, options: WatchOptions): Promise<WatchResult> {
  const { gatherMs = 100, pollMs = 30_000 } = options
  const parser = createConfigurationParser()
  const trigger = createTrigger(gatherMs, (error) => {
    const message = `reloading failed: ${describeFailure(error)}; please report it`
    options.onRefused([{ file: source.path, message }])
  })
  const folders = createFolderWatch(source, trigger.fire)
  const snapshot = await takeWatchedSnapshot(source, folders)
  const first = interpret(snapshot, source, { parser })
  if (!first.ok) {
    folders.close()
    await trigger.close()
    return first
  }
  const { view, switchTo } = createSwitchableView(first.loaded.view)
  let fingerprint = snapshot.fingerprint
  const reload = async (): Promise<void> => {
    const next = await takeWatchedSnapshot(source, folders)
    if (next.fingerprint === fingerprint) return
    fingerprint = next.fingerprint
    const result = interpret(next, source, { parser, previous: view.coverage() })
    if (!result.ok) return options.onRefused(result.problems)
    switchTo(result.loaded.view)
    options.onReload(result.loaded)
  }
  trigger.start(reload)
  const poll = setInterval(trigger.fire, pollMs)
  const close = async (): Promise<void> => {
    clearInterval(poll)
    folders.close()
    await trigger.close()
  }
  return { ok: true, watched: { view, loaded: first.loaded, close } }
}

/** In one line. A SyntaxError quotes what it could not parse, which may be a Secret's, so it is named only. */
function describeFailure (error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error was thrown'
  return error instanceof SyntaxError ? error.name : `${error.name}: ${error.message.split('\n')[0] ?? ''}`
}

/** Lists again as long as new folders turn up, so that nothing written into one before it was watched gets lost. */
async function takeWatchedSnapshot (source: ManifestsSource, folders: FolderWatch): Promise<Snapshot> {
  let listing = await listSource(source)
  for (let round = 0; round < 8 && folders.follow(listing); round += 1) listing = await listSource(source)
  return await takeSnapshot(source, listing)
}

interface Trigger {
  readonly fire: () => void
  /** Runs the task once for all that fired so far, and from now on. */
  readonly start: (task: () => Promise<void>) => void
  readonly close: () => Promise<void>
}

/**
 * Gathers what fires within a while into one run, one run at a time. Later events do not put the run off, so that
 * steady writing cannot hold a change back. A run that throws is told and ends nothing: nobody awaits it.
 */
function createTrigger (gatherMs: number, onFailure: (error: unknown) => void): Trigger {
  let task: (() => Promise<void>) | undefined
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let pending = false
  let closed = false
  const tell = (error: unknown): void => {
    try {
      onFailure(error)
    } catch { /* Who is told fails as well: there is nobody left to tell, and the watch goes on. */ }
  }
  const run = async (action: () => Promise<void>): Promise<void> => {
    try {
      await action()
    } catch (error) {
      tell(error)
    } finally {
      running = undefined
      if (pending) fire()
    }
  }
  const fire = (): void => {
    pending = true
    if (closed || task === undefined || timer !== undefined || running !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      pending = false
      if (task !== undefined) running = run(task)
    }, gatherMs)
  }
  return {
    fire,
    start: (first) => {
      task = first
      if (pending) fire()
    },
    close: async () => {
      closed = true
      clearTimeout(timer)
      await running
    }
  }
}

interface FolderWatch {
  /** Watches exactly the folders of the listing; true if one of them is new. */
  readonly follow: (listing: FileListing) => boolean
  readonly close: () => void
}

/** Watches folders one by one: recursive watching does not follow links. What cannot be watched is left to the poll. */
function createFolderWatch (source: ManifestsSource, onChange: () => void): FolderWatch {
  const folders = new Map<string, FSWatcher>()
  // The folder or file itself may be a link that is replaced, or be made anew.
  const parents = [source.path, ...source.configFile === undefined ? [] : [source.configFile]]
    .map((path) => openWatcher(dirname(resolve(path)), (changed) => {
      if (changed === null || changed === basename(resolve(path))) onChange()
    }))
  const follow = (listing: FileListing): boolean => {
    const wanted = new Map([...listing.folders].map(([folder, identity]) => [`${identity} ${folder}`, folder]))
    for (const [key, watcher] of folders) {
      if (wanted.has(key)) continue
      watcher.close()
      folders.delete(key)
    }
    const fresh = [...wanted].filter(([key]) => !folders.has(key))
    for (const [key, folder] of fresh) {
      const watcher = openWatcher(folder, onChange)
      if (watcher !== undefined) folders.set(key, watcher)
    }
    return fresh.some(([key]) => folders.has(key))
  }
  const close = (): void => { for (const watcher of [...parents, ...folders.values()]) watcher?.close() }
  return { follow, close }
}

/** Undefined where the folder is gone already or the system gives no more watches: the next poll sees the change. */
function openWatcher (folder: string, onChange: (changed: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, (_event, changed) => onChange(changed))
    return watcher.on('error', () => watcher.close())
  } catch (error) {
    if (systemErrorCode(error) === 'unknown error') throw error
    return undefined
  }
}
