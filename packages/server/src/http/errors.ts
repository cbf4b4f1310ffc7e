import { type Dialect, reasonOf, statusOf } from '@pinyon/contract/errors.ts'
import { AppError } from '../lib/errors.ts'

/** An error as it goes out: status, headers, body. */
export interface RenderedError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/**
 * Shapes an error for a dialect. Legacy and `/psa`: `{"error":{"reason","details"}}`, or `{"error":"text"}` where Pinata
 * answers plain text (facts.legacyText). v3 and our own: `{"error":{"code","message","reason"}}`.
 * Anything that is not an AppError shows nothing but the request id.
 */
export function renderError(error: unknown, dialect: Dialect, requestId: string): RenderedError {
  const known =
    error instanceof AppError
      ? error
      : new AppError('internal', `Something went wrong here. The log knows more under request ${requestId}.`)
  const status = statusOf(known.code, dialect)
  const reason = reasonOf(known.code, dialect)
  const headers: Record<string, string> = { ...known.headers }
  const retryAfter = retryAfterOf(known, status)
  if (retryAfter !== undefined) headers['retry-after'] = retryAfter
  if (status === 401) {
    headers['www-authenticate'] = challengeOf(known)
  } else if (known.code === 'scope_missing') {
    headers['www-authenticate'] = 'Bearer error="insufficient_scope"'
  }
  const size = known.facts?.['sizeBytes']
  if (status === 416 && typeof size === 'number') headers['content-range'] = `bytes */${size}`
  const { legacyText, ...facts } = known.facts ?? {}
  if (dialect === 'legacy' && legacyText === true) return { status, headers, body: { error: known.message } }
  // The Failure object of the Pinning Services API has these two and no other property.
  if (dialect === 'psa') return { status, headers, body: { error: { reason, details: known.message } } }
  if (dialect === 'legacy') return { status, headers, body: { error: { reason, details: known.message, ...facts } } }
  return { status, headers, body: { error: { code: status, message: known.message, reason, ...facts } } }
}

/** `WWW-Authenticate` of a 401. RFC 6750 section 3: no error code when no credential was sent. */
export function challengeOf({ code }: AppError): string {
  return code === 'credentials_missing' ? 'Bearer' : 'Bearer error="invalid_token"'
}

/** `Retry-After` in whole seconds: as the error says; every 503 says something. */
export function retryAfterOf({ retryAfterSeconds }: AppError, status: number): string | undefined {
  const seconds = retryAfterSeconds ?? (status === 503 ? 10 : undefined)
  return seconds === undefined ? undefined : String(Math.max(1, Math.ceil(seconds)))
}

/** The dialect of a path that no row serves. */
export function dialectOfPath(path: string): Dialect {
  if (/^\/+psa([/?]|$)/.test(path)) return 'psa'
  return /^\/+(pinning|data|users|groups)([/?]|$)/.test(path) ? 'legacy' : 'v3'
}
