import { ApiError, Unreachable } from '@pinyon/contract/client.ts'

/** What the command line got wrong; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Exit codes, one for each kind of failure, so that scripts can tell them apart. Listed in `pinyon --help`. */
export const exitCodes = {
  failed: 1,
  usage: 2,
  unreachable: 3,
  credentials: 4,
  forbidden: 5,
  notFound: 6,
  quota: 7,
  conflict: 8,
  interrupted: 130,
} as const

/** The exit code of a failure. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage
  if (error instanceof Unreachable) return exitCodes.unreachable
  if (error instanceof Error && error.name === 'AbortError') return exitCodes.interrupted
  if (!(error instanceof ApiError)) return exitCodes.failed
  if (error.reason === 'QUOTA_REACHED' || error.status === 507) return exitCodes.quota
  if (error.status === 401 || error.reason === 'API_KEY_REVOKED') return exitCodes.credentials
  if (error.status === 403) return exitCodes.forbidden
  if (error.status === 404) return exitCodes.notFound
  if (error.status === 409) return exitCodes.conflict
  return exitCodes.failed
}

/** A failure in words, and for `--json` in a form for programs. */
export function describeFailure(error: unknown): { readonly message: string; readonly json: Record<string, unknown> } {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof ApiError) {
    const tail = error.requestId === undefined ? '' : `, request ${error.requestId}`
    return {
      message: `${message}\n(${error.reason}, HTTP ${error.status}${tail})`,
      json: { error: { message, reason: error.reason, status: error.status, requestId: error.requestId } },
    }
  }
  return {
    message,
    json: {
      error: {
        message,
        reason: error instanceof UsageError ? 'USAGE' : error instanceof Unreachable ? 'UNREACHABLE' : 'FAILED',
      },
    },
  }
}
