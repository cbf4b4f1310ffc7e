import { AppError } from '../lib/errors.ts'

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const SERIALIZATION_FAILURE = '40001'
const DEADLOCK = '40P01'
const UNIQUE_VIOLATION = '23505'
const FOREIGN_KEY_VIOLATION = '23503'
const DISK_FULL = '53100'
const TOO_MANY_CONNECTIONS = '53300'
const CANCELLED = '57014'
const IO_ERROR = '58030'
const READ_ONLY = '25006'
const IDLE_IN_TRANSACTION = '25P03'
const NOT_STORABLE = new Set(['22003', '22021', '22P02', '22P05', '22001'])
const CONNECTION_LOST = new Set(['57P01', '57P02', '57P03', '57P05', IDLE_IN_TRANSACTION])
const SOCKET_LOST = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
])

/** Whether the transaction lost against another one and will do better the next time. */
export function isRepeatable(error: unknown): boolean {
  const code = codeOf(error)
  return code === SERIALIZATION_FAILURE || code === DEADLOCK
}

/** Whether a constraint stood in the way that another transaction may just have made true. */
export function isLostRace(error: unknown): boolean {
  const code = codeOf(error)
  return code === UNIQUE_VIOLATION || code === FOREIGN_KEY_VIOLATION
}

/** Whether the connection is gone, as opposed to a statement having failed on it. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error)
  if (code !== undefined) return code.startsWith('08') || CONNECTION_LOST.has(code) || SOCKET_LOST.has(code)
  // `pg` gives these no code.
  return isTimeout(error) || (error instanceof Error && /connection terminated|connection error/i.test(error.message))
}

/** Whether the server is gone or read-only, so that the next write will fare no better than this one. */
export function takesNoWrites(error: unknown): boolean {
  return isConnectionLost(error) || codeOf(error) === READ_ONLY
}

/** Whether the server did not answer in time, so that asking once more would double the wait. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && /timeout exceeded when trying to connect|query read timeout/i.test(error.message)
}

/** Turns what PostgreSQL says about itself into the outcome clients see; anything else comes back as it is. */
export function translatePostgresError(error: unknown): unknown {
  const code = codeOf(error)
  if (code === DISK_FULL) return new AppError('storage_full', 'The disk is full: nothing was changed', { cause: error })
  if (code === IO_ERROR) {
    return new AppError('storage_failed', 'The database could not be read or written', {
      cause: error,
      retryAfterSeconds: 5,
    })
  }
  if (code !== undefined && NOT_STORABLE.has(code)) {
    return new AppError('invalid_request', 'A value cannot be stored', { cause: error })
  }
  const busy = isRepeatable(error) || code === TOO_MANY_CONNECTIONS || code === CANCELLED || code === READ_ONLY
  if (busy || isConnectionLost(error)) {
    return new AppError('unavailable', 'The database is not available right now', {
      cause: error,
      retryAfterSeconds: 5,
    })
  }
  return error
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
