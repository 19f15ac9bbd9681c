import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff'
import type { StructuredPatchHunk } from 'diff'
import type { Splice } from './edit-yaml.ts'
import { applySplices } from './manifest-text.ts'

/** A run of whole lines of a text, before and after; only the last run of a text may lack a line end. */
export interface TextPiece {
  readonly before: string
  readonly after: string
}

/** A text cut into runs of lines that splices change and runs that they don't. */
export function cutPieces (text: string, splices: readonly Splice[]): TextPiece[] {
  const pieces: TextPiece[] = []
  let done = 0
  let group: { start: number, end: number, splices: Splice[] } | undefined
  const close = (): void => {
    if (group === undefined) return
    const { start, end, splices } = group
    const before = text.slice(start, end)
    pieces.push({ before: text.slice(done, start), after: text.slice(done, start) })
    const inside = splices.map((splice) => ({ ...splice, at: splice.at - start }))
    pieces.push({ before, after: applySplices(before, inside) })
    done = end
  }
  for (const splice of splices.toSorted((a, b) => a.at - b.at)) {
    const { start, end } = lineRange(text, splice)
    if (group === undefined || start >= group.end) {
      close()
      group = { start, end, splices: [] }
    }
    group.splices.push(splice)
    group.end = Math.max(group.end, end)
  }
  close()
  const rest = text.slice(done)
  return [...pieces, { before: rest, after: rest }].filter(({ before, after }) => before !== after || before !== '')
}

function lineRange (text: string, { at, remove }: Splice): { start: number, end: number } {
  const found = text.indexOf('\n', at + remove)
  const end = found === -1 ? text.length : found + 1
  // At the very end the last line comes along, in case it has no line end.
  const from = at === text.length ? at - 1 : at
  return { start: from <= 0 ? 0 : text.lastIndexOf('\n', from - 1) + 1, end }
}

const context = 3

/** Lines `[start, end)` of the old text and what stands in their place. */
interface Region {
  readonly start: number
  readonly end: number
  readonly lines: readonly string[]
}

/**
 * A unified diff of the pieces of one file; empty where nothing differs. Looked for inside the changed pieces only:
 * over a whole file the time grows with the square of the changes, which for 10,000 objects is minutes.
 *
 * @param name stands in the header, as old and as new name.
 */
export function formatPieces (name: string, pieces: readonly TextPiece[]): string {
  const old = pieces.flatMap(({ before }) => splitLines(before))
  let shift = 0
  const hunks: StructuredPatchHunk[] = []
  for (const region of joinRegions(listRegions(pieces), old)) {
    hunks.push(...diffRegion(region, old).map((hunk) =>
      ({ ...hunk, oldStart: hunk.oldStart + region.start, newStart: hunk.newStart + region.start + shift })))
    shift += region.lines.length - (region.end - region.start)
  }
  if (hunks.length === 0) return ''
  const header = { oldFileName: name, newFileName: name, oldHeader: undefined, newHeader: undefined }
  return formatPatch({ ...header, hunks }, FILE_HEADERS_ONLY)
}

function diffRegion ({ start, end, lines }: Region, old: readonly string[]): StructuredPatchHunk[] {
  return structuredPatch('', '', old.slice(start, end).join(''), lines.join(''), undefined, undefined, { context }).hunks
}

function listRegions (pieces: readonly TextPiece[]): Region[] {
  let line = 0
  return pieces.flatMap(({ before, after }) => {
    const start = line
    line += splitLines(before).length
    return before === after ? [] : [{ start, end: line, lines: splitLines(after) }]
  })
}

/** Adds the lines around each region, so that hunks have their context; regions that touch then become one. */
function joinRegions (regions: readonly Region[], old: readonly string[]): Region[] {
  const joined: Region[] = []
  for (const { start, end, lines } of regions) {
    const below = old.slice(end, end + context)
    const last = joined.at(-1)
    if (last !== undefined && start - context <= last.end) {
      // The lines between the two stand at the end of the first as its context, in part.
      const kept = last.lines.slice(0, last.lines.length - Math.max(0, last.end - start))
      const between = old.slice(last.end, start)
      const all = [...kept, ...between, ...lines, ...below]
      joined[joined.length - 1] = { start: last.start, end: end + below.length, lines: all }
    } else {
      const from = Math.max(0, start - context)
      joined.push({ start: from, end: end + below.length, lines: [...old.slice(from, start), ...lines, ...below] })
    }
  }
  return joined
}

/** Lines with their ends; none for an empty text. */
function splitLines (text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}
