/** Programs of the tests that must not outlive them. */
import { spawn, type ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'

// The program takes the shell's place, so that its process id is the child's. What waits beside it sees the end of the
// pipe as soon as nobody holds the other one.
const script = '(cat <&3; kill -KILL $$) >/dev/null 2>&1 & exec 3<&-; exec "$0" "$@"'

/** How a program is started. */
export interface LeashOptions {
  readonly path: string
  readonly flags: readonly string[]
  /** Its home and working folder. */
  readonly folder: string
  /** Its environment beside the path and the home. */
  readonly variables?: Readonly<Record<string, string>>
  /** Where its output goes, a file descriptor. */
  readonly stdout?: number
  /** Likewise; `pipe` gives the child a `stderr`. */
  readonly stderr: number | 'pipe'
}

/**
 * Starts a program that ends when this process does: also when that is killed, as test runners do at their time limit.
 * A program that is not there ends with code 127.
 */
export function spawnLeashed ({ path, flags, folder, variables, stdout, stderr }: LeashOptions): ChildProcess {
  const child = spawn(...leashed(path, flags), {
    cwd: folder,
    env: { ...variables, PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', stdout ?? 'ignore', stderr, 'pipe']
  })
  holdLeash(child)
  return child
}

/** The command line that puts a program on the leash; the child's fourth stream must be a pipe (`holdLeash`). */
export function leashed (path: string, flags: readonly string[]): [string, string[]] {
  return ['/bin/sh', ['-c', script, path, ...flags]]
}

/** Keeps the other end of the leash until the program has ended. */
export function holdLeash (child: ChildProcess): void {
  const leash = child.stdio[3] as Writable
  // The last that is heard of it, when it has ended first.
  leash.on('error', () => undefined)
  child.once('exit', () => { leash.destroy() })
}
