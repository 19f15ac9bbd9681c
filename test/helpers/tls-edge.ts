import { once } from 'node:events'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import { connect } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import type { Test } from 'tap'
import type { ServingTlsOptions } from '../../src/adapters/tls/tls-options.ts'

/**
 * What one handshake came to: the server's certificate, or the code of the error that the caller saw (ABORT_ERR: a
 * plain close).
 */
export type Handshake =
  | { readonly ok: true, readonly protocol: string | null, readonly cipher: string, readonly fingerprint256: string }
  | { readonly ok: false, readonly code: string }

/** An HTTPS server on loopback that answers `ok`, closed with the test. */
export async function startTlsServer (t: Test, options: ServingTlsOptions): Promise<{ server: Server, port: number }> {
  const server = createServer(options, (_request, response) => { response.end('ok') })
  // A caller that is turned away is what some tests ask for.
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { server, port: address.port }
}

/**
 * Shakes hands, asks for a page and waits for the answer: with TLS 1.3 a caller without a certificate learns only after
 * its own handshake that it is refused.
 */
export async function shakeHands (port: number, options: ConnectionOptions): Promise<Handshake> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ...options })
  // A server that is displeased with a certificate may close without an alert, which is no error to Node.
  const closed = new AbortController()
  const { signal } = closed
  socket.once('close', () => { closed.abort() })
  socket.setTimeout(10_000, () => { socket.destroy(new Error('the server says nothing')) })
  try {
    await once(socket, 'secureConnect', { signal })
    const seen = {
      protocol: socket.getProtocol(),
      cipher: socket.getCipher().name,
      fingerprint256: socket.getPeerCertificate().fingerprint256
    }
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    await once(socket, 'data', { signal })
    return { ok: true, ...seen }
  } catch (error) {
    return { ok: false, code: error instanceof Error && 'code' in error ? String(error.code) : String(error) }
  } finally {
    socket.destroy()
  }
}
