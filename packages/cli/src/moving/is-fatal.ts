import { ApiError, Unreachable } from '@pinyon/contract/client.ts'

/** Whether a failure with one file will be the same with all others: the server, the key or the room is gone. */
export function isFatal(error: unknown): boolean {
  if (error instanceof Unreachable) return true
  if (error instanceof Error && error.name === 'AbortError') return true
  if (!(error instanceof ApiError)) return false
  return error.status === 401 || error.status === 507 || fatalReasons.has(error.reason)
}

const fatalReasons = new Set([
  'API_KEY_REVOKED',
  'KEY_USES_EXHAUSTED',
  'NO_SCOPES_FOUND',
  'ACCOUNT_DISABLED',
  'QUOTA_REACHED',
])
