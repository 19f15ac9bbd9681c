/** One bound of the HTTP edge: what it is, in which unit, and why it has this value. */
export interface HttpLimit {
  readonly value: number
  readonly unit: 'bytes' | 'ms' | 'levels' | 'connections' | 'requests'
  readonly why: string
}

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/**
 * Every bound of the two servers. docs/http.md has one row for each and says what the caller sees; a test compares
 * this table with that page and with the running servers.
 */
export const httpLimitTable = {
  bodyBytes: {
    value: 7 * mebibyte,
    unit: 'bytes',
    why: 'the API server takes requests of up to 3 MiB, and a review holds the object twice and an envelope'
  },
  inFlightBytes: {
    value: 20 * mebibyte,
    unit: 'bytes',
    why: 'memory stays bounded however many large bodies come at once; the others wait unread. Measured: 24 MiB is too much'
  },
  smallInFlightBytes: {
    value: 8 * mebibyte,
    unit: 'bytes',
    why: 'the part of inFlightBytes kept for small bodies, so that ordinary pods never wait behind large ones'
  },
  smallBodyBytes: {
    value: 64 * kibibyte,
    unit: 'bytes',
    why: 'nearly every pod review is smaller; above it a body counts as large'
  },
  nestingLevels: {
    value: 10_000,
    unit: 'levels',
    why: 'the API server\'s own parser stops there; deeper text would overflow the stack of any recursive walk'
  },
  maxWaitMs: {
    value: 30_000,
    unit: 'ms',
    why: 'how long a body waits unread: the longest timeout that a webhook configuration may name'
  },
  bodyTimeoutMs: {
    value: 5_000,
    unit: 'ms',
    why: 'a trickled body ends here; counted from the moment we read it, not while it waits unread'
  },
  headersTimeoutMs: {
    value: 4_500,
    unit: 'ms',
    why: 'trickled or missing headers end here'
  },
  requestTimeoutMs: {
    value: 36_000,
    unit: 'ms',
    why: 'the outer wall, above maxWaitMs plus bodyTimeoutMs; Node swaps it with headersTimeout if it is the smaller one'
  },
  handshakeTimeoutMs: {
    value: 5_000,
    unit: 'ms',
    why: 'a connection that never finishes TLS ends here; 3 s was too short for honest callers on a busy machine'
  },
  connectionsCheckingIntervalMs: {
    value: 1_000,
    unit: 'ms',
    why: 'Node looks for overdue headers only this often; its default is 30 s'
  },
  keepAliveTimeoutMs: {
    value: 125_000,
    unit: 'ms',
    why: 'the API server drops idle connections at 90 s; if we dropped them first, a call could meet a closing connection'
  },
  lingerMs: {
    value: 2_000,
    unit: 'ms',
    why: 'after a refusal the rest of the body is thrown away this long, so that the caller can read the answer'
  },
  maxHeaderBytes: {
    value: 16 * kibibyte,
    unit: 'bytes',
    why: 'Node\'s default, ten times what the API server sends'
  },
  maxConnections: {
    value: 2_000,
    unit: 'connections',
    why: 'a connection storm is shed at TCP instead of filling the memory'
  },
  backlog: {
    value: 1_024,
    unit: 'connections',
    why: 'connections that may wait to be accepted while the program is busy'
  },
  maxRequestsPerSocket: {
    value: 1_000,
    unit: 'requests',
    why: 'connections are renewed now and then, so that new replicas get their share'
  },
  drainMs: {
    value: 10_000,
    unit: 'ms',
    why: 'endpoints need seconds to leave every node\'s tables; until then calls still arrive and are served'
  },
  closeMs: {
    value: 5_000,
    unit: 'ms',
    why: 'what is still being answered after the drain may finish within the webhook\'s timeout'
  },
  statusMaxConnections: {
    value: 100,
    unit: 'connections',
    why: 'probes and scrapers need a handful'
  }
} as const satisfies Record<string, HttpLimit>

export type HttpLimitName = keyof typeof httpLimitTable

/** The bounds as plain numbers, in the unit that the name ends with. Tests pass smaller ones. */
export type HttpLimits = Readonly<Record<HttpLimitName, number>>

/** The values of the table, with some replaced. */
export function httpLimits (replaced: Partial<HttpLimits> = {}): HttpLimits {
  const names = Object.keys(httpLimitTable) as HttpLimitName[]
  const values = Object.fromEntries(names.map((name) => [name, replaced[name] ?? httpLimitTable[name].value]))
  return values as Record<HttpLimitName, number>
}

/** What both servers give to Node when they are made. */
export function nodeServerOptions (limits: HttpLimits): {
  headersTimeout: number
  requestTimeout: number
  connectionsCheckingInterval: number
  keepAliveTimeout: number
  maxHeaderSize: number
} {
  return {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.connectionsCheckingIntervalMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes
  }
}
