/** Asks the kubelet's own code (test/tools/kubernetes/kubelet-oracle) which credentials pull secrets yield. */
import { isUtf8 } from 'node:buffer'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Secret } from '../../src/core/kubernetes.ts'
import type { FoundTool } from '../tools/build.ts'

/** One credential that the kubelet would try, traced to the entry of the secret that holds it. */
export interface OracleCandidate {
  readonly secret: string
  /** The `auths` key as the file writes it. */
  readonly key: string
  /** What the kubelet files it under; equal ones of one secret come in random order. */
  readonly effectiveKey: string
  /** Whether it has a user or a password. */
  readonly usable: boolean
}

/** The kubelet's answer for one image. */
export interface OracleAnswer {
  readonly image: string
  /** Null for an image that does not parse. */
  readonly repository: string | null
  readonly candidates: readonly OracleCandidate[]
  readonly error?: 'image_invalid' | 'secrets_unreadable'
}

/** A pull secret list in its order and the images to look up with it. */
export interface OracleQuestion {
  readonly secrets: readonly Secret[]
  readonly images: readonly string[]
}

export interface KubeletOracle {
  /** For each question one answer an image, all in the order asked. Rejects when the program has ended. */
  readonly askAll: (questions: readonly OracleQuestion[]) => Promise<readonly (readonly OracleAnswer[])[]>
  /** Ends the program and waits until it has. Questions still open are rejected. */
  readonly stop: () => Promise<void>
}

interface Waiting {
  readonly resolve: (answers: readonly OracleAnswer[]) => void
  readonly reject: (error: Error) => void
}

/** Starts the program; questions are answered in the order asked, and many may be open at once. */
export function startKubeletOracle (tool: FoundTool): KubeletOracle {
  if ('missing' in tool) throw new Error(`starting kubelet-oracle: ${tool.missing}; to get it: ${tool.bring}`)
  const child = spawn(tool.path, [], { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: Waiting[] = []
  let ended: Error | undefined
  const end = (error: Error): void => {
    ended ??= error
    for (const open of waiting.splice(0)) open.reject(ended)
  }
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.once('error', (error) => end(new Error('kubelet-oracle did not start', { cause: error })))
  child.once('close', (code, signal) => end(new Error(`kubelet-oracle ended with ${code ?? signal}`)))
  // A write to a program that has just ended is reported by its end.
  child.stdin.on('error', () => undefined)
  createInterface({ input: child.stdout }).on('line', (line) => {
    waiting.shift()?.resolve(JSON.parse(line) as readonly OracleAnswer[])
  })
  return {
    askAll: async (questions) => {
      if (ended !== undefined) throw ended
      const answers = questions.map(async () => new Promise<readonly OracleAnswer[]>((resolve, reject) => {
        waiting.push({ resolve, reject })
      }))
      child.stdin.write(questions.map((question) => `${JSON.stringify(toWire(question))}\n`).join(''))
      return Promise.all(answers)
    },
    stop: async () => {
      child.stdin.end()
      await closed
    }
  }
}

function toWire (question: OracleQuestion): unknown {
  const secrets = question.secrets.map(({ name, type, data }) => ({
    name,
    type,
    data: Object.fromEntries([...data].map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')]))
  }))
  return { secrets, images: question.images }
}

/** What Pullpass says about one image, as `explain -o json` prints it. */
export interface ComparableAnswer {
  readonly image: string
  readonly repository: string | null
  readonly candidates: readonly { readonly secret: string, readonly key: string, readonly usable: boolean }[]
  readonly error?: { readonly code: string }
}

/**
 * What differs between Pullpass's answers and the kubelet's, one line each; empty when they agree. Entries of one
 * secret with the same effective key compare as a set, since the kubelet's own order of them is random.
 */
export function findDifferences (
  ours: readonly ComparableAnswer[], theirs: readonly OracleAnswer[]
): readonly string[] {
  const count = ours.length === theirs.length ? [] : [`${ours.length} answers, the kubelet gives ${theirs.length}`]
  return [...count, ...theirs.flatMap((kubelet, index) => compareAnswer(ours[index], kubelet))]
}

function compareAnswer (ours: ComparableAnswer | undefined, kubelet: OracleAnswer): readonly string[] {
  const runs = runLengths(kubelet.candidates)
  const pairs = [
    ['image', ours?.image, kubelet.image],
    ['repository', ours?.repository, kubelet.repository],
    ['error', ours?.error?.code, kubelet.error],
    ['candidates', sortRuns(ours?.candidates ?? [], runs), sortRuns(kubelet.candidates, runs)]
  ].map(([what, mine, its]) => [what, JSON.stringify(mine), JSON.stringify(its)])
  return pairs.filter(([, mine, its]) => mine !== its).map(([what, mine, its]) =>
    `${JSON.stringify(kubelet.image)}: ${what} ${mine}, the kubelet says ${its}`)
}

function runLengths (candidates: readonly OracleCandidate[]): readonly number[] {
  const runs: number[] = []
  for (const [index, { secret, effectiveKey }] of candidates.entries()) {
    const before = candidates[index - 1]
    const same = before !== undefined && before.secret === secret && before.effectiveKey === effectiveKey
    if (same) runs.push((runs.pop() ?? 0) + 1)
    else runs.push(1)
  }
  return runs
}

function sortRuns (candidates: ComparableAnswer['candidates'], runs: readonly number[]): readonly string[] {
  const words = candidates.map(({ secret, key, usable }) => JSON.stringify([secret, key, usable]))
  let start = 0
  const sorted = runs.flatMap((length) => words.slice(start, (start += length)).sort())
  return [...sorted, ...words.slice(start)]
}

/** A question as lines that a person can turn into a test: each secret's type and text, then the images. */
export function describeQuestion (question: OracleQuestion): readonly string[] {
  const secrets = question.secrets.flatMap(({ name, type, data }) => [...data].map(([key, content]) =>
    `${name} ${JSON.stringify(type)} ${key} ${JSON.stringify(Buffer.from(content).toString())}` +
    (isUtf8(content) ? '' : ` (base64 ${Buffer.from(content).toString('base64')})`)))
  return [...secrets, `images ${JSON.stringify(question.images)}`]
}
