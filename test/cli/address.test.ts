import t from 'tap'
import { parseListenAddress } from '../../src/cli/address.ts'

t.test('addresses as people write them', async (t) => {
  const rows = [
    { name: 'every address', text: ':8443', host: '', port: 8443 },
    { name: 'one address', text: '127.0.0.1:0', host: '127.0.0.1', port: 0 },
    { name: 'a name', text: 'localhost:65535', host: 'localhost', port: 65535 },
    { name: 'IPv6', text: '[::1]:8443', host: '::1', port: 8443 }
  ]
  for (const { name, text, host, port } of rows) t.same(parseListenAddress(text, '--listen'), { host, port }, name)
})

t.test('anything else is a usage error that names the flag', async (t) => {
  for (const text of ['', '8443', 'localhost', 'localhost:', 'localhost:65536', '::1:8443', '[::1]', 'a:b', 'a:1:2', ':-1']) {
    t.throws(() => parseListenAddress(text, '--listen'), { code: 'usage_invalid', message: /^--listen: .* HOST:PORT/ }, JSON.stringify(text))
  }
})
