import fc from 'fast-check'
import t from 'tap'
import { explainDeadKey } from '../../src/config/registry-keys.ts'
import { parseImageReference } from '../../src/core/image-reference.ts'
import { effectiveKeyOf, matchesPattern, parseRegistryPattern, type RegistryPattern } from '../../src/core/registry-pattern.ts'
import { everyImage } from '../helpers/image-arbitraries.ts'
import { everyKey, keyArbitrary } from '../helpers/key-arbitraries.ts'

const live = [
  'quay.io', 'quay.io/acme', 'https://quay.io/acme/', 'http://reg:5000/', 'https://index.docker.io/v1/', 'docker.io/acme',
  '*.example.com', '*.example.com:5000/team', 'localhost/app', 'localhost:5000', '[::1]:5000/x', 'quay.io/v2/foo',
  '*', '*:5000', 'loc*', 'https://index.docker.io/', 'index.docker.io', 'index.docker.io:443/acme', 'index.*.io:443',
  'my_reg.io', 'Registry/team', 'docker.io/nginx', 'quay.io/acme-'
]

for (const key of live) t.equal(explainDeadKey(key), undefined, `${key} can match`)

const dead = [
  { name: 'upper-case scheme', key: 'HTTPS://quay.io', says: 'scheme' },
  { name: 'other scheme', key: 'docker://quay.io/x', says: 'scheme' },
  { name: 'white space', key: ' quay.io', says: 'white space' },
  { name: 'glob character that starts a query', key: 'qua?.io', says: 'dropped' },
  { name: 'character class', key: '[qr]uay.io', says: 'character' },
  { name: 'broken escape', key: 'q%zz.io', says: 'character' },
  { name: 'tag', key: 'quay.io/app:v1', says: 'tag' },
  { name: 'Docker key without its slash', key: 'https://index.docker.io/v1', says: 'final slash' },
  { name: 'no host', key: 'acme/app', says: 'docker.io/acme/app' },
  { name: 'Docker Hub under the name of its login', key: 'index.docker.io/acme', says: 'write "docker.io/acme"' },
  { name: 'the same with a version', key: 'https://index.docker.io/v1/acme', says: 'write "docker.io/acme"' },
  { name: 'IPv6 host without a port', key: '[::1]', says: 'write [address]:port' },
  { name: 'IPv6 host and path without a port', key: '[::1]/team', says: 'write [address]:port' },
  { name: 'star in a name that is no host', key: 'my_*', says: 'no registry host' },
  { name: 'host that no image name has', key: '-reg.io', says: 'covers no image name' },
  { name: 'star in the path', key: 'quay.io/acme-*', says: 'host only' },
  { name: 'upper-case path', key: 'quay.io/Acme', says: 'lower case' },
  { name: 'empty segment', key: 'quay.io//acme', says: 'empty path segment' },
  { name: 'port that is no number', key: 'reg:http/x', says: 'port' },
  { name: 'port that is missing', key: 'quay.io:/acme', says: 'port' },
  { name: 'IPv6 host whose brackets match a letter', key: '[FE80::1]', says: 'write [address]:port' },
  { name: 'nothing behind the scheme', key: 'https://', says: 'no host' }
]

for (const { name, key, says } of dead) t.match(explainDeadKey(key), says, `${name} is told`)

t.test('a key that looks like a login is not repeated', async (t) => {
  const told = explainDeadKey('robot:hunter2@quay.io')
  t.match(told, 'holds an @')
  t.notMatch(told, 'hunter2')
})

t.test('no text makes the explanation throw', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => ['string', 'undefined'].includes(typeof explainDeadKey(text))))
})

// eslint-disable-next-line no-control-regex -- keys may hold them
const oddCharacter = /[@?#%[\]\\^`{|}"<>\s\u0000-\u001f\u007f]/

// Told for their form: they may work, but not as they read.
const isOddlyWritten = (key: string): boolean => {
  const rest = key.replace(/^https?:\/\//, '')
  return oddCharacter.test(rest.replace(/^\[[0-9A-Fa-f:.]+\]/, '')) ||
    /^[A-Za-z][A-Za-z0-9+.-]*:\/\/|^[^/]+:(\/|$)|^\[[^/]*\](\/|$)/.test(rest)
}

function readName (image: string): RegistryPattern[] {
  const parsed = parseImageReference(image)
  const name = parsed.ok ? parseRegistryPattern(parsed.reference.name) : undefined
  return name === undefined ? [] : [name]
}

const knownNames = everyImage.flatMap(readName)
const fillings = ['a', 'Z', '0', '-', '_', '', 'localhost', 'a.b', 'x-y', 'io', 'quay', 'REG']
const endings = ['', '/', 'a', '/a', 'a/b', '/library/x', '-x', '_x', 'x:1', '0']

/** Images of the key's own neighbourhood: something in place of its stars, something behind it. */
function neighbours (effective: string): RegistryPattern[] {
  return fillings.flatMap((filling) => endings.flatMap((ending) => [
    ...readName(effective.replaceAll('*', filling) + ending),
    ...readName(effective.replace('*', filling).replaceAll('*', 'b') + ending)
  ]))
}

function matchesSomething (key: string): boolean {
  const effective = effectiveKeyOf(key)
  const pattern = effective === undefined ? undefined : parseRegistryPattern(effective)
  if (effective === undefined || pattern === undefined) return false
  const isCovered = (name: RegistryPattern): boolean => matchesPattern(pattern, name)
  return effective === 'index.docker.io' || knownNames.some(isCovered) || neighbours(effective).some(isCovered)
}

t.test('a key is refused exactly where it matches no image', async (t) => {
  const keys = everyKey.filter((key) => !isOddlyWritten(key))
  t.ok(keys.some(matchesSomething) && !keys.every(matchesSomething))
  t.same(keys.filter((key) => (explainDeadKey(key) === undefined) !== matchesSomething(key)), [])
  fc.assert(fc.property(keyArbitrary, (key) => {
    fc.pre(!isOddlyWritten(key))
    return (explainDeadKey(key) === undefined) === matchesSomething(key)
  }), { numRuns: 200 })
})

t.test('no key is let through that matches no image, however it is written', async () => {
  fc.assert(fc.property(keyArbitrary, (key) => explainDeadKey(key) !== undefined || matchesSomething(key)), {
    numRuns: 200
  })
})
