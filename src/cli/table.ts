import { styleText } from 'node:util'

/** How a cell looks where colours are on. */
type CellStyle = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

/** One cell: text, or text with a style. */
export type Cell = string | { readonly text: string, readonly style: CellStyle }

// Control characters, and marks that a terminal may act on or show in another order.
const unprintable = /[\p{Cc}\p{Cs}\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu

/** Outside text for a terminal: characters that a terminal may act on are written as `\u001b`. */
export function printable (text: string): string {
  return text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const gap = 3

/**
 * A table as kubectl prints it: upper-case headings, columns three spaces apart, no padding behind the last cell.
 *
 * @param rows cells in the order of the headings; an empty one is shown as `-`.
 * @param colours whether styles are applied.
 */
export function formatTable (
  headings: readonly string[],
  rows: ReadonlyArray<readonly Cell[]>,
  colours: boolean
): string {
  const lines = [headings.map((text): Cell => ({ text, style: 'bold' })), ...rows].map((cells) => cells.map(toShown))
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => widthOf(cells[column]?.text ?? ''))))
  return lines.map((cells) => `${cells.map((cell, column) => {
    const padding = column === cells.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - widthOf(cell.text) + gap)
    return paint(cell, colours) + padding
  }).join('')}\n`).join('')
}

interface Shown {
  readonly text: string
  readonly style?: CellStyle
}

function toShown (cell: Cell): Shown {
  const { text, ...style } = typeof cell === 'string' ? { text: cell } : cell
  return { text: text === '' ? '-' : printable(text), ...style }
}

function widthOf (text: string): number {
  return [...text].length
}

function paint ({ text, style }: Shown, colours: boolean): string {
  return colours && style !== undefined ? styleText(style, text, { validateStream: false }) : text
}
