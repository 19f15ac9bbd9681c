import fc from 'fast-check'
import t from 'tap'
import { parsePullSecrets } from '../../../src/adapters/manifests/pull-secrets.ts'

const json = '.dockerconfigjson'
const document = '{"auths":{"quay.io":{"auth":"dTpw"}}}'
const encoded = Buffer.from(document).toString('base64')
const secretYaml = (name: string, data = `data: { ${json}: ${encoded} }`): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: { name: ${name} }\ntype: kubernetes.io/dockerconfigjson\n${data}\n`
const secretObject = (name: string) => ({
  apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'kubernetes.io/dockerconfigjson', data: { [json]: encoded }
})

/** Name, type and texts of the data, or the problems. */
function read (text: string, file = 'secrets.yaml') {
  const result = parsePullSecrets(text, file)
  if (!result.ok) return result.problems
  return result.secrets.map(({ name, type, data }) =>
    [name, type, Object.fromEntries([...data].map(([key, bytes]) => [key, Buffer.from(bytes).toString('utf8')]))])
}

const regcred = ['regcred', 'kubernetes.io/dockerconfigjson', { [json]: document }]
const other = ['other', 'kubernetes.io/dockerconfigjson', { [json]: document }]
const accepted = [
  { name: 'a Secret in YAML', text: secretYaml('regcred'), secrets: [regcred] },
  { name: 'a Secret in JSON', text: JSON.stringify(secretObject('regcred')), secrets: [regcred] },
  { name: 'a Secret in JSON with tabs', text: JSON.stringify(secretObject('regcred'), null, '\t'), secrets: [regcred] },
  { name: 'several documents', text: `${secretYaml('regcred')}---\n---\n${secretYaml('other')}`, secrets: [regcred, other] },
  { name: 'a List', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [secretObject('regcred'), secretObject('other')] }), secrets: [regcred, other] },
  { name: 'a SecretList whose items have no kind', text: JSON.stringify({ apiVersion: 'v1', kind: 'SecretList', items: [{ ...secretObject('regcred'), kind: undefined }] }), secrets: [regcred] },
  { name: 'objects of other kinds beside it', text: `kind: ConfigMap\nmetadata: { name: c }\n---\n${secretYaml('regcred')}`, secrets: [regcred] },
  { name: 'stringData over data', text: secretYaml('regcred', `data: { ${json}: e30= }\nstringData: { ${json}: '${document}' }`), secrets: [regcred] },
  { name: 'a docker config', file: 'home/config.json', text: document, secrets: [['config.json', 'kubernetes.io/dockerconfigjson', { [json]: document }]] },
  { name: 'a docker config with an entry twice, as it is written', file: 'config.json', text: '{"auths":{"a":{},"a":{}}}', secrets: [['config.json', 'kubernetes.io/dockerconfigjson', { [json]: '{"auths":{"a":{},"a":{}}}' }]] },
  { name: 'a docker config with a comma too many, as it is written', file: 'config.json', text: '{"auths":{"a":{}},}', secrets: [['config.json', 'kubernetes.io/dockerconfigjson', { [json]: '{"auths":{"a":{}},}' }]] },
  { name: 'a docker config in YAML', file: 'auth.yaml', text: 'auths:\n  quay.io:\n    auth: dTpw\n', secrets: [['auth.yaml', 'kubernetes.io/dockerconfigjson', { [json]: document }]] },
  { name: 'a bare map, told by the name of the file', file: 'x/.dockercfg', text: '{"quay.io":{"auth":"dTpw"}}', secrets: [['.dockercfg', 'kubernetes.io/dockercfg', { '.dockercfg': '{"quay.io":{"auth":"dTpw"}}' }]] }
]

for (const { name, text, file, secrets } of accepted) {
  t.test(`${name} is read`, async (t) => { t.same(read(text, file), secrets) })
}

const refused = [
  { name: 'an empty file', text: '', problem: { file: 'secrets.yaml', message: /holds no Secret and no docker config/ } },
  { name: 'only other kinds', text: 'kind: Pod\nmetadata: { name: p }\n', problem: { message: /holds no Secret and no docker config/ } },
  { name: 'data that is no base64', text: secretYaml('s', `data:\n  ${json}: c2VjcmV0*`), problem: { line: 6, column: 22, message: /not base64/ } },
  { name: 'data of the URL alphabet', text: secretYaml('s', `data:\n  ${json}: c2Vj_-V0`), problem: { line: 6, message: /not base64/ } },
  { name: 'bad data in JSON', text: JSON.stringify({ ...secretObject('s'), data: { a: '*' } }, null, 1), problem: { line: 9, message: /not base64/ } },
  { name: 'no name', text: 'kind: Secret\n', problem: { line: 1, message: /no metadata\.name/ } },
  { name: 'broken YAML', text: 'kind: Secret\n  metadata: [\n', problem: { line: 1, message: /nested map starts on the same line/ } },
  { name: 'a scalar', text: 'just text\n', problem: { line: 1, message: /no object with a kind/ } },
  { name: 'a list', text: '- kind: Secret\n', problem: { line: 1, message: /no object with a kind/ } }
]

for (const { name, text, problem } of refused) {
  t.test(`${name} is refused with its place`, async (t) => { t.match(read(text)[0], problem) })
}

t.test('every problem of a file is told', async (t) => {
  t.equal(read(`${secretYaml('a', 'data: { x: "*", y: "*" }')}---\nkind: Secret\n`).length, 3)
})

t.test('no text makes it throw, and no problem holds more than one line', async () => {
  const pieces = fc.array(fc.constantFrom(
    'kind: Secret', '{', '}', '"auths"', ':', '\n', '---', ' ', 'data', '- ', '&a', '*a', '!!x', 'items', '\t', '[', ']'
  ))
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), pieces.map((list) => list.join(''))), (text) => {
    const result = parsePullSecrets(text, 'f')
    if (result.ok) return result.secrets.length > 0
    return result.problems.length > 0 && result.problems.every(({ message }) => !/[\r\n]/.test(message))
  }))
})
