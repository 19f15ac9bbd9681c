/** fast-check arbitraries of image references: mostly good ones on a few hosts, so that keys often cover them. */
import fc from 'fast-check'

const hex64 = '0123456789abcdef'.repeat(4)

/** Images whose parsing is easy to get wrong (semantics A.5 and its reference tests). */
export const hardImages: readonly string[] = [
  'nginx', 'team/app', 'index.docker.io/library/debian', 'docker.io/library/foo/bar', 'registry/app',
  'registry:5000/app:v1', 'localhost/app', 'localhost', 'localhost:5000', 'example.com', 'example.com:5000',
  'LOCALDOMAIN/fooo/bar', 'Foo/bar', 'EXAMPLE.com/app', 'quay.io/Foo/bar', 'FOO/Bar', 'Ubuntu', 'ubuntu:LATEST',
  '[2001:db8::1]:5000/repo:tag', '[2001:db8::1]', '[fe80::1%eth0]:5000/repo', 'fc00::1:5000/debian',
  `a:t@sha256:${'f'.repeat(64)}`, `a@sha256:${'f'.repeat(63)}`, `a@sha256:${'F'.repeat(64)}`,
  `a@md5:${'f'.repeat(32)}`, `a@sha384:${'f'.repeat(96)}`, `a@sha512:${'f'.repeat(128)}`,
  `a@sha512:${'f'.repeat(64)}`, `a@SHA256:${hex64}`, `a@sha256+b64:${hex64}`, `a@sha256:${hex64}@sha256:${hex64}`,
  hex64, `docker.io/${hex64}`, hex64.slice(1), `${hex64}0`, hex64.toUpperCase(), `sha256:${hex64}`,
  `quay.io/${'a'.repeat(255)}`, `quay.io/${'a'.repeat(256)}`, 'a'.repeat(247), 'a'.repeat(248),
  `quay.io/a:${'t'.repeat(128)}`, `quay.io/a:${'t'.repeat(129)}`, `${'h'.repeat(300)}.io/a`,
  'quay.io/a__b', 'quay.io/a.b', 'quay.io/a---b', 'quay.io/a___b', 'quay.io/a..b', 'quay.io/a-_b', 'quay.io/-a',
  'quay.io/a-', 'quay.io/a_', 'my_reg.io/a', 'my_reg:5000/a', 'my_reg/a', 'a_b.c/d/e', 'quay_io./a',
  'https://quay.io/a', 'docker://quay.io/a', '', '/a', 'a/', 'quay.io//a', 'quay.io/a:', 'quay.io/a@', 'quay.io/a:-t',
  'quay.io/a:x:y', 'reg.io./a', 'reg..io/a', '-reg.io/a', 'reg-.io/a', 'reg.io:/a', 'reg.io:abc/a', 'büch.io/a',
  'image-registry.openshift-image-registry.svc:5000/proj/is:tag', '{{inputs.parameters.image}}',
  'quay.io/{{workflow.name}}/a', 'ROOT', 'http://root', `url:5000/repo:latest@sha256:${hex64}`, ' quay.io/a',
  'quay.io/a ', 'quay.io/a\n', '\nquay.io/a', 'quay.io/a\u0000', 'docker.io', 'docker.io/', 'docker.io:443/nginx',
  'registry-1.docker.io/library/nginx', 'quay.io:99999999/a', 'quay.io:0/a', '[:]/a', '[:]:5000/a', '[12345]:5000/a',
  '[]/a', '[::1/a', 'F/app', 'E/app', '1/app', 'X.io/a', 'K/a', '\u212A/a', 'quay.io/\u017F', 'quay.io/ß', 'ſ.io/a',
  '$(IMAGE)', 'quay.io/a:v1+meta', 'quay.io/%66oo', 'quay.io/foo?x', 'quay.io/foo#x', 'user@quay.io/a', '*.io/a',
  '../a', './a', 'a/../b', 'quay.io/a/', 'İ/a', 'quay.io/a:v1@', 'a:5000/b', 'A:5000/B', 'a.b', 'a/b/c/d/e'
]

const hosts = [
  ...Array.from({ length: 12 }, () => 'quay.io/'), ...Array.from({ length: 6 }, () => ''),
  ...Array.from({ length: 5 }, () => 'reg.example.com/'), 'docker.io/', 'docker.io/', 'docker.io/', 'index.docker.io/',
  'reg.example.com:443/', 'a.b.example.com/', 'prefix.kubernetes.io/', 'prefix.kubernetes.io:1111/', 'localhost/',
  'localhost:5000/', 'registry:5000/', '[::1]:5000/', '[FE80::1]:5000/', '[fe80::1]:5000/', 'my_reg.io/', 'Quay.io/',
  'quay.io:443/', 'image-registry.openshift-image-registry.svc:5000/'
]
const oddHosts = ['[::1]/', '[FE80::1]/', 'F/', 'registry-1.docker.io/', 'HTTPS/', 'quay.io./', 'quay.io:/', 'QUAY.IO/', 'io/']
const paths = [
  'foo', 'foo/x', 'foo/bar/x', 'foo', 'foo/x', 'foobar', 'foobar/x', 'foo/bar', 'foo/bar/x', 'foo-bar/x', 'fo', 'team', 'team/app', 'team2/app',
  'team/deep/x', 'library/nginx', 'nginx', 'v1/foo', 'v2/foo', 'v2ray/x', 'v2', 'a__b/c', 'x/y/z'
]
const oddPaths = ['FOO', 'foo/X', 'a___b', 'foo//x', '-foo', 'foo.', '', 'foo%2Fx', 'f?o', '*/app', 'foo/v1', 'ⓕoo']
const tags = ['', '', '', ':v1', ':LATEST', `@sha256:${hex64}`, `:1@sha256:${hex64}`]
const oddTags = [':', ':-x', '@sha256:12', ':a/b', ' ', `@sha256:${hex64.toUpperCase()}`, `:${'t'.repeat(129)}`]

const mostly = (good: readonly string[], odd: readonly string[], oddWeight: number): fc.Arbitrary<string> => fc.oneof(
  { weight: 100 - oddWeight, arbitrary: fc.constantFrom(...good) },
  { weight: oddWeight, arbitrary: fc.constantFrom(...odd) }
)

const composedImage = fc.tuple(mostly(hosts, oddHosts, 8), mostly(paths, oddPaths, 4), mostly(tags, oddTags, 4))
  .map((parts) => parts.join(''))

/** Every hard image, each host with a plain path, each path and tag below one host. */
export const everyImage: readonly string[] = [...new Set([
  ...hardImages,
  ...[...hosts, ...oddHosts].flatMap((host) => [`${host}foo/x`, `${host}v2ray`]),
  ...[...paths, ...oddPaths].flatMap((path) => [`quay.io/${path}`, path]),
  ...[...tags, ...oddTags].map((tag) => `quay.io/foo${tag}`)
])]

const grammarText = fc.string({ unit: fc.constantFrom(...'aA0._-/:@[]%* é'), maxLength: 12 })

/** An image reference: about nine in ten parse. */
export const imageArbitrary: fc.Arbitrary<string> = fc.oneof(
  { weight: 88, arbitrary: composedImage },
  { weight: 9, arbitrary: fc.constantFrom(...hardImages) },
  { weight: 3, arbitrary: grammarText }
)
