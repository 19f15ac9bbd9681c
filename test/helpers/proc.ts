/** What the kernel knows of a process; Linux only. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/** The reason to skip a test that needs the kernel's files, by tap's convention; false where they are there. */
export function skipWithoutProc (): string | false {
  return existsSync('/proc/self/status') ? false : 'there is no /proc on this system: run it on Linux'
}

/** The high-water mark of a process's resident memory, in MiB. */
export function peakMemoryMiB (pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** The id of the process of a program that was started with this argument; throws unless there is exactly one. */
export function findProcess (program: string, argument: string): number {
  const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((name) => {
    const [started = '', ...rest] = readArguments(name)
    return basename(started) === program && rest.includes(argument)
  })
  if (found.length !== 1) throw new Error(`${found.length} processes of ${program} were started with ${argument}`)
  return Number(found[0])
}

function readArguments (pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return [] // It has ended since the folder was read.
  }
}

/** The ports at the other end of every TCP connection that a process has open. */
export function remotePorts (pid: number): readonly number[] {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => readInode(`/proc/${pid}/fd/${fd}`)))
  // Fields: number, local address, remote address, state, queues, timer, retransmits, user, timeout, inode.
  return ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => own.has(fields[9] ?? ''))
    .map((fields) => Number.parseInt(fields[2]?.split(':')[1] ?? '0', 16))
    .filter((port) => port !== 0)
}

function readInode (link: string): readonly string[] {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1]
    return inode === undefined ? [] : [inode]
  } catch {
    return [] // Closed since the folder was read.
  }
}
