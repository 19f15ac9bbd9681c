import { basename } from 'node:path'
import { readYamlDocuments, type YamlDocument } from '../../config/yaml-documents.ts'
import { listObjects, type ObjectAt } from '../../app/inject.ts'
import { pullSecretForms } from '../../core/docker-config.ts'
import type { Problem } from '../../core/errors.ts'
import { asRecord, asText, member, type Secret } from '../../core/kubernetes.ts'
import { readName, readSecret, type Report } from './shapes.ts'

/** The secrets of one file in its order, or every problem of the file. */
export type PullSecretsResult =
  | { readonly ok: true, readonly secrets: readonly Secret[] }
  | { readonly ok: false, readonly problems: readonly Problem[] }

const nothingFound = 'it holds no Secret and no docker config; name a file with a kind: Secret, or a config.json or .dockercfg'

/**
 * Reads a file that holds pull secrets: Secrets and Lists of them, YAML or JSON, among objects of other kinds, which
 * are passed over; or a docker config file, whose secret is named as the file is. A file whose name ends in
 * `dockercfg` is the bare map of entries, any other one has them under `auths`. No message holds a value.
 *
 * @param file the name that problems carry.
 */
export function parsePullSecrets (text: string, file: string): PullSecretsResult {
  const json = text.trimStart().startsWith('{') ? parseJson(text) : undefined
  const isConfig = json === undefined ? isBrokenConfig(text) : asRecord(json) !== undefined && !isKubernetesObject(json)
  if (isConfig) return { ok: true, secrets: [dockerConfigSecret(text, file)] }
  const found: Found = { file, secrets: [], problems: [] }
  if (json !== undefined) collect(jsonDocument(json, text, file), found)
  else collectYaml(text, found)
  const { secrets, problems } = found
  if (problems.length === 0 && secrets.length === 0) problems.push({ file, message: nothingFound })
  return problems.length === 0 ? { ok: true, secrets } : { ok: false, problems }
}

interface Found {
  readonly file: string
  readonly secrets: Secret[]
  readonly problems: Problem[]
}

/**
 * A docker config that was meant as JSON and is none: YAML might still read it, and the kubelet refuses it. It is kept
 * as it is written, as every docker config in JSON is, since the kubelet's view depends on more than its value (members
 * that stand twice, names in another case).
 */
function isBrokenConfig (text: string): boolean {
  return text.trimStart().startsWith('{') && /"auths"\s*:/.test(text) && !/kind"?\s*:/.test(text)
}

function parseJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** JSON as such: YAML would refuse tabs and members that stand twice. The place of a problem is looked up as YAML. */
function jsonDocument (value: unknown, text: string, file: string): YamlDocument {
  const problemAt: YamlDocument['problemAt'] = (path, message, part) => {
    const again = readYamlDocuments(text, file).next().value
    return again?.ok === true ? again.document.problemAt(path, message, part) : { file, message }
  }
  return { value, problemAt }
}

function isKubernetesObject (value: unknown): boolean {
  return ['apiVersion', 'kind', 'metadata'].some((key) => member(value, key) !== undefined)
}

function collectYaml (text: string, found: Found): void {
  for (const result of readYamlDocuments(text, found.file)) {
    if (result.ok) collect(result.document, found)
    else found.problems.push(...result.problems)
  }
}

function collect (document: YamlDocument, found: Found): void {
  const { value } = document
  if (asRecord(value) !== undefined && !isKubernetesObject(value)) {
    found.secrets.push(dockerConfigSecret(JSON.stringify(value), found.file))
    return
  }
  for (const at of listObjects(value)) collectObject(at, document, found)
}

function collectObject ({ object, path, implied }: ObjectAt, document: YamlDocument, found: Found): void {
  const report: Report = (below, message) => { found.problems.push(document.problemAt([...path, ...below], message)) }
  const record = asRecord(object)
  const kind = asText(member(record, 'kind')) ?? implied.kind
  if (record === undefined || kind === undefined) {
    report([], 'here stands no object with a kind; write a Secret with apiVersion, kind and metadata')
    return
  }
  if (kind !== 'Secret') return
  const name = readName(record, report)
  if (name !== undefined) found.secrets.push(readSecret(record, name, report))
}

function dockerConfigSecret (text: string, file: string): Secret {
  const format = file.endsWith('dockercfg') ? 'dockercfg' : 'dockerconfigjson'
  const form = pullSecretForms.find((one) => one.format === format)
  return {
    namespace: '',
    name: basename(file),
    type: form?.type ?? '',
    data: new Map([[form?.dataKey ?? '', Buffer.from(text, 'utf8')]])
  }
}
