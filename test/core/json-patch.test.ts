import t from 'tap'
import { appendNames, jsonPointer } from '../../src/core/json-patch.ts'

const path = ['spec', 'imagePullSecrets']

t.test('a pointer escapes tilde and slash', async (t) => {
  t.equal(jsonPointer(['metadata', 'annotations', 'a/b~c']), '/metadata/annotations/a~1b~0c')
  t.equal(jsonPointer(['containers', 0]), '/containers/0')
  t.equal(jsonPointer([]), '')
})

t.test('an absent list is added as a whole', async (t) => {
  t.strictSame(appendNames(path, 'absent', ['a', 'b']),
    [{ op: 'add', path: '/spec/imagePullSecrets', value: [{ name: 'a' }, { name: 'b' }] }])
})

t.test('a list that is there gets one operation a name', async (t) => {
  t.strictSame(appendNames(path, 'present', ['a', 'b']), [
    { op: 'add', path: '/spec/imagePullSecrets/-', value: { name: 'a' } },
    { op: 'add', path: '/spec/imagePullSecrets/-', value: { name: 'b' } }
  ])
})

t.test('no names, no operation', async (t) => {
  t.strictSame(appendNames(path, 'absent', []), [])
  t.strictSame(appendNames(path, 'present', []), [])
})
