import t from 'tap'
import fc from 'fast-check'
import { compareKeys, compileKeyring, triedLogins, type Keyring, type KeyringEntry } from '../../src/core/keyring.ts'
import { effectiveKeyOf } from '../../src/core/registry-pattern.ts'
import { emptyEntry, imageName, makeOffered, type KeyTable } from '../helpers/builders.ts'

/** The secrets that the kubelet tries for an image, in its order. */
function tried (keyring: Keyring, image: string, listed?: readonly string[]): string {
  const isListed = listed === undefined ? undefined : (name: string) => listed.includes(name)
  return triedLogins(keyring.candidates(imageName(image)), isListed).map(({ secret }) => secret).join(' ')
}

const hub = 'https://index.docker.io/v1/'

/** Keys by user; expected users by image. */
const rows: ReadonlyArray<readonly [name: string, keys: KeyTable, expected: Readonly<Record<string, string>>]> = [
  ['C1 a wildcard is one part', { a: ['*.kubernetes.io'] }, { 'prefix.kubernetes.io/x': 'a', 'kubernetes.io/x': '' }],
  ['C2 wildcard, port and path', { a: ['prefix.*.io:1111/foo'] }, { 'prefix.kubernetes.io:1111/foo/bar': 'a' }],
  ['C3 ports must be equal', { a: ['prefix.*.io/foo'] }, { 'prefix.kubernetes.io:1111/foo/bar': '' }],
  ['C4 C5 byte prefix', { ada: ['bar.example.com'], grace: ['bar.example.com/pong'] }, {
    'bar.example.com/pongz': 'grace ada', 'bar.example.com/ping': 'ada'
  }],
  ['C6 C7 Docker Hub', { hub: [hub] }, {
    nginx: 'hub', 'team/app': 'hub', 'docker.io/x/y': 'hub', 'registry-1.docker.io/library/nginx': '', 'quay.io/a': ''
  }],
  ['C8 the Hub without its final slash', { hub: ['https://index.docker.io/v1'] }, { nginx: '' }],
  ['C9 docker.io hides the Hub login', { dio: ['docker.io'], idx: [hub] }, { nginx: 'dio' }],
  ['C10 so does a team of it', { t: ['docker.io/team'], idx: [hub] }, { 'team/app': 't', 'team2/app': 't', nginx: 'idx' }],
  ['C11 index.docker.io with a path', { a: ['index.docker.io/team'] }, { 'team/app': '' }],
  ['C12 docker.io/nginx', { a: ['docker.io/nginx'] }, { nginx: '' }],
  ['C12 docker.io/library', { a: ['docker.io/library'] }, { nginx: 'a' }],
  ['C13 a star sorts last', {
    w: ['*.example.com'], h: ['reg.example.com'], t: ['reg.example.com/team'], wd: ['*.example.com/team/deep']
  }, { 'reg.example.com/team/deep/x': 't h wd w' }],
  ['C14 longest first', { fb: ['quay.io/foobar'], fs: ['quay.io/foo/'], f: ['quay.io/foo'], r: ['quay.io'] }, {
    'quay.io/foo/x': 'fs f r', 'quay.io/foobar/x': 'fb f r', 'quay.io/foo': 'f r'
  }],
  ['C15 443 is not the absent port', { p: ['reg.example.com:443'], n: ['reg.example.com'] }, {
    'reg.example.com/a': 'n', 'reg.example.com:443/a': 'p'
  }],
  ['C16 a star alone', { s: ['*'], p: ['*:5000'] }, { 'localhost/x': 's', 'registry:5000/x': 'p', 'quay.io/x': '' }],
  ['C17 two stars', { a: ['*.dkr.ecr.*.amazonaws.com'] }, {
    '123.dkr.ecr.us-east-1.amazonaws.com/a': 'a', '123.dkr.ecr.us-east-1.amazonaws.com.cn/a': ''
  }],
  ['C18 IPv6 with a port', { p: ['[::1]:5000'], n: ['[::1]'] }, { '[::1]:5000/a': 'p', '[::1]/a': '' }],
  ['C19 case counts', { a: ['Quay.io'] }, { 'quay.io/x': '', 'Quay.io/x': 'a' }],
  ['C20 no star in a path', { a: ['quay.io/*/app', 'quay.io/org*'] }, { 'quay.io/foo/app': '', 'quay.io/org1/a': '' }],
  ['C21 another registry', { a: ['foobar.io'] }, { 'test.registry.io/a': '' }],
  ['C22 the registry itself', { a: ['test.registry.io'] }, { 'test.registry.io/a': 'a' }],
  ['localhost falls back to the Hub', { a: [hub] }, { 'localhost/x': 'a', 'localhost:5000/x': '' }],
  ['an entry without login counts too', { a: [emptyEntry('docker.io')], b: [hub] }, { nginx: 'a' }],
  ['of one key in list order', { b: ['quay.io'], a: ['https://quay.io/v1/', 'quay.io/'] }, { 'quay.io/x': 'b a a' }],
  ['a key that cannot be parsed is passed over', { a: ['q%zz.io', 'quay.io'] }, { 'quay.io/x': 'a' }],
  ['an escape is taken off twice', { a: ['quay.io/%2566oo'], b: ['quay.io/%25zz'] }, { 'quay.io/foo': 'a' }],
  ['an image that is no URL matches nothing', { a: ['*:5000'] }, { '[12345]:5000/a': '' }]
]

for (const [name, keys, expected] of rows) {
  t.test(name, async (t) => {
    const { keyring } = makeOffered(keys)
    for (const [image, users] of Object.entries(expected)) t.equal(tried(keyring, image), users, image)
  })
}

t.test('only what is listed is tried, and hides', async (t) => {
  const { keyring } = makeOffered({ dio: ['docker.io'], idx: [hub] })
  t.equal(tried(keyring, 'nginx', ['idx']), 'idx')
  t.equal(tried(keyring, 'nginx', ['idx', 'dio']), 'dio')
  t.equal(tried(keyring, 'nginx', []), '')
})

t.test('a match tells how it came about', async (t) => {
  const { keyring } = makeOffered({ a: ['docker.io/li'], b: [hub] })
  t.strictSame(keyring.candidates('docker.io/library/nginx'), {
    direct: [
      { secret: 'a', key: 'docker.io/li', effectiveKey: 'docker.io/li', usable: true, by: 'key', insideSegment: true }
    ],
    fallback: [
      { secret: 'b', key: hub, effectiveKey: 'index.docker.io', usable: true, by: 'fallback', insideSegment: false }
    ]
  })
})

t.test('keys compare in descending byte order', async (t) => {
  t.strictSame(['a', 'b', 'a/', 'b', '*'].sort(compareKeys), ['b', 'b', 'a/', 'a', '*'])
})

const keyText = fc.constantFrom('quay.io', 'quay.io/foo', 'quay.io/foo/', '*.io', 'quay.*', '*', 'docker.io', 'docker.io/team',
  hub, 'index.docker.io', 'docker.io/library', '*.*', 'localhost', 'quay.io:443')
const entry: fc.Arbitrary<KeyringEntry> = fc.record({ secret: fc.constantFrom('a', 'b', 'c'), key: keyText, usable: fc.boolean() })
  .map((entry) => ({ ...entry, effectiveKey: effectiveKeyOf(entry.key) ?? '' }))
const entries = fc.array(entry, { maxLength: 8 })
const image = fc.constantFrom('quay.io/foo', 'quay.io/foobar/x', 'docker.io/library/nginx', 'docker.io/team/app', 'localhost/x', 'quay.io:443/a')

t.test('a look-up does not depend on entries of other hosts', async () => {
  const foreign = fc.array(entry.map((entry) =>
    ({ ...entry, key: 'other.example.com', effectiveKey: 'other.example.com' })), { maxLength: 4 })
  fc.assert(fc.property(entries, foreign, image, (entries, foreign, image) => {
    const alone = compileKeyring(entries).candidates(image)
    const among = compileKeyring([...foreign, ...entries, ...foreign]).candidates(image)
    return JSON.stringify(among) === JSON.stringify(alone)
  }), { numRuns: 500 })
})

t.test('direct candidates stand in descending order of keys, each entry at most once', async () => {
  fc.assert(fc.property(entries, image, (entries, image) => {
    const { direct } = compileKeyring(entries).candidates(image)
    const keys = direct.map(({ effectiveKey }) => effectiveKey)
    return direct.length <= entries.length && keys.every((key, index) => index === 0 || key <= (keys[index - 1] ?? ''))
  }), { numRuns: 500 })
})
