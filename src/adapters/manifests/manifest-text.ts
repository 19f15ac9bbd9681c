import { isDeepStrictEqual } from 'node:util'
import { Composer, isAlias, isCollection, Parser, visit } from 'yaml'
import type { Document, Tags } from 'yaml'
import { readYamlDocuments } from '../../config/yaml-documents.ts'
import { withNames } from '../../core/append-names.ts'
import type { Problem } from '../../core/errors.ts'
import { listAliased, planSplice, type EditProblem, type ListEdit, type ParsedText, type Splice } from './edit-yaml.ts'
import { splitJsonStream, type JsonPiece } from './json-stream.ts'

/** A document of a manifest text. */
export interface TextDocument {
  /** As Kubernetes reads it: YAML 1.1, merge keys filled in. Null for an empty document. */
  readonly value: unknown
  /** Edits its lists in the text. Whatever is not proven to say the right thing afterwards is left as it was. */
  readonly edit: (edits: readonly ListEdit[]) => EditedDocument
}

/** The splices of a document, and for each edit why it was not made, or undefined. */
export interface EditedDocument {
  readonly splices: readonly Splice[]
  readonly problems: ReadonlyArray<EditProblem | undefined>
}

/** A text of manifests, YAML or JSON, in which lists can be edited while everything else stays byte for byte. */
export interface ManifestText {
  readonly format: 'yaml' | 'json'
  readonly text: string
  readonly documents: readonly TextDocument[]
}

/** A text that was read, or every problem of it. */
export type ManifestTextResult =
  | { readonly ok: true, readonly manifest: ManifestText }
  | { readonly ok: false, readonly problems: readonly Problem[] }

// As for the manifests folder: more than any hand-written file needs.
const maxAliasCount = 200

/**
 * Reads a text of YAML documents, or of JSON values one after another.
 *
 * @param file the name that problems carry; their messages never quote the text.
 */
export function readManifestText (text: string, file: string): ManifestTextResult {
  const pieces = splitJsonStream(text)
  const documents: TextDocument[] = []
  for (const { start, end } of pieces ?? [{ start: 0, end: text.length }]) {
    const read = readDocuments(text.slice(start, end), start)
    if (read === undefined) return { ok: false, problems: findProblems(text, { start, end }, file) }
    documents.push(...read)
  }
  return { ok: true, manifest: { format: pieces === undefined ? 'yaml' : 'json', text, documents } }
}

/** The text with all splices made. They do not overlap. */
export function applySplices (text: string, splices: readonly Splice[]): string {
  let done = 0
  const parts: string[] = []
  for (const { at, remove, insert } of splices.toSorted((a, b) => a.at - b.at)) {
    parts.push(text.slice(done, at), insert)
    done = at + remove
  }
  return [...parts, text.slice(done)].join('')
}

/** Undefined: the text has a fault. */
function readDocuments (text: string, offset: number): TextDocument[] | undefined {
  try {
    const documents = [...composeDocuments(text)]
    if (documents.some(({ errors }) => errors.length > 0)) return undefined
    return documents.map((document) => {
      const parsed = { document, text, aliased: listAliased(document) }
      const value = toValue(parsed)
      return { value, edit: (edits) => editDocument({ parsed, value, offset }, edits) }
    })
  } catch {
    // A RangeError of a text that is nested too deeply, or an alias that cannot be resolved.
    return undefined
  }
}

function composeDocuments (text: string): Iterable<Document.Parsed> {
  const composer = new Composer({
    merge: true,
    schema: 'yaml-1.1',
    customTags: withKubernetesTags,
    resolveKnownTags: false,
    stringKeys: true,
    keepSourceTokens: true,
    logLevel: 'silent'
  })
  return composer.compose(new Parser().parse(text))
}

/**
 * Kubernetes' YAML reader keeps times, `12:30` and the like as text. The library's YAML 1.1 takes `.` and `e5` for
 * numbers, which no other reader does, so that floats are those of YAML 1.2.
 */
function withKubernetesTags (tags: Tags): Tags {
  const kept = tags.filter((tag) => typeof tag === 'string' ||
    (/:(?:null|bool|int|str|map|seq|merge)$/.test(tag.tag) && !('format' in tag && tag.format === 'TIME')))
  return [...kept, 'floatNaN', 'floatExp', 'float']
}

/** @throws where an alias stands for something that it is part of, or where aliases multiply. */
function toValue ({ document, aliased }: ParsedText): unknown {
  if (aliased.size > 0) {
    visit(document, (_key, node, ancestors) => {
      const target = isAlias(node) ? node.resolve(document) : undefined
      if (isCollection(target) && ancestors.includes(target)) throw new ReferenceError('an alias leads back to itself')
    })
  }
  return document.toJS({ maxAliasCount })
}

/** The problems of a piece of the text, with the lines that they have in the whole. */
function findProblems (text: string, { start, end }: JsonPiece, file: string): Problem[] {
  const before = text.slice(0, start).replace(/[^\n]/g, ' ')
  const problems = [...readYamlDocuments(before + text.slice(start, end), file)]
    .flatMap((result) => result.ok ? [] : result.problems)
  const message = 'the text cannot be read: an alias leads back to itself, or a tag does not fit; write the values out'
  return problems.length > 0 ? problems : [{ file, message }]
}

interface EditableDocument {
  readonly parsed: ParsedText
  readonly value: unknown
  /** Of the parsed text in the whole text. */
  readonly offset: number
}

function editDocument (editable: EditableDocument, edits: readonly ListEdit[]): EditedDocument {
  const { parsed, offset } = editable
  const planned = edits.map((edit) => planSplice(parsed, edit))
  const made = edits.filter((_, index) => typeof planned[index] === 'object')
  const splices = planned.filter((splice) => typeof splice === 'object')
  if (!isProven(editable, made, splices)) return { splices: [], problems: edits.map(() => 'layout') }
  return {
    splices: splices.map((splice) => ({ ...splice, at: splice.at + offset })),
    problems: planned.map((splice) => typeof splice === 'object' ? undefined : splice)
  }
}

/** Reads the document again as it will be: nothing but the edited lists may differ. */
function isProven (
  { parsed, value }: EditableDocument, edits: readonly ListEdit[], splices: readonly Splice[]
): boolean {
  if (edits.length === 0) return true
  const [start, , end] = parsed.document.range
  const inside = splices.map((splice) => ({ ...splice, at: splice.at - start }))
  const read = readDocuments(applySplices(parsed.text.slice(start, end), inside), 0)
  const expected = edits.reduce((patched, { path, names }) => withNames(patched, path, names), value)
  return read?.length === 1 && isDeepStrictEqual(read[0]?.value, expected)
}
