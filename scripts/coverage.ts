// Checks what the last whole run of the tests reached, and prints it by folder: node scripts/coverage.ts
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { lineRanges, measureFile, metrics, missedBars, percentOf, sumOf, unloadedFile } from './coverage-report.ts'
import type { FileCoverage, IstanbulFile } from './coverage-report.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const report = '.tap/report/coverage-final.json'

// Whoever means to leave a line out has to say so in a review, not in a comment.
const exclusion = /\b(?:c8|v8|istanbul) ignore\b|node:coverage/

/** False where nothing is left to run once the types are gone: such a file is never loaded. */
export function holdsCode (source: string): boolean {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      removeComments: true,
      verbatimModuleSyntax: true
    }
  })
  return outputText.replace('export {};', '').trim() !== ''
}

function readReport (): Readonly<Record<string, IstanbulFile>> {
  if (!existsSync(`${root}${report}`)) return {}
  return JSON.parse(readFileSync(`${root}${report}`, 'utf8')) as Record<string, IstanbulFile>
}

function measureAll (): readonly FileCoverage[] {
  const loaded = readReport()
  return globSync('src/**/*.ts', { cwd: root }).toSorted().flatMap((path) => {
    const found = loaded[`${root}${path}`]
    if (found !== undefined) return [measureFile(path, found)]
    const source = readFileSync(`${root}${path}`, 'utf8')
    return holdsCode(source) ? [unloadedFile(path, source.split('\n').length - 1)] : []
  })
}

function excludingFiles (): readonly string[] {
  return globSync('src/**/*.ts', { cwd: root })
    .filter((path) => exclusion.test(readFileSync(`${root}${path}`, 'utf8')))
    .map((path) => `${path}: holds a comment that excludes code from coverage; cover the code instead`)
}

function formatRow (name: string, files: readonly FileCoverage[]): string {
  const cells = metrics.map((metric) => `${percentOf(sumOf(files, metric)).toFixed(2).padStart(8)} %`)
  return `  ${name.padEnd(28)}${cells.join('')}`
}

function printTable (files: readonly FileCoverage[]): void {
  const folders = Map.groupBy(files, (file) => dirname(file.path))
  console.log(`\n  ${'coverage'.padEnd(28)}${metrics.map((metric) => metric.padStart(10)).join('')}`)
  for (const [folder, held] of folders) console.log(formatRow(folder, held))
  console.log(formatRow('all', files))
  const gaps = files.filter((file) => file.uncovered.length > 0)
  if (gaps.length > 0) console.log('\n  not covered:')
  for (const file of gaps) console.log(`    ${file.path}: ${lineRanges(file.uncovered)}`)
}

/** Prints the coverage of the last run and what is missing; true where every bar is reached. */
export function checkCoverage (): boolean {
  const files = measureAll()
  printTable(files)
  const faults = [...missedBars(files), ...excludingFiles()]
  for (const fault of faults) console.log(`  coverage: ${fault}`)
  return faults.length === 0
}

if (import.meta.main && !checkCoverage()) process.exitCode = 1
