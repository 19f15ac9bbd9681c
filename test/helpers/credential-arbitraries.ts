/**
 * fast-check arbitraries of pull secrets as careless people and programs write them. Documents are written as raw
 * text, so that duplicate members, escapes and broken JSON are possible. Most documents can be read, and their keys
 * come from few hosts, so that most lists cover some image of `image-arbitraries.ts`.
 */
import fc from 'fast-check'
import type { Secret } from '../../src/core/kubernetes.ts'
import { keyArbitrary, oneOf, weighted } from './key-arbitraries.ts'

const encode = (text: string): string => Buffer.from(text).toString('base64')

// Every character as an escape, or only the slash: the same text for a JSON reader.
const jsonText = (text: string, style: number): string => {
  if (style === 1) return `"${Array.from({ length: text.length }, (_, at) => escapeUnit(text, at)).join('')}"`
  return style === 2 ? JSON.stringify(text).replaceAll('/', '\\/') : JSON.stringify(text)
}
const escapeUnit = (text: string, at: number): string => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`
const style = weighted([90, fc.constant(0)], [5, fc.constant(1)], [5, fc.constant(2)])

const login = oneOf('u:p', 'user:pass:word', ':p', 'u:', ':', '<token>:jwt', 'foo:bar', 'ü:ß', 'u\n:p', '\u0000:', '::', 'ab:cd~~?>')
const encodedLogin = login.map((text) => encode(text))
const oddAuths = [
  'Zm9vOmJhch==', 'Zm9vOmJhcg=\n=', '\nZm9vOmJhcg==', 'dTr/', '/zo=', '', 'Zm9v\r\r\nOmJhcg', 'Og==', 'Og', 'dTo', 'OnA='
]
const goodAuth = weighted(
  [60, encodedLogin],
  [15, encodedLogin.map((text) => text.replace(/=+$/, ''))],
  [10, encodedLogin.map((text) => `${text.slice(0, 3)}\n${text.slice(3)}\r\n`)],
  [5, oneOf(...oddAuths)]
)
const badAuths = [
  'cGFudHM=', 'pants', 'b3Blb=', '=', '==', '\n', ' ', 'Zm9vOmJhcg=', 'Zm9vOmJhcg===', 'Zm9vOmJhcg==x', 'dTpw=',
  'Zm9v OmJhcg', 'Zm9vOmJhcg==\u0085', 'Zm9vOmJhcg==\u00A0', 'Zm9vOmJhcg\u2028', 'Zm9vOmJhcg==\t', 'Zm9vOmJhcg==Zm9vOmJhcg==',
  'dTp', 'd', 'Zm9=Og==', 'Zm9vOmJhZ', 'dTpwZ', 'dTpwZ=', 'é', 'Zm9vOmJhcg=\t='
]
const badAuth = weighted(
  [1, encodedLogin.map((text) => `${text} `)],
  [1, encodedLogin.map((text) => ` ${text}`)],
  [1, oneOf('fn5-Ojo_', 'Pz8_Oj4-', 'fn5-fg==', 'Oj4_')],
  [3, oneOf(...badAuths)]
)
const authName = weighted([85, fc.constant('auth')], [15, oneOf('AUTH', 'Auth', 'aUth')])
const userName = weighted([85, fc.constant('username')], [15, oneOf('Username', 'UserName', 'u\u017Fername', 'USERNAME')])
const passwordName = weighted([85, fc.constant('password')], [15, oneOf('PASSWORD', 'pas\u017Fword', 'pa\u017F\u017Fword')])

const pair = (name: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(name, value, style).map(([key, text, how]) => `${jsonText(key, how)}:${jsonText(text, how)}`)
const authMember = pair(authName, goodAuth)
const oddMembers = [
  '"username":null', '"auth":null', '"password":null', '"email":null', '"identitytoken":"t"', '"registrytoken":"t"',
  '"Auth":null', '"x":1e999', '"x":-0.0e-1', '"x":[{},[],"\\ud800"]', '"authh":1', '"Provider":null', '"provider":{}',
  '"__proto__":{"username":"u"}', '"constructor":1', '"toString":null', '"\\u0061uth":"dTpw"', '"":0', '"username ":1',
  '"serveraddress":{"a":1}'
]
const member = weighted(
  [40, authMember],
  [25, pair(userName, oneOf('u', '', 'a:b', ' ', '\uD800'))],
  [25, pair(passwordName, oneOf('p', '', ':'))],
  [4, pair(oneOf('email', 'Email', 'emai\u217C'), oneOf('a@b', ''))],
  [16, oneOf(...oddMembers)]
)
const goodEntry = weighted(
  [55, authMember.map((text) => `{${text}}`)],
  [35, fc.array(member, { minLength: 1, maxLength: 4 }).map((members) => `{${members.join(' , ')}}`)],
  [10, oneOf('{}', 'null', ' null ', '{ }', '{"identitytoken":"t"}', '{"auth":"OnA=","identitytoken":"t"}')]
)
const badEntries = [
  '"x"', '[]', '[{}]', '1', 'true', 'false', '""', '{"email":1}', '{"username":{}}', '{"password":["p"]}', '{"AUTH":1}',
  '{"auth":1,"auth":"dTpw"}', '{"auth":false}', '{"u\u017Fername":0}', '{"pa\\u017fsword":0}', '{"auth":"x","auth":null}'
]
const badEntry = weighted(
  [6, badAuth.map((text) => `{"auth":${jsonText(text, 0)}}`)],
  [4, oneOf(...badEntries)]
)

const entry = (value: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.tuple(keyArbitrary, value, style)
  .map(([key, text, how]) => `${jsonText(key, how)}:${text}`)
const entries = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(entry(value), { minLength: 1, maxLength: 6 }).map((list) => list.join(','))
// One entry in two hundred is bad: with up to six entries and six secrets a higher share would leave few good lists.
const someEntries = entries(weighted([199, goodEntry], [1, badEntry]))
const twice = fc.tuple(keyArbitrary, goodEntry, goodEntry).map(([key, one, two]) => `"quay.io/%3F\\ud800":${one},"quay.io/%3F\\ufffd":${two},` +
  `${JSON.stringify(key)}:${one},${JSON.stringify(key)}:${two}`)
const map = weighted([94, someEntries], [3, twice], [3, fc.constant('')]).map((text) => `{${text}}`)

const authsName = weighted([92, fc.constant('auths')], [8, oneOf('AUTHS', 'Auths', 'auth\u017F')])
const besides = [
  '', '', '', '', '"credHelpers":{"quay.io":"x"},', '"credsStore":"osxkeychain",', '"HttpHeaders":{"a":"b"},',
  '"HttpHeaders":null,', '"HttpHeaders":{"a":null},', '"HTTPheaders":{},', '"auth":1,', '"HttpHeader\u017F":{"a":"b"},', '"x":1E400,'
]
const wrap = ([name, inner, extra]: readonly [string, string, string]): string => `{${extra}"${name}":${inner}}`
const wrapped = weighted(
  [90, fc.tuple(authsName, map, oneOf(...besides)).map(wrap)],
  [4, fc.tuple(map, authsName, map).map(([one, name, two]) => `{"auths":${one},"${name}":${two}}`)],
  [2, map.map((one) => `{"auths":${one},"auths":null}`)],
  [2, map.map((one) => `{"auths":null,"auths":${one}}`)],
  [2, oneOf('{}', '{"auths":null}', '{"auths":{}}', 'null', ' null\n', '{"q.io":{}}', '{"Auths ":1}', '{"quay.io":{"auth":"dTpw"}}')]
)
const brokenTexts = (good: string): readonly string[] => [
  `\uFEFF${good}`, `${good}x`, `${good}{}`, good.replace(/\}$/, ',}'), good.slice(0, -1), `${good}\u00A0`, `${good}\v`,
  `//\n${good}`, good.replaceAll('"', "'"), `[${good}]`, '[]', '""', '1', 'true', 'nul', '{"auths":[]}', '{"auths":""}',
  '{"auths":{"q.io":"x"}}', '{"auths":[],"auths":{}}', '{"HttpHeaders":{"a":1}}', '{"HttpHeaders":[]}', '{"HttpHeaders":"x"}',
  '{"x":01}', '{"x":1.}', '{"x":.5}', '{"x":+1}', '{"x":NaN}', '{"x":"\\x"}', '{"x":"\\u12g4"}', '{"x":"\t"}', '{"x":"\u0000"}',
  '{x:1}', '{"a" 1}', '{,}', '{"a":1,,"b":1}', ' ', '{"HTTPHEADER\u017F":{"a":[]}}', '{"httpheaders":{"a":{}}}', good + '\u2028'
]
const broken = (good: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.tuple(good, fc.nat(200))
  .map(([text, how]) => { const ways = brokenTexts(text); return ways[how % ways.length] ?? text })

const space = oneOf('', '', '', ' ', '\n', '\t\r\n')
/** Documents of one secret each, every way of being odd or broken once. */
export const everyDocument: readonly string[] = [
  ...[...oddAuths, ...badAuths].map((auth) => `{"auths":{"quay.io":{"auth":${JSON.stringify(auth)}}}}`),
  ...oddMembers.flatMap((text) => [text, `"username":"u",${text}`, `${text},"auth":"dTpw"`, `"auth":"dTpw",${text}`])
    .map((members) => `{"auths":{"quay.io":{${members}}}}`),
  ...badEntries.flatMap((text) => [`"a":${text}`, `"quay.io":${text},"quay.io":{"auth":"dTpw"}`])
    .map((entries) => `{"auths":{"quay.io":{},${entries}}}`),
  ...besides.map((text) => `{${text}"auths":{"quay.io":{"auth":"dTpw"}}}`),
  ...brokenTexts('{"auths":{"quay.io":{"auth":"dTpw"}}}'),
  ...[9_997, 9_998, 9_999, 10_000].map((depth) => `{"auths":{"quay.io":{}},"x":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  ...[9_996, 9_997, 9_998].map((depth) => `{"auths":{"quay.io":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}}`),
  `{"auths":{"quay.io":{"username":"u"}}, "x":"${'['.repeat(20_000)}"}`
]

// A lone byte, characters cut short, an encoded surrogate, an overlong slash, a character beyond the last one.
const notUtf8 = oneOf('\xFF', '\xC3', '\xE2\x82', '\xF0\x9F\x98', '\xED\xA0\x80', '\xC0\xAF', '\xF4\x90\x80\x80', '\x80')
const spoilUtf8 = (json: string, wrong: string): Uint8Array =>
  Buffer.from(json.replaceAll('quay.io', `quay.io/%3F${wrong}`).replaceAll('"u"', `"${wrong}"`), 'latin1')
const bytes = (text: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> => weighted<Uint8Array>(
  [97, fc.tuple(space, text, space).map((parts) => Buffer.from(parts.join('')))],
  // Bytes that are no UTF-8 are legal for Go's JSON inside a text, and read as U+FFFD.
  [3, fc.tuple(text, notUtf8).map(([json, wrong]) => spoilUtf8(json, wrong))]
)
const bareDocument = bytes(weighted([95, map], [4, broken(map)], [1, wrapped]))
const wrappedDocument = bytes(weighted([95, wrapped], [4, broken(wrapped)], [1, map]))

type Shape = readonly [type: string, data: ReadonlyMap<string, Uint8Array>]
const shape = (type: string, key: string, document: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Shape> =>
  document.map((content) => [type, new Map([[key, content]])])
const wrongType = oneOf('Opaque', 'kubernetes.io/podmanconfigjson', 'kubernetes.io/basic-auth', '', 'kubernetes.io/tls',
  'kubernetes.io/service-account-token', 'Kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg ')
const readType = oneOf('kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg')
const anyKey = oneOf('.dockerconfigjson', '.dockercfg', 'config.json', 'auth.json')
const shapes: fc.Arbitrary<Shape> = weighted<Shape>(
  [70, shape('kubernetes.io/dockerconfigjson', '.dockerconfigjson', wrappedDocument)],
  [18, shape('kubernetes.io/dockercfg', '.dockercfg', bareDocument)],
  [5, fc.tuple(wrongType, anyKey, wrappedDocument).map(([type, key, content]) => [type, new Map([[key, content]])])],
  [3, fc.tuple(readType, anyKey, wrappedDocument).map(([type, key, content]) => [type, new Map([[key, content]])])],
  [2, fc.tuple(readType, wrappedDocument, bareDocument).map(([type, json, bare]) =>
    [type, new Map([['.dockercfg', bare], ['.dockerconfigjson', json]])])],
  [2, fc.tuple(readType, anyKey).map(([type, key]) => [type, new Map([[key, new Uint8Array()]])])]
)

/** A pull secret list of one to six, now and then with one secret listed twice. */
export const secretListArbitrary: fc.Arbitrary<readonly Secret[]> = fc.tuple(
  fc.array(shapes, { minLength: 1, maxLength: 6 }), fc.nat(20)
).map(([list, repeat]) => {
  const secrets = list.map(([type, data], index) => ({ namespace: 'team', name: `secret-${index}`, type, data }))
  return repeat === 20 && secrets.length < 6 ? [...secrets, ...secrets.slice(0, 1)] : secrets
})
