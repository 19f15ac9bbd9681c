import type { ConfigurationParser, ParsedConfiguration } from '../../config/load.ts'
import { formatPath, quote } from '../../config/quote.ts'
import type { ValuePath, YamlDocument } from '../../config/yaml-documents.ts'
import type { PullpassConfiguration } from '../../core/configuration.ts'
import type { Problem } from '../../core/errors.ts'
import { asRecord, asText, member, type Labels, type Secret, type ServiceAccount, type UnknownRecord } from '../../core/kubernetes.ts'
import { readLabels, readName, readSecret, readServiceAccount, type Report } from './shapes.ts'

/** What a set of manifests says, by `namespace/name` where an object has a namespace. */
export interface ManifestObjects {
  /** Absent: no file holds one. */
  readonly configuration?: PullpassConfiguration
  readonly namespaces: ReadonlyMap<string, Labels>
  readonly serviceAccounts: ReadonlyMap<string, ServiceAccount>
  readonly secrets: ReadonlyMap<string, Secret>
  /** What the configuration deserves a word about at start-up. */
  readonly warnings: readonly Problem[]
}

/** A document of a manifests file. */
export interface ManifestDocument extends YamlDocument {
  /** Set where telling a line means reading the text again, so that only problems are worth it. */
  readonly file?: string
}

/** What has been read so far. */
export interface Collection {
  configuration?: PullpassConfiguration
  readonly namespaces: Map<string, Labels>
  readonly serviceAccounts: Map<string, ServiceAccount>
  readonly secrets: Map<string, Secret>
  readonly warnings: Problem[]
  readonly problems: Problem[]
  /** Where each object stands, by kind, namespace and name. */
  readonly places: Map<string, string>
  readonly parser: ConfigurationParser
}

/** An empty collection. */
export function createCollection (parser: ConfigurationParser): Collection {
  return {
    namespaces: new Map(),
    serviceAccounts: new Map(),
    secrets: new Map(),
    warnings: [],
    problems: [],
    places: new Map(),
    parser
  }
}

/** Takes in one document: an object, or a List of them. What is wrong with it goes to the collection's problems. */
export function collectDocument (document: ManifestDocument, found: Collection): void {
  collect({ document, path: [], value: document.value }, found)
}

/** A value inside a document, which may be an object of its own or an item of a List. */
interface Item {
  readonly document: ManifestDocument
  readonly path: ValuePath
  readonly value: unknown
  /** The kind of an item that does not say it itself, from a typed List. */
  readonly impliedKind?: string
}

function collect (item: Item, found: Collection): void {
  const object = asRecord(item.value)
  const report: Report = (path, message) => {
    found.problems.push(item.document.problemAt([...item.path, ...path], message))
  }
  if (object === undefined) {
    report([], `${formatPath(item.path)} holds no object; write it with apiVersion, kind and metadata`)
    return
  }
  const kind = asText(member(object, 'kind')) ?? item.impliedKind
  if (kind === undefined) {
    report([], `${formatPath(item.path)} holds an object without a kind; add apiVersion and kind, or move it elsewhere`)
    return
  }
  if (kind.endsWith('List') && Array.isArray(object['items'])) collectList(item, kind, found)
  else if (kind === 'PullpassConfiguration') collectConfiguration(item, found)
  else if (objectReaders.has(kind)) collectObject(object, kind, { report, item, found })
}

function collectList (item: Item, kind: string, found: Collection): void {
  const items = member(item.value, 'items')
  if (!Array.isArray(items)) return
  // A List inside a List is nothing that a tool prints, and an alias could nest one in itself.
  const impliedKind = kind.slice(0, -'List'.length)
  for (const [index, value] of items.entries()) {
    const path = [...item.path, 'items', index]
    if (item.path.length > 0) {
      found.problems.push(item.document.problemAt(item.path, 'a List stands inside another List; write its items into the outer one'))
      return
    }
    collect({ document: item.document, path, value, ...(impliedKind === '' ? {} : { impliedKind }) }, found)
  }
}

function collectConfiguration ({ document, path, value }: Item, found: Collection): void {
  const place = found.places.get('PullpassConfiguration')
  if (place !== undefined) {
    found.problems.push(document.problemAt(path, `the configuration stands twice, first at ${place}; keep one of them`))
    return
  }
  found.places.set('PullpassConfiguration', placeOf(document, path))
  const parsed: ParsedConfiguration = found.parser.read({
    value, problemAt: (below, message, part) => document.problemAt([...path, ...below], message, part)
  })
  if (parsed.ok) {
    found.configuration = parsed.configuration
    found.warnings.push(...parsed.warnings)
  } else found.problems.push(...parsed.problems)
}

interface Collecting {
  readonly report: Report
  readonly item: Item
  readonly found: Collection
}

type ObjectReader = (object: UnknownRecord, name: string, collecting: Collecting) => { key: string, keep: () => void }

const objectReaders: ReadonlyMap<string, ObjectReader> = new Map<string, ObjectReader>([
  ['Namespace', (object, name, { report, found }) => {
    const labels = readLabels(object, report)
    return { key: name, keep: () => found.namespaces.set(name, labels) }
  }],
  ['ServiceAccount', (object, name, { report, found }) => {
    const account = Object.freeze(readServiceAccount(object, name, report))
    const key = `${account.namespace}/${name}`
    return { key, keep: () => found.serviceAccounts.set(key, account) }
  }],
  ['Secret', (object, name, { report, found }) => {
    const secret = Object.freeze(readSecret(object, name, report))
    const key = `${secret.namespace}/${name}`
    return { key, keep: () => found.secrets.set(key, secret) }
  }]
])

function collectObject (object: UnknownRecord, kind: string, collecting: Collecting): void {
  const { report, item, found } = collecting
  const apiVersion = asText(member(object, 'apiVersion'))
  if (apiVersion === undefined && item.impliedKind === undefined) report([], `the ${kind} has no apiVersion; add apiVersion: v1`)
  // Another group's kind of the same name is none of ours.
  if (apiVersion !== undefined && apiVersion !== 'v1') return
  const name = readName(object, report)
  const read = name === undefined ? undefined : objectReaders.get(kind)?.(object, name, collecting)
  if (read === undefined) return
  const place = found.places.get(`${kind} ${read.key}`)
  if (place !== undefined) {
    report(['metadata', 'name'], `${kind} ${quote(read.key)} stands twice, first at ${place}; keep one of them`)
    return
  }
  found.places.set(`${kind} ${read.key}`, placeOf(item.document, item.path))
  read.keep()
}

function placeOf (document: ManifestDocument, path: ValuePath): string {
  if (document.file !== undefined) return document.file
  const { file, line } = document.problemAt(path, '')
  return `${file}:${line ?? 1}`
}
