/** One test block, or one assertion, as TAP tells it. */
export interface TapNode {
  readonly name: string
  readonly ok: boolean
  /** A `t.test` block or a test file; false for an assertion. */
  readonly block: boolean
  /** The reason after `# SKIP` or `# TODO`, empty when none was given; undefined where neither stands. */
  readonly skipped: string | undefined
  readonly children: readonly TapNode[]
}

export interface TapTotals {
  readonly passed: number
  /** The names of what failed, from the file down, joined by ` > `. */
  readonly failed: readonly string[]
  readonly skipped: ReadonlyArray<{ readonly name: string, readonly reason: string }>
}

const pointLine = /^( *)(not )?ok\b(?: \d+)?(?: - )?(.*)$/
const subtestLine = /^( *)# Subtest: /
const directive = /^(.*?)(?:^|\s)(?<!\\)# ?(SKIP|TODO)\b ?(.*)$/i
const timeSuffix = / # time=[\d.]+m?s$/
const indentWidth = 4

/**
 * Reads TAP 14 line by line, as tap prints it: the lines of a block stand before its own `ok`, four spaces deeper.
 * `push` returns a test file's node when the line was that file's result.
 */
export class TapReader {
  readonly #open: TapNode[][] = []
  readonly #blocks = new Set<number>()
  #diagnosticEnd: string | undefined

  push (line: string): TapNode | undefined {
    if (this.#insideDiagnostic(line)) return undefined
    const subtest = subtestLine.exec(line)
    if (subtest !== null) this.#blocks.add(depthOf(subtest[1]))
    const point = pointLine.exec(line)
    if (point === null) return undefined
    const depth = depthOf(point[1])
    const node = this.#close(depth, point)
    if (depth === 0) return node
    this.#open[depth] = [...this.#open[depth] ?? [], node]
    return undefined
  }

  #close (depth: number, point: RegExpExecArray): TapNode {
    const text = (point[3] ?? '').replace(timeSuffix, '')
    const skip = directive.exec(text)
    const children = this.#open[depth + 1] ?? []
    this.#open.length = Math.min(this.#open.length, depth + 1)
    // A test file has no `# Subtest` line when it broke before its first test.
    const block = this.#blocks.delete(depth) || depth === 0
    return {
      name: (skip?.[1] ?? text).trim().replaceAll(/\\([#\\])/g, '$1'),
      ok: point[2] === undefined,
      block,
      skipped: skip?.[3]?.trim(),
      children
    }
  }

  // What a failed test printed may look like TAP.
  #insideDiagnostic (line: string): boolean {
    if (this.#diagnosticEnd !== undefined) {
      if (line === this.#diagnosticEnd) this.#diagnosticEnd = undefined
      return true
    }
    const start = /^( *) {2}---$/.exec(line)
    if (start !== null) this.#diagnosticEnd = `${start[1]}  ...`
    return start !== null
  }
}

function depthOf (indent: string | undefined): number {
  return Math.floor((indent ?? '').length / indentWidth)
}

/**
 * Counts tests: a test is a block (`t.test`, or a file) with no block inside. A block of blocks is counted only when
 * it failed by itself (an assertion of its own, a wrong plan, a time-out, a crash). A skipped assertion or block counts
 * as skipped, and so does a `todo`.
 */
export function countTests (files: readonly TapNode[]): TapTotals {
  return combine(files.map((file) => countNode(file, '')))
}

function countNode (node: TapNode, parent: string): TapTotals {
  const name = parent === '' ? node.name : `${parent} > ${node.name}`
  if (node.skipped !== undefined) return { passed: 0, failed: [], skipped: [{ name, reason: node.skipped }] }
  const inner = combine(node.children.filter((child) => child.block || child.skipped !== undefined)
    .map((child) => countNode(child, name)))
  const assertions = node.children.filter((child) => !child.block && child.skipped === undefined)
  const failedHere = assertions.some((child) => !child.ok) || (!node.ok && inner.failed.length === 0)
  if (failedHere) return { ...inner, failed: [...inner.failed, name] }
  const leaf = node.children.every((child) => !child.block) && (assertions.length > 0 || node.children.length === 0)
  return leaf ? { ...inner, passed: inner.passed + 1 } : inner
}

function combine (totals: readonly TapTotals[]): TapTotals {
  return {
    passed: totals.reduce((sum, one) => sum + one.passed, 0),
    failed: totals.flatMap((one) => one.failed),
    skipped: totals.flatMap((one) => one.skipped)
  }
}

/** The closing line, e.g. `12 passed, 0 failed, 1 skipped`; the last part only where something was skipped. */
export function closingLine (totals: TapTotals): string {
  const skipped = totals.skipped.length === 0 ? '' : `, ${totals.skipped.length} skipped`
  return `${totals.passed} passed, ${totals.failed.length} failed${skipped}`
}

/** How a whole run ended. `exitCode` is tap's own, null when a signal ended it. */
export interface RunEnd {
  readonly totals: TapTotals
  readonly exitCode: number | null
  /** False in CI, which has to bring everything that the tests need. */
  readonly skipsAllowed: boolean
}

/** Everything that keeps the run from counting as passed, though no test needs to have failed; empty: it passed. */
export function faultsOf ({ totals, exitCode, skipsAllowed }: RunEnd): readonly string[] {
  const faults: string[] = totals.failed.map((name) => `failed: ${name}`)
  if (totals.failed.length === 0 && exitCode !== 0) faults.push(`tap ended with ${exitCode ?? 'a signal'}; see above`)
  if (totals.passed + totals.failed.length === 0) faults.push('no test was run')
  if (!skipsAllowed && totals.skipped.length > 0) {
    faults.push('CI=true, where nothing may be skipped; each line under "skipped" says what to bring')
  }
  return faults
}
