import { join } from 'node:path'
import t from 'tap'
import { findOwnNamespace } from '../../src/adapters/own-namespace.ts'

const folder = t.testdir({ pod: 'tools\n', empty: ' \n', folder: {} })

const cases = [
  { name: 'the flag counts before the pod', flag: 'asked', file: 'pod', is: 'asked' },
  { name: 'without the flag it is the namespace of the pod', flag: undefined, file: 'pod', is: 'tools' },
  { name: 'outside of a pod it is the standard one', flag: undefined, file: 'absent', is: 'pullpass' },
  { name: 'an empty file says nothing', flag: undefined, file: 'empty', is: 'pullpass' },
  { name: 'what cannot be read says nothing', flag: undefined, file: 'folder', is: 'pullpass' }
]

for (const { name, flag, file, is } of cases) {
  t.test(name, async (t) => { t.equal(await findOwnNamespace(flag, join(folder, file)), is) })
}
