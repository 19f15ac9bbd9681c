import type { ExplainedImage } from '../app/explain.ts'
import type { ExplainedUse } from '../app/explain-workload.ts'
import { reasons } from '../core/reasons.ts'
import { formatTable, type Cell } from './table.ts'

/** The answers to images by secrets alone: one row for each login that the kubelet tries. */
export function imagesTable (answers: readonly ExplainedImage[], colours: boolean): string {
  return formatTable(['IMAGE', 'REPOSITORY', 'TRY', 'SECRET', 'KEY', 'NOTE'], answers.flatMap(rowsOf), colours)
}

function rowsOf ({ image, repository, candidates, error }: ExplainedImage): Cell[][] {
  const start = [image, repository ?? '']
  if (error !== undefined) return [[...start, '', '', '', { text: error.message, style: 'red' }]]
  if (candidates.length === 0) return [[...start, '', '', '', { text: 'nothing matches, the pull is anonymous', style: 'yellow' }]]
  return candidates.map(({ secret, key, usable }, index) =>
    [...start, String(index + 1), secret, key, usable ? '' : { text: 'neither user nor password', style: 'yellow' }])
}

/** A column of the table of uses; `needed` tells whether it says anything about these. */
interface Column {
  readonly heading: string
  readonly cell: (use: ExplainedUse) => Cell
  readonly needed?: (uses: readonly ExplainedUse[]) => boolean
}

const columns: readonly Column[] = [
  { heading: 'OBJECT', cell: nameOf, needed: (uses) => new Set(uses.map(nameOf)).size > 1 },
  { heading: 'IMAGE', cell: ({ image }) => image },
  { heading: 'VERDICT', cell: verdictOf },
  { heading: 'KUBELET TRIES', cell: triesOf },
  { heading: 'WHY', cell: whyOf, needed: (uses) => uses.some((use) => whyOf(use) !== '') }
]

/** The answers to images by what a namespace is offered: one row an image, columns that tell nothing left out. */
export function usesTable (uses: readonly ExplainedUse[], colours: boolean): string {
  const shown = columns.filter(({ needed }) => needed === undefined || needed(uses))
  const rows = uses.map((use) => shown.map(({ cell }) => cell(use)))
  return formatTable(shown.map(({ heading }) => heading), rows, colours)
}

function nameOf ({ object: { kind, name, namespace } }: ExplainedUse): string {
  return `${namespace ?? ''}/${kind.toLowerCase()}${name === '' ? '' : `/${name}`}`
}

function verdictOf ({ verdict, candidates, added }: ExplainedUse): Cell {
  const used = candidates.find(({ usable }) => usable)?.secret ?? ''
  switch (verdict) {
    case 'listed': return { text: `pulls with ${used}`, style: 'green' }
    case 'added': return { text: `would add ${candidates.filter(({ secret }) => added.includes(secret)).map(({ secret }) => secret).join(', ')}`, style: 'green' }
    case 'anonymous': return { text: 'anonymous', style: 'yellow' }
    case 'no_login': return { text: 'no login', style: 'yellow' }
    case 'templated': return { text: 'known at run time', style: 'yellow' }
    case 'fails': return { text: 'cannot be pulled', style: 'red' }
  }
}

function triesOf ({ candidates }: ExplainedUse): string {
  return candidates.map(({ secret, key, usable }) => `${secret} (${key}${usable ? '' : ', no login'})`).join(', ')
}

/** What is not plain from the other columns. */
function whyOf (use: ExplainedUse): string {
  const { error, verdict, shadow, leftOut, unknownSecrets } = use
  const isPlain = verdict === 'added' || verdict === 'listed'
  return [
    ...error === undefined ? [] : [error.message],
    ...error !== undefined || isPlain ? [] : [reasonForImage(use)],
    ...shadow ? ['in shadow mode nothing is changed'] : [],
    ...leftOut.map(({ name, reasonText }) => `${name} left out: ${reasonText}`),
    ...unknownSecrets.map((name) => `listed as well: ${name}, not known here`)
  ].join('; ')
}

/** The decision's reason speaks of the object; where that got secrets, this image is one that they do not cover. */
function reasonForImage ({ reason, reasonText }: ExplainedUse): string {
  return reason === 'images_covered' || reason === 'already_present' ? reasons.no_match : reasonText
}

/** A line of `-o json`: the fields that every answer has come first, in their fixed order. */
export function objectLine ({ image, repository, candidates, error, ...further }: ExplainedUse): object {
  return { image, repository, candidates, ...error === undefined ? {} : { error }, ...further }
}
