import t from 'tap'
import { parseHostAndPath, toByteString } from '../../src/core/go-url.ts'

const good: ReadonlyArray<readonly [text: string, host: string, path: string]> = [
  ['', '', ''],
  ['quay.io', 'quay.io', ''],
  ['quay.io/', 'quay.io', '/'],
  ['Quay.io:5000/Acme', 'Quay.io:5000', '/Acme'],
  ['quay.io:/a', 'quay.io:', '/a'],
  ['quay.io?x=/y', 'quay.io', ''],
  ['quay.io#f', 'quay.io', ''],
  ['quay.io/a?b#c', 'quay.io', '/a'],
  ['user@quay.io', 'quay.io', ''],
  ['user:p%40w@quay.io/a', 'quay.io', '/a'],
  ['a@b@quay.io', 'quay.io', ''],
  ['quay.io/%66oo', 'quay.io', '/foo'],
  ['quay.io/%2566oo', 'quay.io', '/%66oo'],
  ['%C3%BCay.io', '\u00C3\u00BCay.io', ''],
  ['q%25.io', 'q%.io', ''],
  ['[::1]', '[::1]', ''],
  ['[::1]:5000/a', '[::1]:5000', '/a'],
  ['[fe80::1%25eth0]:5000', '[fe80::1%eth0]:5000', ''],
  ['[fe80::1%25e%20%25]', '[fe80::1%e %]', ''],
  ['[::ffff:1.2.3.4]', '[::ffff:1.2.3.4]', ''],
  ['[1:2:3:4:5:6:1.2.3.4]', '[1:2:3:4:5:6:1.2.3.4]', ''],
  ['[1:2:3:4:5:6:7::]', '[1:2:3:4:5:6:7::]', ''],
  ['[0:0:0:0:0:0:0:1]', '[0:0:0:0:0:0:0:1]', '']
]

const bad: ReadonlyArray<readonly [name: string, text: string]> = [
  ['a space in the host', ' quay.io'],
  ['a control byte', 'quay.io/\u0001'],
  ['an escape of no hex digits in the path', 'quay.io/%zz'],
  ['an escape of no hex digits in the host', 'q%zz.io'],
  ['an escape of no hex digits in the fragment', 'quay.io#%zz'],
  ['an escaped ASCII letter in the host', '%71uay.io'],
  ['a character that no host has', 'qu^ay.io'],
  ['a backslash in the host', 'qu\\ay.io'],
  ['a port of letters', 'quay.io:abc'],
  ['two ports', 'quay.io::443'],
  ['a user with a space', 'u s@quay.io'],
  ['a user with a broken escape', 'u%zz@quay.io'],
  ['a bracket in the middle', 'q[ru]ay.io'],
  ['a bracket in front of a name', '[qr]uay.io'],
  ['a bracket that is not closed', '[::1'],
  ['text behind a bracket', '[::1]x'],
  ['an empty bracket', '[]'],
  ['a bracket with too long a group', '[12345::]'],
  ['a bracket with two gaps', '[::1::]'],
  ['a bracket with too few groups', '[1:2]'],
  ['a bracket with IPv4', '[1.2.3.4]'],
  ['a bracket with a broken IPv4 tail', '[::1.2.3.4.]'],
  ['a bracket with too many groups', '[1:2:3:4:5:6:7:8::]'],
  ['a zone without the escape of its percent sign', '[fe80::1%eth0]'],
  ['an empty zone', '[fe80::1%25]'],
  ['a zone with a character that no host has', '[fe80::1%25a^b]'],
  ['a zone with an escape that is not allowed', '[fe80::1%25%5e]'],
  ['an address with an escape', '[::%31]'],
  ['an address with a character that no host has', '[::^]']
]

for (const [text, host, path] of good) {
  t.test(`host and path of ${JSON.stringify(text)}`, async (t) => {
    t.strictSame(parseHostAndPath(text), { host, path })
  })
}

for (const [name, text] of bad) {
  t.test(`refused: ${name}`, async (t) => { t.equal(parseHostAndPath(text), undefined) })
}

t.test('bytes become characters, so that order and cuts are those of bytes', async (t) => {
  t.equal(toByteString('aü'), 'a\u00C3\u00BC')
  t.ok('\uFF5E' > '\u{1F600}', 'as UTF-16')
  t.ok(toByteString('\uFF5E') < toByteString('\u{1F600}'), 'as bytes')
})
