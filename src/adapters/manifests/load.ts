import { createHash } from 'node:crypto'
import { createConfigurationParser, type ConfigurationParser, type ParsedConfiguration } from '../../config/load.ts'
import type { Coverage } from '../../core/coverage.ts'
import type { Problem } from '../../core/errors.ts'
import type { Secret } from '../../core/kubernetes.ts'
import { listFiles, type FileListing } from './list-files.ts'
import { parseManifests, readTexts, type ReadManifests, type SourceText } from './read.ts'
import { readText } from './read-text.ts'
import { createManifestsView, type ManifestsView } from './view.ts'

/** Where the manifests view takes its facts from. */
export interface ManifestsSource {
  /** A folder or a file. */
  readonly path: string
  /** A configuration that stands in for the folder's own. */
  readonly configFile?: string
  /** Where sources without a namespace are. */
  readonly ownNamespace: string
}

/** A view with what deserves a word in the log. */
export interface LoadedManifests {
  readonly view: ManifestsView
  /** About the configuration; what is wrong with sources stands in `view.findings`. */
  readonly warnings: readonly Problem[]
  /** A Secret of the manifests; undefined: they hold none of that name. */
  readonly secret: (namespace: string, name: string) => Secret | undefined
}

/** A load, or every problem of all files. */
export type LoadResult =
  | { readonly ok: true, readonly loaded: LoadedManifests }
  | { readonly ok: false, readonly problems: readonly Problem[] }

/** Reads a source once, as a whole. */
export async function loadManifests (source: ManifestsSource): Promise<LoadResult> {
  const snapshot = await takeSnapshot(source, await listSource(source))
  return interpret(snapshot, source, { parser: createConfigurationParser() })
}

/** The texts of a source as they were found, before anything is made of them. */
export interface Snapshot {
  readonly texts: readonly SourceText[]
  readonly configuration?: SourceText
  readonly problems: readonly Problem[]
  /** Differs whenever a text, a name or a problem does. */
  readonly fingerprint: string
}

/** What there is to read and to watch, the separate configuration file included. */
export async function listSource (source: ManifestsSource): Promise<FileListing> {
  const listing = await listFiles(source.path)
  if (source.configFile === undefined) return listing
  const configuration = await listFiles(source.configFile)
  return { ...listing, folders: new Map([...listing.folders, ...configuration.folders]) }
}

/** Reads all texts of a listing. */
export async function takeSnapshot (source: ManifestsSource, listing: FileListing): Promise<Snapshot> {
  const read = await readTexts(listing.files)
  const { configuration, problems: ownProblems } = await readConfigurationFile(source)
  const problems = [...listing.problems, ...read.problems, ...ownProblems]
  const hash = createHash('sha256')
  for (const { file, text } of [...read.texts, ...configuration]) hash.update(`${file}\0${text.length}\0${text}`)
  return {
    texts: read.texts,
    ...(configuration[0] === undefined ? {} : { configuration: configuration[0] }),
    problems,
    fingerprint: hash.update(JSON.stringify(problems)).digest('hex')
  }
}

/** No text and no problem where the folder's own configuration counts. */
async function readConfigurationFile (
  { configFile }: ManifestsSource
): Promise<{ configuration: SourceText[], problems: Problem[] }> {
  if (configFile === undefined) return { configuration: [], problems: [] }
  const result = await readText(configFile)
  return result.ok
    ? { configuration: [{ file: configFile, text: result.text }], problems: [] }
    : { configuration: [], problems: [result.problem] }
}

const noConfiguration = 'the folder holds no PullpassConfiguration; nothing will ever be injected'

/** Makes a view of a snapshot, or tells all its problems. */
export function interpret (
  snapshot: Snapshot,
  source: ManifestsSource,
  using: { readonly parser: ConfigurationParser, readonly previous?: Coverage }
): LoadResult {
  const manifests = parseManifests(snapshot.texts, using.parser)
  const merged = snapshot.configuration === undefined
    ? manifests
    : replaceConfiguration(manifests, using.parser.parse(snapshot.configuration.text, snapshot.configuration.file))
  const problems = [...snapshot.problems, ...merged.ok ? [] : merged.problems]
  if (!merged.ok || problems.length > 0) return { ok: false, problems }
  const view = createManifestsView(merged.objects, source.ownNamespace, using.previous)
  const missing = merged.objects.configuration === undefined ? [{ file: source.path, message: noConfiguration }] : []
  const { warnings, secrets } = merged.objects
  const secret = (namespace: string, name: string): Secret | undefined => secrets.get(`${namespace}/${name}`)
  return { ok: true, loaded: { view, warnings: [...warnings, ...missing], secret } }
}

function replaceConfiguration (manifests: ReadManifests, parsed: ParsedConfiguration): ReadManifests {
  if (!manifests.ok || !parsed.ok) {
    return { ok: false, problems: [parsed, manifests].flatMap((part) => part.ok ? [] : part.problems) }
  }
  const { configuration, warnings } = parsed
  return { ok: true, objects: { ...manifests.objects, configuration, warnings } }
}
