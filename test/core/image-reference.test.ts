import t from 'tap'
import fc from 'fast-check'
import { imageProblems, parseImageReference } from '../../src/core/image-reference.ts'

const hex = (digits: number): string => 'f'.repeat(digits)

/** `domain|path|tag|digest` of a reference, or `!problem`. */
function describe (text: string): string {
  const parsed = parseImageReference(text)
  if (!parsed.ok) return `!${parsed.problem}`
  const { domain, path, tag = '', digest = '' } = parsed.reference
  return [domain, path, tag, digest].join('|')
}

const rows: ReadonlyArray<readonly [name: string, cases: Readonly<Record<string, string>>]> = [
  ['A1 one segment is a library image', { nginx: 'docker.io|library/nginx|latest|' }],
  ['A2 two segments are a Hub image', { 'team/app': 'docker.io|team/app|latest|' }],
  ['A3 index.docker.io is docker.io', { 'index.docker.io/library/debian': 'docker.io|library/debian|latest|' }],
  ['A4 deep Hub path', { 'docker.io/library/foo/bar': 'docker.io|library/foo/bar|latest|' }],
  ['A5 no dot, no port: no registry', { 'registry/app': 'docker.io|registry/app|latest|' }],
  ['A6 a port makes a registry', { 'registry:5000/app:v1': 'registry:5000|app|v1|' }],
  ['A7 localhost', {
    'localhost/app': 'localhost|app|latest|',
    localhost: 'docker.io|library/localhost|latest|',
    'localhost:5000': 'docker.io|library/localhost|5000|'
  }],
  ['A8 a bare host is an image', {
    'example.com': 'docker.io|library/example.com|latest|',
    'example.com:5000': 'docker.io|library/example.com|5000|'
  }],
  ['A9 upper case makes a registry', {
    'LOCALDOMAIN/fooo/bar': 'LOCALDOMAIN|fooo/bar|latest|',
    'Foo/bar': 'Foo|bar|latest|'
  }],
  ['A10 the case of the registry is kept', { 'EXAMPLE.com/app': 'EXAMPLE.com|app|latest|' }],
  ['A11 upper case in the path', { 'quay.io/Foo/bar': '!uppercase', 'FOO/Bar': '!uppercase', Ubuntu: '!uppercase' }],
  ['A12 upper case in the tag', { 'ubuntu:LATEST': 'docker.io|library/ubuntu|LATEST|' }],
  ['A13 IPv6 registry', { '[2001:db8::1]:5000/repo:tag': '[2001:db8::1]:5000|repo|tag|' }],
  ['A14 IPv6 that is no registry', {
    '[2001:db8::1]': '!format',
    '[fe80::1%eth0]:5000/repo': '!format',
    'fc00::1:5000/debian': '!format'
  }],
  ['A15 tag and digest', { [`a:t@sha256:${hex(64)}`]: `docker.io|library/a|t|sha256:${hex(64)}` }],
  ['A16 wrong digests', {
    [`a@sha256:${hex(63)}`]: '!digest',
    [`a@sha256:${hex(64).toUpperCase()}`]: '!digest',
    [`a@md5:${hex(32)}`]: '!digest',
    'a@sha256:ff': '!format',
    [`a@sha512:${hex(64)}`]: '!digest'
  }],
  ['A17 an image id is no reference', {
    [hex(64)]: '!identifier',
    [`docker.io/${hex(64)}`]: `docker.io|library/${hex(64)}|latest|`,
    [hex(63)]: `docker.io|library/${hex(63)}|latest|`
  }],
  ['A18 a digest alone is a tag', { [`sha256:${hex(64)}`]: `docker.io|library/sha256|${hex(64)}|` }],
  ['A19 path of 255 and 256', {
    [`quay.io/${'a'.repeat(255)}`]: `quay.io|${'a'.repeat(255)}|latest|`,
    [`quay.io/${'a'.repeat(256)}`]: '!too_long'
  }],
  ['A20 library/ counts', {
    ['a'.repeat(247)]: `docker.io|library/${'a'.repeat(247)}|latest|`,
    ['a'.repeat(248)]: '!too_long'
  }],
  ['A21 tag of 128 and 129', {
    [`a:${'t'.repeat(128)}`]: `docker.io|library/a|${'t'.repeat(128)}|`,
    [`a:${'t'.repeat(129)}`]: '!format'
  }],
  ['A22 separators', {
    'quay.io/a__b': 'quay.io|a__b|latest|',
    'quay.io/a.b': 'quay.io|a.b|latest|',
    'quay.io/a---b': 'quay.io|a---b|latest|',
    'quay.io/a___b': '!format',
    'quay.io/a..b': '!format',
    'quay.io/a-_b': '!format',
    'quay.io/-a': '!format'
  }],
  ['A23 an underscore is in no host name', { 'my_reg.io/a': '|my_reg.io/a|latest|', 'my_reg:5000/a': '!format' }],
  ['A24 empty parts and schemes', {
    'https://quay.io/a': '!format',
    'docker://quay.io/a': '!format',
    '': '!empty',
    '/a': '!format',
    'a/': '!format',
    'quay.io//a': '!format',
    'quay.io/a:': '!format',
    'quay.io/a@': '!format',
    'quay.io/a:-t': '!format',
    'quay.io/a:x:y': '!format'
  }],
  ['A25 malformed hosts', {
    'reg.io./a': '!format',
    'reg..io/a': '!format',
    '-reg.io/a': '!format',
    'reg-.io/a': '!format',
    'reg.io:/a': '!format',
    'reg.io:abc/a': '!format',
    'büch.io/a': '!format'
  }],
  ['A26 OpenShift registry', {
    'image-registry.openshift-image-registry.svc:5000/proj/is:tag':
      'image-registry.openshift-image-registry.svc:5000|proj/is|tag|'
  }],
  ['A27 templates do not parse', { '{{inputs.parameters.image}}': '!format', 'quay.io/{{workflow.name}}/a': '!format' }],
  ['A28 the kubelet test cases', {
    ROOT: '!uppercase',
    'http://root': '!format',
    [`url:5000/repo:latest@sha256:${hex(64)}`]: `url:5000|repo|latest|sha256:${hex(64)}`
  }],
  ['a digest alone gets no tag', { [`a@sha512:${hex(128)}`]: `docker.io|library/a||sha512:${hex(128)}` }],
  ['docker.io with a port is not the Hub', { 'docker.io:443/nginx': 'docker.io:443|nginx|latest|' }],
  ['registry-1.docker.io is not the Hub', {
    'registry-1.docker.io/library/nginx': 'registry-1.docker.io|library/nginx|latest|'
  }],
  ['white space and line ends', { ' quay.io/a': '!format', 'quay.io/a ': '!format', 'quay.io/a\n': '!format' }]
]

for (const [name, cases] of rows) {
  t.test(name, async (t) => {
    for (const [image, expected] of Object.entries(cases)) t.equal(describe(image), expected, image.slice(0, 60))
  })
}

t.test('the name is what the kubelet looks up, without tag and digest', async (t) => {
  const parsed = parseImageReference('my_reg.io/a:1')
  t.match(parsed, { ok: true, reference: { domain: '', name: 'my_reg.io/a', tag: '1' } })
})

t.test('every problem has a sentence', async (t) => {
  for (const text of ['', hex(64), 'Ubuntu', 'a/', 'a'.repeat(248), `a@md5:${hex(32)}`]) {
    const parsed = parseImageReference(text)
    t.ok(!parsed.ok && imageProblems[parsed.problem].length > 0)
  }
})

const host = fc.constantFrom('quay.io', 'reg.example.com:443', 'localhost', 'Foo', '[::1]:5000', 'my-reg:5000')
const segment = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/)
const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined })
const digest = fc.option(fc.stringMatching(/^[a-f0-9]{64}$/).map((digits) => `sha256:${digits}`), { nil: undefined })
const parts = fc.record({ host, path: fc.array(segment, { minLength: 1, maxLength: 4 }), tag, digest })

t.test('what is put together is taken apart again', async () => {
  fc.assert(fc.property(parts, ({ host, path, tag, digest }) => {
    const repository = `${host}/${path.join('/')}`
    const text = `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
    const expected = [host, path.join('/'), tag ?? (digest === undefined ? 'latest' : ''), digest ?? ''].join('|')
    return describe(text) === expected
  }), { numRuns: 500 })
})

t.test('a parsed reference written out parses to the same, whatever the text was', async () => {
  const text = fc.string({ unit: fc.constantFrom(...'aA0._-/:@[]%* é'), maxLength: 16 })
  fc.assert(fc.property(text, (text) => {
    const parsed = parseImageReference(text)
    if (!parsed.ok) return
    const { name, tag, digest } = parsed.reference
    const written = `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
    return describe(written) === describe(text)
  }), { numRuns: 3000 })
})
