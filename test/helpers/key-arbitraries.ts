/** fast-check arbitraries of `auths` keys: mostly registries and prefixes that cover some image, and much nonsense. */
import fc from 'fast-check'

/** One of the texts; a text given twice comes twice as often. */
export const oneOf = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values)

/** One of the arbitraries, each as often as its weight says. */
export const weighted = <T>(
  ...rows: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]
): fc.Arbitrary<T> => fc.oneof(...rows.map(([weight, arbitrary]) => ({ weight, arbitrary })))

const oddSchemes = [
  'HTTPS://', 'Https://', 'oci://', 'docker://', 'user:pw@', 'https://u@', 'https://u:p%40@', '//', '/', ' ', 'https:',
  'http://https://', '%20', '@', 'https:///', 'u[@', 'u%zz@', 'http://', 'https://u%25:%zz@', 'a@b@', 'ü@', 'u:p:q@'
]
const schemes = weighted(
  [60, fc.constant('')],
  [30, oneOf('https://', 'http://')],
  [10, oneOf(...oddSchemes)]
)
const usualHosts = [
  'quay.io', 'quay.io', 'quay.io', 'docker.io', 'index.docker.io', 'index.docker.io', '*.io', 'reg.example.com', '*.example.com', 'r*.example.*'
]
const plainHosts = [
  'reg.example.com:443', '*.*.example.com', 'r*g.example.com', 'localhost', 'localhost:5000', '*:5000',
  '*', '[::1]:5000', 'prefix.*.io', 'prefix.*.io:1111', '*.kubernetes.io', 'registry:5000', 'my_reg.io', 'Quay.io',
  'image-registry.openshift-image-registry.svc:5000', '*.*.svc:5000', 'quay.*', 'q*y.i*', '[FE80::1]:5000', 'quay.io:443'
]
const oddHosts = [
  '[::1]', '[FE80::1]', '[fe80::1]', '*]', '[*]', '[*]:5000', 'quay.io:', 'quay.io:*', '*:*', ':5000', '', 'quay.io::443',
  'a:b:5000', 'quay.io:443:5000', '::1', '[::1', '::1]', '[::1]x', '[::1]:', '[]:5000', '[:]:5000', '[12345::]:5000',
  '[1.2.3.4]:5000', '[::ffff:1.2.3.4]:5000', '[0:0:0:0:0:0:0:1]:5000', '[fe80::1%25eth0]:5000', '[fe80::1%eth0]:5000',
  '[fe80::1%25]:5000', '[1:2:3:4:5:6:7::]', '[::1::]', '[qr]uay.io', 'q[ru]ay.io', 'quay.[i]o', 'quay.i[o]:443', 'q?ay.io',
  'qu\\ay.io', 'q\\*', '%71uay.io', '%C3%BCay.io', 'q%zz.io', 'q%25.io', 'üay.io', 'quay.io.', '.quay.io', 'quay..io',
  'quay^io', 'quay<.io', 'quay".io', 'qu ay.io', 'quay.io\t', '\u007Fquay.io', 'quay.io\u0000', 'QUAY.IO', '**.io',
  '*.*.*', '*!*', '\uD83D\uDE00.io', '\uFFFD', '\uD800', 'quay.io:abc', 'quay.io:00443', '[::%31]', '[::1]%3A5000',
  'quay.io%3A443', 'quay,io', 'quay;.io', 'quay.io&', '(quay).io', 'quay|io', 'quay`io', '{quay}.io', '\u00A0quay.io'
]
const plainPaths = [
  '', '', '', '', '', '/', '/v1/', '/v1/', '/v2/', '/foo', '/foo', '/foo/', '/fo', '/foobar', '/foo/bar', '/foo/x', '/team',
  '/team/deep', '/library', '/library/nginx', '/v1/foo', '/v2/foo/', '/f', '/l', '/x'
]
const oddPaths = [
  '/v1', '/v2', '/v3/', '/v1/v2/', '/v2/v1/foo', '/v1//', '/v1//foo', '//', '//foo', '/V1/', '/nginx', '/foo:v1', '/foo@x',
  '/%66oo', '/%2566oo', '/%252566oo', '/f%6Fo', '/f%6fo', '/foo%2Fx', '/foo%252Fx', '/%76%31/foo', '/v%31/', '/v1%2F',
  '/foo%3Fx', '/foo%253Fx', '/%3F', '/%3Fz', '/%23', '/%3F\u{1F600}', '/%3F\uFF5E', '/%3F%F0%9F%98%80', '/%3F%EF%BD%9E',
  '/%3F%FF', '/%3F\uD800', '/%3F%80', '/%23\u{1F600}', '/%23\uFF5E', '/foo%', '/foo%2', '/foo%zz', '/foo%25zz', '/fo o', '/foo%20',
  '/foo%00', '/foo%2500', '/foo\u0001', '?x', '/foo?x=1', '?x=%zz', '?\u0001', '#f', '/foo#f', '#%zz', '/foo#%zz', '#a#b',
  '/foo?x#y?z', '/*', '/*/app', '/foo*', '/../foo', '/./foo', '/FOO', '/é', '/\u{1F600}', '/foo\\', '/[foo]', '/foo;x',
  '/foo\uD800', ' ', '/ ', '/foo|', '/:', ':', '/%40', '@', '/@quay.io'
]
const hosts = weighted([60, oneOf(...usualHosts)], [25, oneOf(...plainHosts)], [15, oneOf(...oddHosts)])
const paths = weighted([80, oneOf(...plainPaths)], [20, oneOf(...oddPaths)])
const composedKey = fc.tuple(schemes, hosts, paths).map((parts) => parts.join(''))
const wholeRegistry = fc.tuple(oneOf('', '', 'https://', 'http://'), oneOf(...usualHosts), oneOf('', '', '/', '/v1/', '/foo'))
  .map((parts) => parts.join(''))
const keyText = fc.string({ unit: oneOf(...'qio.*/:[]%@?#2Ff 1vé\\'), maxLength: 10 })

/** Every odd part once: each host, each host with a path that is odd, each path below one host, each scheme. */
export const everyKey: readonly string[] = [...new Set([
  ...[...usualHosts, ...plainHosts, ...oddHosts].flatMap((host) => [host, `https://${host}/foo`, `${host}/v2/`]),
  ...[...plainPaths, ...oddPaths].flatMap((path) => [`quay.io${path}`, `http://*.*${path}`, path]),
  ...oddSchemes.flatMap((scheme) => [`${scheme}quay.io`, `${scheme}quay.io/foo`])
])]

/** An `auths` key: a registry, a repository prefix, or nonsense. */
export const keyArbitrary: fc.Arbitrary<string> =
  weighted([35, wholeRegistry], [62, composedKey], [3, keyText])
