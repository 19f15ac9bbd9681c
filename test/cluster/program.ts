/** Long-running programs: started with a log file, stopped by their own process id, gone when their starter is. */
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { spawnLeashed } from '../helpers/leash.ts'

const killAfterMs = 5000

/** A program that runs until it is stopped. */
export interface Program {
  readonly name: string
  /** Rejects, with the last lines of its log, as soon as the program has ended without being told to. */
  readonly ended: Promise<never>
  /** SIGTERM, then SIGKILL when it has not ended after 5 seconds. Resolves when it is gone. */
  readonly stop: () => Promise<void>
}

export interface ProgramOptions {
  readonly name: string
  readonly path: string
  readonly flags: readonly string[]
  /** Both output streams go here. */
  readonly logFile: string
  /** The program's home and working folder. */
  readonly folder: string
  /** Beside the path and the home. */
  readonly variables?: Readonly<Record<string, string>>
}

/** Starts a program; whether it is ready is the caller's question. */
export function startProgram ({ name, path, flags, logFile, folder, variables = {} }: ProgramOptions): Program {
  const log = openSync(logFile, 'a')
  const child = spawnLeashed({ path, flags, folder, variables, stdout: log, stderr: log })
  closeSync(log)
  const gone = once(child, 'exit')
  let stopping = false
  const ended = new Promise<never>((_resolve, reject) => {
    gone.then(([code, signal]) => {
      if (!stopping) reject(new Error(`${name} ended with ${code ?? signal}:\n${lastLines(logFile)}`))
    }, reject)
  })
  // Who waits for readiness races with it; later it only means that calls fail.
  ended.catch(() => undefined)
  const stop = async (): Promise<void> => {
    stopping = true
    const kill = setTimeout(() => { child.kill('SIGKILL') }, killAfterMs)
    child.kill('SIGTERM')
    await gone.catch(() => undefined).finally(() => { clearTimeout(kill) })
  }
  return { name, ended, stop }
}

function lastLines (file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n')
}

const lowestPort = 20_000
const portRange = 10_000
const portTries = 200

/**
 * Ports of 127.0.0.1 that nothing listens on. Below those that the system gives to outgoing connections, so that none
 * of these takes one before its program listens.
 */
export async function findFreePorts (count: number): Promise<readonly number[]> {
  const found = new Set<number>()
  for (let tries = 0; tries < portTries && found.size < count; tries += 1) {
    const port = lowestPort + Math.floor(Math.random() * portRange)
    if (await isFree(port)) found.add(port)
  }
  if (found.size < count) throw new Error(`looking for ${count} free ports: found ${found.size} in ${portTries} tries`)
  return [...found]
}

async function isFree (port: number): Promise<boolean> {
  const server = createServer()
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => { resolve(false) }).listen(port, '127.0.0.1', () => { resolve(true) })
  })
  if (free) await new Promise((resolve) => server.close(resolve))
  return free
}
