import fc from 'fast-check'
import t from 'tap'
import { explainDeadKey } from '../../src/config/registry-keys.ts'

const live = [
  'quay.io', 'quay.io/acme', 'https://quay.io/acme/', 'http://reg:5000/', 'https://index.docker.io/v1/', 'docker.io/acme',
  '*.example.com', '*.example.com:5000/team', 'localhost/app', 'localhost:5000', '[::1]:5000/x', 'quay.io/v2/foo'
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
  { name: 'lone star', key: '*', says: 'no registry host' },
  { name: 'star in the path', key: 'quay.io/acme-*', says: 'host only' },
  { name: 'upper-case path', key: 'quay.io/Acme', says: 'lower case' },
  { name: 'empty segment', key: 'quay.io//acme', says: 'empty path segment' },
  { name: 'port that is no number', key: 'reg:http/x', says: 'port' },
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
