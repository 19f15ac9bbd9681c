import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PullpassError } from '../../core/errors.ts'
import { member } from '../../core/kubernetes.ts'

export interface ListenOptions {
  /** Empty: every address of the machine. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly backlog: number
}

/** Resolves with the address once connections are taken; rejects with `listen_failed`. */
export async function listen (server: Server, options: ListenOptions): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>()
  const onError = (error: unknown): void => { reject(describeListenError(error, options)) }
  server.once('error', onError)
  server.listen({ port: options.port, backlog: options.backlog, ...(options.host === '' ? {} : { host: options.host }) }, () => {
    server.off('error', onError)
    const address = server.address()
    if (address === null || typeof address === 'string') onError(undefined)
    else resolve(address)
  })
  return await promise
}

const remedies: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', 'another program listens there; choose another port'],
  ['EACCES', 'the program may not use this port; choose one above 1023'],
  ['EADDRNOTAVAIL', 'the machine has no such address; choose one of its own or leave the host empty'],
  ['ENOTFOUND', 'the host name has no address; choose an address of the machine or leave the host empty']
])

function describeListenError (error: unknown, { host, port }: ListenOptions): PullpassError {
  const code = member(error, 'code')
  const found = typeof code === 'string' ? code : 'unknown error'
  const remedy = remedies.get(code) ?? 'choose another address'
  return new PullpassError('listen_failed', `listening on ${host}:${port}: ${found}: ${remedy}`, { cause: error })
}
