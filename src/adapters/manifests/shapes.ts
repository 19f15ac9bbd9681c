import { decodeBase64 } from '../../core/base64.ts'
import { formatPath, quote } from '../../config/quote.ts'
import type { ValuePath } from '../../config/yaml-documents.ts'
import { asRecord, asText, member, memberAt } from '../../core/kubernetes.ts'
import type { Labels, Secret, ServiceAccount, UnknownRecord } from '../../core/kubernetes.ts'

/** Notes one thing wrong with an object, at a path inside it. */
export type Report = (path: ValuePath, message: string) => void

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** `metadata.name`, or undefined with a report where it is absent or no Kubernetes name. */
export function readName (object: UnknownRecord, report: Report): string | undefined {
  const name = asText(memberAt(object, ['metadata', 'name']))
  if (name === undefined) {
    report(['metadata', 'name'], 'the object has no metadata.name; add one')
    return undefined
  }
  if (name.length <= 253 && subdomain.test(name)) return name
  report(['metadata', 'name'], `metadata.name is ${quote(name)}; write lower-case letters, digits, '-' and '.' only`)
  return undefined
}

/** `metadata.namespace`, or `default` where it is absent, as kubectl has it. */
export function readNamespace (object: UnknownRecord, report: Report): string {
  const namespace = memberAt(object, ['metadata', 'namespace'])
  if (namespace === undefined || namespace === null || namespace === '') return 'default'
  if (typeof namespace === 'string' && namespace.length <= 63 && subdomain.test(namespace)) return namespace
  report(['metadata', 'namespace'], 'metadata.namespace is no namespace name; write lower-case letters, digits and \'-\' only')
  return 'default'
}

/** The labels of a Namespace; absent reads as none. */
export function readLabels (object: UnknownRecord, report: Report): Labels {
  return readTexts(object, ['metadata', 'labels'], report)
}

/** A ServiceAccount; the annotation is read as the API server does, where what is no boolean counts as false. */
export function readServiceAccount (object: UnknownRecord, name: string, report: Report): ServiceAccount {
  const annotations = readTexts(object, ['metadata', 'annotations'], report)
  return {
    namespace: readNamespace(object, report),
    name,
    imagePullSecrets: readReferences(member(object, 'imagePullSecrets'), report),
    enforcesMountableSecrets: isGoTrue(annotations.get('kubernetes.io/enforce-mountable-secrets') ?? '')
  }
}

// strconv.ParseBool
function isGoTrue (text: string): boolean {
  return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)
}

function readReferences (list: unknown, report: Report): string[] {
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) {
    report(['imagePullSecrets'], 'imagePullSecrets is no list; write a list of maps with a name')
    return []
  }
  return list.flatMap((item: unknown, index) => {
    const name = member(item, 'name')
    if (asRecord(item) !== undefined && (typeof name === 'string' || name === undefined || name === null)) return asText(name) ?? []
    report(['imagePullSecrets', index], `imagePullSecrets[${index}] is no map with a name; write - name: followed by the Secret's name`)
    return []
  })
}

/** A Secret, its data decoded: `stringData` over `data`, type `Opaque` where there is none, as in the API server. */
export function readSecret (object: UnknownRecord, name: string, report: Report): Secret {
  const type = member(object, 'type')
  if (type !== undefined && type !== null && typeof type !== 'string') report(['type'], 'type is no text; put it in quotes')
  const data = new Map<string, Uint8Array>()
  for (const [key, text] of readTexts(object, ['data'], report)) {
    const bytes = decodeBase64(text, 'required')
    if (bytes === undefined) report(['data', key], `data[${quote(key)}] is not base64; encode it, or put plain text under stringData`)
    else data.set(key, bytes)
  }
  for (const [key, text] of readTexts(object, ['stringData'], report)) data.set(key, Buffer.from(text, 'utf8'))
  return { namespace: readNamespace(object, report), name, type: asText(type) ?? 'Opaque', data }
}

/** A map of texts, in which an empty value (`key:`) is an empty text. Values never get into a message. */
function readTexts (object: UnknownRecord, path: readonly string[], report: Report): ReadonlyMap<string, string> {
  const map = memberAt(object, path)
  const texts = new Map<string, string>()
  if (map === undefined || map === null) return texts
  const record = asRecord(map)
  if (record === undefined) {
    report(path, `${formatPath(path)} is no map; write it as key: value`)
    return texts
  }
  for (const [key, value] of Object.entries(record)) {
    if (typeof value === 'string') texts.set(key, value)
    else if (value === null) texts.set(key, '')
    else report([...path, key], `${formatPath(path)}[${quote(key)}] is no text; put it in quotes`)
  }
  return texts
}
