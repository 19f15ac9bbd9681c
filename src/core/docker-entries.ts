import { decodeBase64 } from './base64.ts'
import { foldName, kindOf, membersOf, parseGoJson, stringOf, type JsonMember, type JsonNode } from './go-json.ts'

/** `dockerconfigjson` wraps the entries in `auths` (docker, podman); `dockercfg` is the bare map. */
export type DockerConfigFormat = 'dockerconfigjson' | 'dockercfg'

/**
 * The login of one entry, kept only while a copy is planned. `auth` holds the bytes of `user:password`; `fields` is
 * used for a user name that itself holds a colon and so cannot be written as `auth`.
 */
export type Login =
  | { readonly form: 'auth', readonly bytes: Uint8Array }
  | { readonly form: 'fields', readonly username: string, readonly password: string }

export type EntryProblem = 'entry_not_an_object' | 'field_not_a_string' | 'auth_not_base64' | 'auth_without_colon'

/** One `auths` entry: a login, which may be empty, or what makes the kubelet refuse the document. */
export type DockerEntry =
  | { readonly key: string, readonly login: Login, readonly ignoredFields: readonly string[] }
  | { readonly key: string, readonly problem: EntryProblem }

export type DockerDocument =
  | {
    readonly ok: true
    /** As Go ends up with them: of a key that stands twice the last. */
    readonly entries: readonly DockerEntry[]
    /** Problems of entries that a later one of the same key hides: the kubelet refuses the document all the same. */
    readonly hidden: readonly DockerEntry[]
    /** Top-level members that the kubelet does not read, such as `credHelpers`. */
    readonly ignoredMembers: readonly string[]
  }
  | { readonly ok: false, readonly problem: DocumentProblem }

export type DocumentProblem = 'not_json' | 'not_an_object' | 'auths_not_an_object' | 'headers_not_strings'

/** Decodes a docker config as Go's encoding/json does, entry by entry (semantics B.3, B.4). */
export function decodeDockerConfig (bytes: Uint8Array, format: DockerConfigFormat): DockerDocument {
  const root = parseGoJson(bytes)
  if (root === undefined) return { ok: false, problem: 'not_json' }
  const kind = kindOf(root)
  if (kind === 'null') return { ok: true, entries: [], hidden: [], ignoredMembers: [] }
  if (kind !== 'object') return { ok: false, problem: 'not_an_object' }
  return format === 'dockercfg' ? collectEntries([root], []) : decodeWrapper(membersOf(root))
}

function decodeWrapper (members: readonly JsonMember[]): DockerDocument {
  const named = (wanted: string): JsonNode[] =>
    members.filter(({ name }) => foldName(name) === wanted).map(({ value }) => value)
  const auths = named('auths')
  const isMap = (node: JsonNode): boolean => ['object', 'null'].includes(kindOf(node))
  if (!auths.every(isMap)) return { ok: false, problem: 'auths_not_an_object' }
  if (!named('httpheaders').every(isTextMap)) return { ok: false, problem: 'headers_not_strings' }
  const ignored = members.map(({ name }) => name).filter((name) => !['auths', 'httpheaders'].includes(foldName(name)))
  return collectEntries(auths, ignored)
}

/** Go decodes a map that stands twice into the same map, and a null empties it. */
function collectEntries (maps: readonly JsonNode[], ignoredMembers: readonly string[]): DockerDocument {
  const entries = new Map<string, DockerEntry>()
  const hidden: DockerEntry[] = []
  const hide = (entry: DockerEntry | undefined): void => {
    if (entry !== undefined && 'problem' in entry) hidden.push(entry)
  }
  for (const map of maps) {
    if (kindOf(map) === 'null') {
      entries.forEach(hide)
      entries.clear()
      continue
    }
    for (const { name, value } of membersOf(map)) {
      hide(entries.get(name))
      entries.delete(name)
      entries.set(name, decodeEntry(name, value))
    }
  }
  return { ok: true, entries: [...entries.values()], hidden, ignoredMembers }
}

function isTextMap (node: JsonNode): boolean {
  if (kindOf(node) === 'null') return true
  return kindOf(node) === 'object' && membersOf(node).every(({ value }) => ['string', 'null'].includes(kindOf(value)))
}

const readFields: ReadonlySet<string> = new Set(['username', 'password', 'email', 'auth'])

function decodeEntry (key: string, node: JsonNode): DockerEntry {
  if (kindOf(node) === 'null') return { key, login: loginOf('', ''), ignoredFields: [] }
  if (kindOf(node) !== 'object') return { key, problem: 'entry_not_an_object' }
  const members = membersOf(node).map(({ name, value }) => ({ name, field: foldName(name), value }))
  const read = members.filter(({ field }) => readFields.has(field))
  if (!read.every(({ value }) => ['string', 'null'].includes(kindOf(value)))) return { key, problem: 'field_not_a_string' }
  const ignoredFields = members.filter(({ field }) => !readFields.has(field)).map(({ name }) => name)
  // A null leaves a field as an earlier duplicate set it.
  const strings = read.filter(({ value }) => kindOf(value) === 'string')
  const fields = new Map(strings.map(({ field, value }) => [field, stringOf(value)]))
  const { auth = '', username = '', password = '' } = Object.fromEntries(fields)
  return auth === '' ? { key, login: loginOf(username, password), ignoredFields } : decodeAuth(key, auth, ignoredFields)
}

/** `auth` beats the other fields. Padding is demanded where the text, white space behind it aside, ends in `=`. */
function decodeAuth (key: string, auth: string, ignoredFields: readonly string[]): DockerEntry {
  const bytes = decodeBase64(auth, auth.trimEnd().endsWith('=') ? 'required' : 'forbidden')
  if (bytes === undefined) return { key, problem: 'auth_not_base64' }
  if (!bytes.includes(colon)) return { key, problem: 'auth_without_colon' }
  return { key, login: { form: 'auth', bytes }, ignoredFields }
}

const colon = ':'.charCodeAt(0)

function loginOf (username: string, password: string): Login {
  if (username.includes(':')) return { form: 'fields', username, password }
  return { form: 'auth', bytes: Buffer.from(`${username}:${password}`) }
}

/** Whether a login has a user or a password at all; the kubelet tries an empty one too, to no avail. */
export function isUsable (login: Login): boolean {
  if (login.form === 'fields') return true
  return login.bytes.length > 1
}
