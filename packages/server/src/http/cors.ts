import type { Route } from '@pinyon/contract/route.ts'

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
/** What the clients send (pinata-api section 5.4), beside whatever a preflight asks for. */
const allowedHeaders =
  'Authorization, Content-Type, Source, Upload-Length, Upload-Defer-Length, Upload-Metadata, Upload-Offset, Upload-Checksum, Tus-Resumable, X-HTTP-Method-Override, pinata_api_key, pinata_secret_api_key, x-pinata-origin, x-version, Idempotency-Key, Range'
const exposedHeaders =
  'Location, Upload-Offset, Upload-Length, Upload-Defer-Length, Upload-Metadata, Upload-Expires, upload-cid, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, X-Request-Id, X-Pinyon-Warning, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Content-Range, Content-Disposition'

/** The CORS headers of an answer. A cookie never travels usefully cross-origin: credentials.ts ignores it there. */
export function corsHeaders(cors: Route['cors'], origin: string | undefined): Record<string, string> {
  if (cors === 'none') return {}
  if (cors === 'any') return { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposedHeaders }
  if (origin === undefined) return { vary: 'Origin' }
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': exposedHeaders,
    vary: 'Origin',
  }
}

/** The answer to a preflight: the row's headers and what may be sent. */
export function preflightHeaders(
  cors: Route['cors'],
  origin: string | undefined,
  asked: string | undefined,
): Record<string, string> {
  if (cors === 'none') return {}
  const extra = (asked ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => /^[\w-]{1,64}$/.test(name) && !allowedHeaders.toLowerCase().includes(name.toLowerCase()))
    .slice(0, 20)
  return {
    ...corsHeaders(cors, origin),
    'access-control-allow-methods': methods,
    'access-control-allow-headers': [allowedHeaders, ...extra].join(', '),
    'access-control-max-age': '600',
  }
}
