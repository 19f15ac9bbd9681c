import { posix } from 'node:path'

/** A heading, as `### Title`. */
export interface Heading {
  readonly level: number
  readonly title: string
  /** What a link's `#…` has to say, as GitHub makes it. */
  readonly anchor: string
  /** The text up to the next heading. */
  readonly body: string
}

export interface Link {
  readonly from: string
  readonly target: string
}

const fence = /^```[^\n]*\n[\s\S]*?^```$/gm

/** Every heading outside code blocks, in order. */
export function readHeadings (text: string): readonly Heading[] {
  const seen = new Map<string, number>()
  const [, ...parts] = `\n${text.replaceAll(fence, '')}`.split(/\n(?=#{1,6} )/)
  return parts.map((part) => {
    const [, marks = '', title = ''] = /^(#+) (.*)/.exec(part) ?? []
    const plain = title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
    const earlier = seen.get(plain) ?? 0
    seen.set(plain, earlier + 1)
    const anchor = earlier === 0 ? plain : `${plain}-${earlier}`
    return { level: marks.length, title, anchor, body: part.slice(part.indexOf('\n') + 1).trim() }
  })
}

function linksOf (from: string, text: string): readonly Link[] {
  const prose = text.replaceAll(fence, '').replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map((match) => ({ from, target: match[1] ?? '' }))
    .filter(({ target }) => !/^[a-z]+:/.test(target))
}

/** The project as links see it. */
export interface Pages {
  /** Path from the root of the project to text. */
  readonly texts: ReadonlyMap<string, string>
  readonly exists: (path: string) => boolean
}

function linkFault ({ from, target }: Link, { texts, exists }: Pages): string | undefined {
  const [file = '', anchor] = target.split('#')
  const path = file === '' ? from : posix.join(posix.dirname(from), file)
  if (path.startsWith('..')) return `${from}: ${target} leaves the project`
  if (!exists(path)) return `${from}: ${target} leads nowhere`
  const text = texts.get(path)
  if (anchor === undefined || text === undefined) return undefined
  return readHeadings(text).some((heading) => heading.anchor === anchor) ? undefined : `${from}: ${target} has no such heading`
}

/** Every relative link that leads to no file or no heading; empty: none. */
export function findDeadLinks (pages: Pages): readonly string[] {
  return [...pages.texts].flatMap(([from, text]) => linksOf(from, text))
    .map((link) => linkFault(link, pages)).filter((fault) => fault !== undefined)
}
