/** The ways a client can be answered; each renders the same outcome in its own body and, sometimes, its own status. */
export type Dialect = 'v3' | 'legacy' | 'psa' | 'gateway'

interface Outcome {
  /** The code that programs can rely on: `error.reason` on legacy, `/psa`, v3 and our own routes. */
  readonly reason: string
  readonly status: number
  /** Where a dialect documents another status. */
  readonly legacy?: number
  readonly psa?: number
  /** The code on `/psa`, where its specification gives one. */
  readonly psaReason?: string
}

/**
 * Every outcome that is not success, with the status it travels under. Sources: reference of Pinata's wire (errors),
 * the IPFS Pinning Services API (Failure object), RFC 9110 and RFC 6750 for the credential errors.
 */
export const outcomes = {
  // What was sent is wrong.
  invalid_request: { reason: 'INVALID_REQUEST', status: 400, psaReason: 'BAD_REQUEST' },
  invalid_cid: { reason: 'INVALID_CID', status: 400 },
  invalid_path: { reason: 'INVALID_PATH', status: 400 },
  invalid_car: { reason: 'INVALID_CAR', status: 400 },
  invalid_block: { reason: 'INVALID_BLOCK', status: 400 },
  incomplete_dag: { reason: 'INCOMPLETE_DAG', status: 400 },
  unsupported_hash: { reason: 'UNSUPPORTED_HASH', status: 400 },
  unsupported_codec: { reason: 'UNSUPPORTED_CODEC', status: 400 },
  block_too_large: { reason: 'BLOCK_TOO_LARGE', status: 400 },
  folder_conflict: { reason: 'FOLDER_CONFLICT', status: 400 },
  filter_too_wide: { reason: 'FILTER_TOO_WIDE', status: 400 },
  mixed_credentials: { reason: 'MIXED_CREDENTIALS', status: 400 },
  not_pinned: { reason: 'CURRENT_USER_HAS_NOT_PINNED_CID', status: 400 },
  request_timeout: { reason: 'REQUEST_TIMEOUT', status: 408 },
  too_large: { reason: 'TOO_LARGE', status: 413, psaReason: 'PAYLOAD_TOO_LARGE' },
  unsupported_media_type: { reason: 'UNSUPPORTED_MEDIA_TYPE', status: 415 },
  // Who asks is unknown, or may not.
  credentials_missing: { reason: 'INVALID_CREDENTIALS', status: 401 },
  credentials_invalid: { reason: 'INVALID_CREDENTIALS', status: 401 },
  token_expired: { reason: 'TOKEN_EXPIRED', status: 401 },
  key_revoked: { reason: 'API_KEY_REVOKED', status: 401, legacy: 403 },
  key_uses_exhausted: { reason: 'KEY_USES_EXHAUSTED', status: 403 },
  scope_missing: { reason: 'NO_SCOPES_FOUND', status: 403 },
  outside_bounds: { reason: 'OUTSIDE_KEY_BOUNDS', status: 403 },
  scope_not_held: { reason: 'SCOPE_NOT_HELD', status: 403 },
  sign_up_closed: { reason: 'SIGN_UP_CLOSED', status: 403 },
  account_disabled: { reason: 'ACCOUNT_DISABLED', status: 403 },
  public_content_refused: { reason: 'PUBLIC_CONTENT_REFUSED', status: 403 },
  quota_reached: { reason: 'QUOTA_REACHED', status: 403, psa: 409, psaReason: 'INSUFFICIENT_FUNDS' },
  content_denied: { reason: 'CONTENT_DENIED', status: 403 },
  forbidden: { reason: 'FORBIDDEN', status: 403 },
  // A link is a credential: 401 when it is not good, or no longer; 403 when it is good, but for something else.
  link_invalid: { reason: 'LINK_INVALID', status: 401 },
  link_expired: { reason: 'LINK_EXPIRED', status: 401 },
  link_revoked: { reason: 'LINK_REVOKED', status: 401 },
  link_uses_exhausted: { reason: 'LINK_USES_EXHAUSTED', status: 401 },
  link_elsewhere: { reason: 'LINK_FOR_SOMETHING_ELSE', status: 403 },
  sign_in_code_needed: { reason: 'SIGN_IN_CODE_NEEDED', status: 401 },
  sign_in_failed: { reason: 'SIGN_IN_FAILED', status: 401 },
  // What is asked for is not there, or not in this state.
  not_found: { reason: 'OBJECT_NOT_FOUND', status: 404, psaReason: 'NOT_FOUND' },
  method_not_allowed: { reason: 'METHOD_NOT_ALLOWED', status: 405 },
  not_acceptable: { reason: 'NOT_ACCEPTABLE', status: 406 },
  conflict: { reason: 'CONFLICT', status: 409 },
  link_used: { reason: 'LINK_USED', status: 409 },
  session_changed: { reason: 'SESSION_CHANGED', status: 409 },
  confirmation_needed: { reason: 'CONFIRMATION_NEEDED', status: 409 },
  gone: { reason: 'GONE', status: 410 },
  content_taken_down: { reason: 'CONTENT_TAKEN_DOWN', status: 410 },
  locked: { reason: 'LOCKED', status: 423 },
  checksum_mismatch: { reason: 'CHECKSUM_MISMATCH', status: 460 },
  precondition_failed: { reason: 'PRECONDITION_FAILED', status: 412 },
  range_not_satisfiable: { reason: 'RANGE_NOT_SATISFIABLE', status: 416 },
  expectation_failed: { reason: 'EXPECTATION_FAILED', status: 417 },
  repeat_mismatch: { reason: 'IDEMPOTENCY_KEY_REUSED', status: 422 },
  unavailable_for_legal_reasons: { reason: 'UNAVAILABLE_FOR_LEGAL_REASONS', status: 451 },
  egress_reached: { reason: 'EGRESS_QUOTA_REACHED', status: 429 },
  rate_limited: { reason: 'RATE_LIMITED', status: 429 },
  headers_too_large: { reason: 'HEADERS_TOO_LARGE', status: 431 },
  // What we cannot do, now or at all.
  internal: { reason: 'INTERNAL_SERVER_ERROR', status: 500 },
  name_invalid: { reason: 'NAME_INVALID', status: 500 },
  name_unresolved: { reason: 'NAME_UNRESOLVED', status: 500 },
  redirects_invalid: { reason: 'REDIRECTS_INVALID', status: 500 },
  not_supported: { reason: 'NOT_SUPPORTED', status: 501 },
  unavailable: { reason: 'UNAVAILABLE', status: 503 },
  storage_failed: { reason: 'STORAGE_FAILED', status: 503 },
  not_found_in_time: { reason: 'NOT_FOUND_IN_TIME', status: 504 },
  storage_full: { reason: 'STORAGE_FULL', status: 507 },
} as const satisfies Record<string, Outcome>

/** The name of an outcome; what the domain throws and the renderers translate. */
export type OutcomeCode = keyof typeof outcomes

/** The status an outcome travels under in a dialect. */
export function statusOf(code: OutcomeCode, dialect: Dialect): number {
  const outcome: Outcome = outcomes[code]
  if (dialect === 'legacy') return outcome.legacy ?? outcome.status
  if (dialect === 'psa') return outcome.psa ?? outcome.status
  return outcome.status
}

/** The code of an outcome in a dialect. */
export function reasonOf(code: OutcomeCode, dialect: Dialect): string {
  const outcome: Outcome = outcomes[code]
  return dialect === 'psa' ? (outcome.psaReason ?? outcome.reason) : outcome.reason
}
