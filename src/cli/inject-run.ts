import { cutPieces, formatPieces, type TextPiece } from '../adapters/manifests/diff-pieces.ts'
import type { Splice } from '../adapters/manifests/edit-yaml.ts'
import type { ManifestText, TextDocument } from '../adapters/manifests/manifest-text.ts'
import { joinTexts, renderObject } from '../adapters/manifests/render.ts'
import { parseYaml } from '../adapters/yaml.ts'
import { createInject, listObjects, type InjectObject, type InjectResult, type ObjectAt } from '../app/inject.ts'
import { withNames } from '../core/append-names.ts'
import { exitCodes, type ExitCode } from '../core/errors.ts'
import { asRecord } from '../core/kubernetes.ts'
import type { CommandIo } from './command.ts'
import { describeResult, show, type Report } from './inject-messages.ts'
import { loadFacts } from './load-facts.ts'
import { readInputs, type Input } from './manifest-input.ts'
import { standardNamespace, type FactFlags } from './options.ts'

/** The flags of `inject` as commander gives them. */
export interface InjectFlags extends FactFlags {
  /** Files, folders, or `-` for standard input. */
  readonly filename: readonly string[]
  /** Absent: `default`. */
  readonly namespace?: string
  /** Absent: that of the input. */
  readonly output?: 'yaml' | 'json'
  readonly dryRun: boolean
  readonly assumeEmptyAccounts: boolean
}

/** Flags that have passed `checkFlags`. */
export type CheckedInjectFlags = InjectFlags & { readonly manifests: string }

/**
 * Runs `pullpass inject`: everything is read before anything is written.
 *
 * @returns 1 if an object was refused, else 0.
 * @throws PullpassError `file_unreadable`, `yaml_invalid`, `manifests_invalid`.
 */
export async function runInject (flags: CheckedInjectFlags, io: CommandIo): Promise<ExitCode> {
  const inputs = await readInputs(flags.filename, io)
  const { view } = await loadFacts(flags, io)
  const { namespace = standardNamespace, assumeEmptyAccounts } = flags
  const inject = createInject({ view, namespace, assumeEmptyAccounts, parseYaml })
  const format = flags.output ?? (inputs.every(({ manifest }) => manifest.format === 'json') ? 'json' : 'yaml')
  const changes = inputs.map((input) => changeInput(input, format, inject))
  const reports = changes.flatMap((change) => change.reports)
  const lines = reports.filter(isOfKnownKind).map((report) => `${describeResult(report)}${flags.dryRun ? ' (dry run)' : ''}\n`)
  io.stderr.write(lines.join(''))
  io.stdout.write(flags.dryRun ? changes.map(formatChange).join('') : joinTexts(changes.map(textAfter), format))
  return reports.some(isRefused) ? exitCodes.finding : exitCodes.ready
}

function isRefused ({ result, problem }: Report): boolean {
  return result.outcome === 'refused' || problem !== undefined
}

/** A chart is mostly Services, ConfigMaps and the like: a line for each would hide what matters. */
function isOfKnownKind ({ result }: Report): boolean {
  return result.decision.reason !== 'unsupported_resource'
}

/** One input's text before and after, both in the format that was asked for. */
interface Change {
  readonly name: string
  readonly pieces: readonly TextPiece[]
  readonly reports: readonly Report[]
}

function changeInput ({ name, manifest }: Input, format: ManifestText['format'], inject: InjectObject): Change {
  return manifest.format === format
    ? { name, ...editText(manifest, inject) }
    : { name, ...convertText(manifest, format, inject) }
}

/** Keeps the text and changes the lists in it. */
function editText (manifest: ManifestText, inject: InjectObject): Omit<Change, 'name'> {
  const edited = manifest.documents.map((document) => editDocument(document, inject))
  return {
    pieces: cutPieces(manifest.text, edited.flatMap(({ splices }) => splices)),
    reports: edited.flatMap(({ reports }) => reports)
  }
}

function editDocument (document: TextDocument, inject: InjectObject): EditedReports {
  const decided = decideDocument(document, inject)
  const injected = decided.flatMap(({ at, result }) => result.outcome === 'injected' ? [{ at, result }] : [])
  const { splices, problems } = document.edit(injected.map(({ at, result: { listPath, names, list } }) =>
    ({ path: [...at.path, ...listPath], names, list })))
  const problemOf = new Map(injected.map(({ result }, index): [InjectResult, Report['problem']] => [result, problems[index]]))
  return { splices, reports: decided.map(({ result }) => ({ result, problem: problemOf.get(result) })) }
}

interface EditedReports {
  readonly splices: readonly Splice[]
  readonly reports: readonly Report[]
}

/** Writes every object anew in the other format. */
function convertText (manifest: ManifestText, format: ManifestText['format'], inject: InjectObject): Omit<Change, 'name'> {
  const decided = manifest.documents.flatMap((document) => decideDocument(document, inject))
  const complete = ({ at }: Decided): unknown => ({ ...at.implied, ...asRecord(at.object) })
  const patched = (one: Decided): unknown =>
    one.result.outcome === 'injected' ? withNames(complete(one), one.result.listPath, one.result.names) : complete(one)
  return {
    pieces: decided.map((one, index) => {
      const marker = format === 'yaml' && index > 0 ? '---\n' : ''
      const render = (object: unknown): string => marker + renderObject(object, format)
      return { before: render(complete(one)), after: render(patched(one)) }
    }),
    reports: decided.map(({ result }) => ({ result, problem: undefined }))
  }
}

interface Decided {
  readonly at: ObjectAt
  readonly result: InjectResult
}

/** The objects of a document and what becomes of each; what is no object at all (an empty document) is passed over. */
function decideDocument ({ value }: TextDocument, inject: InjectObject): Decided[] {
  return listObjects(value).filter(({ object }) => asRecord(object) !== undefined)
    .map((at) => ({ at, result: inject(at.object, at.implied) }))
}

function textAfter ({ pieces }: Change): string {
  return pieces.map(({ after }) => after).join('')
}

function formatChange ({ name, pieces }: Change): string {
  return formatPieces(show(name), pieces)
}
