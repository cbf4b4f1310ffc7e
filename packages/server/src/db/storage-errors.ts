import { AppError } from '../lib/errors.ts'

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html) that are about the machine, not the statement. */
const BUSY = 5
const LOCKED = 6
const NO_MEMORY = 7
const READ_ONLY = 8
const IO_ERROR = 10
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const NOT_A_DATABASE = 26
/** The log's index beside it could not grow. */
const INDEX_SIZE = 4874
/** A value does not fit the type of its column. */
const CONSTRAINT_DATATYPE = 3091

/** Turns what SQLite says about the disk into the outcome clients see; anything else comes back as it is. */
export function translateSqliteError(error: unknown): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error
  if (error.errcode === CONSTRAINT_DATATYPE) {
    return new AppError('invalid_request', 'A value cannot be stored', { cause: error })
  }
  if (isSqliteFull(error)) {
    return new AppError('storage_full', 'The disk is full: nothing was changed', { cause: error })
  }
  switch (error.errcode & 0xff) {
    case NO_MEMORY:
    case READ_ONLY:
    case IO_ERROR:
    case CORRUPT:
    case CANNOT_OPEN:
    case NOT_A_DATABASE:
      return new AppError('storage_failed', 'The database could not be read or written', {
        cause: error,
        retryAfterSeconds: 5,
      })
    case BUSY:
    case LOCKED:
      return new AppError('unavailable', 'The database is busy', { cause: error, retryAfterSeconds: 1 })
    default:
      return error
  }
}

/** Whether there was no room for the file or what stands beside it. */
export function isSqliteFull(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false
  return (error.errcode & 0xff) === FULL || error.errcode === INDEX_SIZE
}

/** Whether the pages of the file are not those of a database. */
export function isSqliteDamaged(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false
  return [CORRUPT, NOT_A_DATABASE].includes(error.errcode & 0xff)
}

/** Whether another connection holds the lock that was asked for. */
export function isSqliteBusy(error: unknown): boolean {
  return (
    error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === BUSY
  )
}
