/** The system's own code of a failed file operation, such as ENOENT; `unknown error` for anything else. */
export function systemErrorCode (error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'
}
