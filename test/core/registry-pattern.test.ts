import t from 'tap'
import {
  effectiveKeyOf, endsInsideSegment, matchesPattern, parseRegistryPattern, withoutUserInfo
} from '../../src/core/registry-pattern.ts'
import type { RegistryPattern } from '../../src/core/registry-pattern.ts'

function pattern (text: string): RegistryPattern {
  const parsed = parseRegistryPattern(text)
  if (parsed === undefined) throw new Error(`${text} is no pattern`)
  return parsed
}

const effectiveKeys: ReadonlyArray<readonly [key: string, expected: string | undefined]> = [
  ['https://index.docker.io/v1/', 'index.docker.io'],
  ['https://index.docker.io/v1', 'index.docker.io/v1'],
  ['https://quay.io/v2', 'quay.io/v2'],
  ['https://quay.io/v2/foo', 'quay.io/foo'],
  ['quay.io/v2ray/x', 'quay.io/v2ray/x'],
  ['quay.io/v3/', 'quay.io/v3/'],
  ['http://reg:5000/', 'reg:5000'],
  ['quay.io/foo/', 'quay.io/foo/'],
  ['HTTPS://quay.io', 'HTTPS://quay.io'],
  ['oci://quay.io', 'oci://quay.io'],
  ['docker://quay.io/x', 'docker://quay.io/x'],
  [' quay.io', undefined],
  ['[qr]uay.io', undefined],
  ['q%zz.io', undefined],
  ['qua?.io', 'qua'],
  ['quay.io/app:v1', 'quay.io/app:v1'],
  ['user:pw@quay.io/acme', 'quay.io/acme'],
  ['', '']
]

for (const [key, expected] of effectiveKeys) {
  t.test(`B.5 effective key of ${JSON.stringify(key)}`, async (t) => {
    t.equal(effectiveKeyOf(key), expected)
  })
}

t.test('keys of another scheme match nothing', async (t) => {
  for (const key of ['HTTPS://quay.io', 'oci://quay.io', 'docker://quay.io/x']) {
    t.notOk(matchesPattern(pattern(effectiveKeyOf(key) ?? ''), pattern('quay.io/x')), key)
  }
})

const shapes: ReadonlyArray<readonly [text: string, expected: RegistryPattern | undefined]> = [
  ['quay.io/acme', { hostParts: ['quay', 'io'], port: '', path: '/acme', wildcard: false }],
  ['*.io:5000', { hostParts: ['*', 'io'], port: '5000', path: '', wildcard: true }],
  ['[::1]:5000/a', { hostParts: ['::1'], port: '5000', path: '/a', wildcard: false }],
  ['[::1]/a', { hostParts: ['[::1]'], port: '', path: '/a', wildcard: true }],
  ['quay.io:', { hostParts: ['quay', 'io'], port: '', path: '', wildcard: false }],
  ['*]:5000', { hostParts: ['*]:5000'], port: '', path: '', wildcard: true }],
  ['quay io', undefined]
]

for (const [text, expected] of shapes) {
  t.test(`pattern of ${JSON.stringify(text)}`, async (t) => { t.strictSame(parseRegistryPattern(text), expected) })
}

const apart: ReadonlyArray<readonly [name: string, key: string, image: string]> = [
  ['port', 'quay.io:443', 'quay.io/a'],
  ['path', 'quay.io/b', 'quay.io/a'],
  ['host', 'quay.*', 'ghcr.io/a'],
  ['a part more', 'quay.io.*', 'quay.io/a'],
  ['a part less', 'quay', 'quay.io/a']
]

for (const [name, key, image] of apart) {
  t.test(`no match for another ${name}`, async (t) => { t.notOk(matchesPattern(pattern(key), pattern(image))) })
}

const inside: ReadonlyArray<readonly [key: string, image: string, expected: boolean]> = [
  ['quay.io', 'quay.io/acme/app', false],
  ['quay.io/acme', 'quay.io/acme', false],
  ['quay.io/acme', 'quay.io/acme/app', false],
  ['quay.io/acme/', 'quay.io/acme/app', false],
  ['quay.io/acme', 'quay.io/acme-x/app', true],
  ['quay.io/a', 'quay.io/acme/app', true],
  ['quay.io/acme/a', 'quay.io/acme/app', true]
]

for (const [key, image, expected] of inside) {
  t.test(`${key} ${expected ? 'ends inside a segment' : 'covers whole segments'} of ${image}`, async (t) => {
    t.ok(matchesPattern(pattern(key), pattern(image)))
    t.equal(endsInsideSegment(pattern(key), pattern(image)), expected)
  })
}

const withUsers: ReadonlyArray<readonly [key: string, expected: string]> = [
  ['quay.io/acme', 'quay.io/acme'],
  ['user:pw@quay.io/acme', 'quay.io/acme'],
  ['https://u@v:pw@quay.io/v1/', 'https://quay.io/v1/'],
  ['OCI://user:pw@quay.io', 'OCI://quay.io'],
  ['user:pw@q%zz.io', 'q%zz.io'],
  ['quay.io/a@b', 'quay.io/a@b'],
  ['quay.io?a@b', 'quay.io?a@b']
]

for (const [key, expected] of withUsers) {
  t.test(`${key} without user information`, async (t) => { t.equal(withoutUserInfo(key), expected) })
}
