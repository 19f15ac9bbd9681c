/** What the API server noted about requests: the annotations of webhooks can be seen nowhere else. */
import { closeSync, fstatSync, openSync, readSync, watch } from 'node:fs'

/** One finished request, as audit.k8s.io/v1 has it at level Metadata. */
export interface AuditEvent {
  readonly stage: string
  readonly verb: string
  readonly requestURI: string
  readonly user: { readonly username: string }
  readonly objectRef?: { readonly resource: string, readonly namespace?: string, readonly name?: string }
  readonly responseStatus?: { readonly code: number }
  readonly annotations?: Readonly<Record<string, string>>
}

/** Which request is meant; a member that is absent may be anything. */
export interface AuditQuery {
  readonly verb: string
  readonly resource: string
  readonly namespace: string
  readonly name: string
}

export interface AuditLog {
  /** The first request, past or future, that the query means; rejects after 15 seconds. */
  readonly waitFor: (query: AuditQuery) => Promise<AuditEvent>
  /** Every request so far that wanted to change something in the namespace, dry runs too. */
  readonly changesIn: (namespace: string) => readonly AuditEvent[]
  readonly close: () => void
}

const waitMs = 15_000
const chunkBytes = 256 * 1024

/** Follows the log from its end as it is now. Only changes of objects are kept, not what is read. */
export function followAuditLog (path: string): AuditLog {
  const file = openSync(path, 'r')
  const events: AuditEvent[] = []
  const waiting = new Set<() => void>()
  let position = fstatSync(file).size
  let rest = Buffer.alloc(0)
  const read = (): void => {
    const chunk = Buffer.alloc(chunkBytes)
    for (let length = readSync(file, chunk, 0, chunkBytes, position); length > 0;
      length = readSync(file, chunk, 0, chunkBytes, position)) {
      position += length
      const whole = Buffer.concat([rest, chunk.subarray(0, length)])
      const end = whole.lastIndexOf('\n') + 1
      events.push(...parseLines(whole.subarray(0, end).toString()))
      rest = whole.subarray(end)
    }
    for (const look of waiting) look()
  }
  const watcher = watch(path, read)
  const waitFor: AuditLog['waitFor'] = async (query) => {
    const { promise, resolve, reject } = Promise.withResolvers<AuditEvent>()
    const look = (): void => {
      const found = events.find((event) => isMeant(event, query))
      if (found !== undefined) resolve(found)
    }
    const timer = setTimeout(() => { reject(new Error(`no audit event for ${JSON.stringify(query)}`)) }, waitMs)
    waiting.add(look)
    read()
    return await promise.finally(() => {
      clearTimeout(timer)
      waiting.delete(look)
    })
  }
  return {
    waitFor,
    changesIn: (namespace) => {
      read()
      return events.filter(({ objectRef }) => objectRef?.namespace === namespace)
    },
    close: () => {
      watcher.close()
      closeSync(file)
    }
  }
}

function parseLines (lines: string): AuditEvent[] {
  return lines.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ verb, stage }) => stage === 'ResponseComplete' && ['create', 'update', 'patch', 'delete'].includes(verb))
}

function isMeant ({ verb, objectRef }: AuditEvent, query: AuditQuery): boolean {
  return verb === query.verb && objectRef?.resource === query.resource && objectRef.namespace === query.namespace &&
    objectRef.name === query.name
}
