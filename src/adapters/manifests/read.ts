import type { ConfigurationParser } from '../../config/load.ts'
import { readYamlDocuments, type YamlDocument, type YamlResult } from '../../config/yaml-documents.ts'
import type { Problem } from '../../core/errors.ts'
import { createCollection, collectDocument, type ManifestDocument, type ManifestObjects } from './collect.ts'
import { readText } from './read-text.ts'

/** Everything that the manifests say, or every problem in them. */
export type ReadManifests =
  | { readonly ok: true, readonly objects: ManifestObjects }
  | { readonly ok: false, readonly problems: readonly Problem[] }

/** A file with its text. */
export interface SourceText {
  readonly file: string
  readonly text: string
}

/** Reads listed files; one that went away since it was listed is left out. */
export async function readTexts (files: readonly string[]): Promise<{ texts: SourceText[], problems: Problem[] }> {
  const texts: SourceText[] = []
  const problems: Problem[] = []
  for (const file of files) {
    const result = await readText(file)
    if (result.ok) texts.push({ file, text: result.text })
    else if (result.reason === 'refused') problems.push(result.problem)
  }
  return { texts, problems }
}

/**
 * Reads texts of manifests: YAML and JSON, many documents, Lists, what `kubectl get -o yaml` prints. Kinds that
 * Pullpass doesn't know are passed over. All problems at once; no message holds a value of a Secret.
 */
export function parseManifests (texts: readonly SourceText[], parser: ConfigurationParser): ReadManifests {
  const found = createCollection(parser)
  for (const source of texts) {
    for (const result of readDocuments(source)) {
      if (result.ok) collectDocument(result.document, found)
      else found.problems.push(...result.problems)
    }
  }
  const { problems, configuration, namespaces, serviceAccounts, secrets, warnings } = found
  if (problems.length > 0) return { ok: false, problems }
  const objects = { namespaces, serviceAccounts, secrets, warnings }
  return { ok: true, objects: configuration === undefined ? objects : { ...objects, configuration } }
}

type ManifestResult = Exclude<YamlResult, { ok: true }> | { readonly ok: true, readonly document: ManifestDocument }

/** JSON is parsed as such, many times faster; where it has a problem, the text is read again to tell the place. */
function * readDocuments ({ file, text }: SourceText): Generator<ManifestResult, void, undefined> {
  const value = /\.json$/i.test(file) ? parseJson(text) : undefined
  if (value === undefined) {
    yield * readYamlDocuments(text, file)
    return
  }
  let again: YamlResult | undefined
  const problemAt: YamlDocument['problemAt'] = (path, message, part) => {
    again ??= readYamlDocuments(text, file).next().value ?? undefined
    return again?.ok === true ? again.document.problemAt(path, message, part) : { file, message }
  }
  yield { ok: true, document: { value, problemAt, file } }
}

function parseJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
