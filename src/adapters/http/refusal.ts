import type { IncomingMessage, ServerResponse } from 'node:http'

interface RefusalKind {
  readonly status: number
  readonly message: string
}

/**
 * Every answer other than an AdmissionReview: its HTTP status and the sentence that is sent with it. The code is the
 * metric label and the row in docs/http.md. No sentence quotes what was sent.
 */
export const refusals = {
  path_unknown: { status: 404, message: 'there is nothing at this path; reviews go to /mutate or /shadow' },
  method_not_allowed: { status: 405, message: 'this path does not take this method; see the Allow header' },
  content_type_unsupported: { status: 415, message: 'the body is not declared as application/json; send it as that' },
  content_encoding_unsupported: { status: 415, message: 'the body is compressed; send it without Content-Encoding' },
  body_too_large: { status: 413, message: 'the body is larger than a review can be; see bodyBytes in docs/http.md' },
  body_timeout: { status: 408, message: 'the body did not arrive in time; send it without pauses' },
  body_empty: { status: 400, message: 'the body is empty; send an AdmissionReview' },
  body_not_utf8: { status: 400, message: 'the body is not valid UTF-8; JSON must be' },
  body_has_bom: { status: 400, message: 'the body starts with a byte order mark; send JSON without it' },
  body_too_deep: { status: 400, message: 'the body is nested too deeply; see nestingLevels in docs/http.md' },
  body_not_json: { status: 400, message: 'the body is not valid JSON; send an AdmissionReview' },
  review_invalid: { status: 400, message: 'the body is not an AdmissionReview that can be answered' },
  waited_too_long: { status: 503, message: 'too many large bodies came at once, and none of our places was free in time' },
  http_malformed: { status: 400, message: 'the request is not valid HTTP' },
  headers_too_large: { status: 431, message: 'the headers are too large; see maxHeaderBytes in docs/http.md' },
  headers_timeout: { status: 408, message: 'the headers did not arrive in time' }
} as const satisfies Record<string, RefusalKind>

export type RefusalCode = keyof typeof refusals

/** The JSON text of a refusal; `detail` takes the place of the table's sentence and must not quote the body. */
export function refusalBody (code: RefusalCode, detail?: string): string {
  return JSON.stringify({ error: { code, message: detail ?? refusals[code].message } })
}

/** Writes a JSON answer; `close` tells the caller not to use the connection again. */
export function sendJson (response: ServerResponse, answer: { status: number, body: string, close: boolean }): void {
  if (response.destroyed || response.headersSent) return
  if (answer.close) response.shouldKeepAlive = false
  response.writeHead(answer.status, [
    'Content-Type', 'application/json',
    'Content-Length', String(Buffer.byteLength(answer.body))
  ])
  response.end(answer.body)
}

/**
 * Throws the rest of a refused body away, and the connection with it if the rest does not come within `lingerMs`.
 * Closing at once would reset the connection before the caller has read the answer.
 */
export function discardRest (request: IncomingMessage, lingerMs: number): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => { request.socket.destroy() }, lingerMs)
  const stop = (): void => { clearTimeout(timer) }
  request.once('end', stop).once('close', stop)
  request.resume()
}
