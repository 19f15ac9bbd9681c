/** One measure of one file: how many there are, how many ran. */
export interface Count {
  readonly total: number
  readonly covered: number
}

export const metrics = ['lines', 'functions', 'branches'] as const
export type Metric = (typeof metrics)[number]

export interface FileCoverage extends Record<Metric, Count> {
  /** From the root of the project: `src/core/errors.ts`. */
  readonly path: string
  /** Lines that did not run or that hold a branch or function that did not, ascending. */
  readonly uncovered: readonly number[]
}

interface Place { readonly line: number }
interface Range { readonly start: Place, readonly end: Place }

/** One file of Istanbul's coverage-final.json. A statement is a line: V8 counts by block, c8 turns that into lines. */
export interface IstanbulFile {
  readonly statementMap: Readonly<Record<string, Range>>
  readonly s: Readonly<Record<string, number>>
  readonly fnMap: Readonly<Record<string, { readonly loc: Range }>>
  readonly f: Readonly<Record<string, number>>
  readonly branchMap: Readonly<Record<string, { readonly loc: Range }>>
  readonly b: Readonly<Record<string, readonly number[]>>
}

/** What a file's tests reached. */
export function measureFile (path: string, file: IstanbulFile): FileCoverage {
  const missed = [
    ...Object.entries(file.s).filter(([, hits]) => hits === 0).map(([id]) => file.statementMap[id]),
    ...Object.entries(file.f).filter(([, hits]) => hits === 0).map(([id]) => file.fnMap[id]?.loc),
    ...Object.entries(file.b).filter(([, hits]) => hits.includes(0)).map(([id]) => file.branchMap[id]?.loc)
  ]
  const lines = missed.flatMap((range) => range === undefined ? [] : [range.start.line])
  return {
    path,
    lines: count(Object.values(file.s)),
    functions: count(Object.values(file.f)),
    branches: count(Object.values(file.b).flat()),
    uncovered: [...new Set(lines)].toSorted((a, b) => a - b)
  }
}

/** A file that no test loaded: nothing of it ran. `lineCount` is the file's own. */
export function unloadedFile (path: string, lineCount: number): FileCoverage {
  const none = { total: 1, covered: 0 }
  return {
    path,
    lines: { total: lineCount, covered: 0 },
    functions: none,
    branches: none,
    uncovered: Array.from({ length: lineCount }, (_, index) => index + 1)
  }
}

function count (hits: readonly number[]): Count {
  return { total: hits.length, covered: hits.filter((hit) => hit > 0).length }
}

/** The sum over files of one measure. */
export function sumOf (files: readonly FileCoverage[], metric: Metric): Count {
  return files.reduce((sum, file) => ({
    total: sum.total + file[metric].total,
    covered: sum.covered + file[metric].covered
  }), { total: 0, covered: 0 })
}

/** Hundredths, rounded down so that 100 means all; 100 where there is nothing to cover. */
export function percentOf ({ total, covered }: Count): number {
  return total === 0 ? 100 : Math.floor(covered * 10_000 / total) / 100
}

interface Bar {
  readonly name: string
  readonly holds: (path: string) => boolean
  readonly least: Readonly<Partial<Record<Metric, number>>>
}

const isPure = (path: string): boolean => /^src\/(core|kinds)\//.test(path)
const everything = { lines: 100, functions: 100, branches: 100 }

/** What has to be covered (design §10: the pure layers wholly, nine lines in ten of the rest). */
export const bars: readonly Bar[] = [
  { name: 'src/core and src/kinds', holds: isPure, least: everything },
  { name: 'the rest of src', holds: (path) => !isPure(path), least: { lines: 90 } }
]

/** One line for each bar that is missed; empty: all are reached. */
export function missedBars (files: readonly FileCoverage[]): readonly string[] {
  return bars.flatMap((bar) => {
    const held = files.filter((file) => bar.holds(file.path))
    return metrics.flatMap((metric) => {
      const least = bar.least[metric]
      const found = percentOf(sumOf(held, metric))
      return least === undefined || found >= least ? [] : [`${bar.name}: ${found} % of ${metric} covered, ${least} % needed`]
    })
  })
}

/** `1-3, 7`, from ascending numbers. */
export function lineRanges (lines: readonly number[]): string {
  const ranges: Array<[number, number]> = []
  for (const line of lines) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === line - 1) last[1] = line
    else ranges.push([line, line])
  }
  return ranges.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(', ')
}
