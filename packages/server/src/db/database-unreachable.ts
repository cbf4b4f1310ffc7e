import { AppError } from '../lib/errors.ts'
import { isConnectionLost } from './postgres-errors.ts'

/**
 * PostgreSQL cannot be used as `PINYON_DATABASE_URL` names it. The message is for the operator: what the server or the
 * network said, which names no password.
 */
export class DatabaseUnreachable extends AppError {}

/** SQLSTATE classes of a wrong user or password, and of a database that is not there. */
const refused = /^(?:28|3D)/

/** The first contact with PostgreSQL failed: in words for whoever starts the program. Any other error as it is. */
export function nameUnreachable(error: unknown): unknown {
  const said = error instanceof AppError && error.code === 'unavailable' ? error.cause : error
  if (!(said instanceof Error)) return error
  const code = 'code' in said ? String(said.code) : ''
  // Without the error, which shows the address with its password.
  if (code === 'ERR_INVALID_URL') {
    return new DatabaseUnreachable(
      'unavailable',
      'PINYON_DATABASE_URL is no address such as postgres://user:password@host/database. Write what is no letter or digit in user and password as %2F, %40, …',
    )
  }
  if (!refused.test(code) && !isConnectionLost(said)) return error
  return new DatabaseUnreachable(
    'unavailable',
    `PINYON_DATABASE_URL: ${wordsOf(said)}. Is PostgreSQL running there, and are host, user, password and database right?`,
    { cause: said },
  )
}

/** A name with several addresses fails with one error for each, and no words of its own. */
function wordsOf(error: Error): string {
  const words = error instanceof AggregateError ? error.errors.map((each: unknown) => String(each)).join('; ') : ''
  return (error.message || words || error.name).replace(/\.$/, '')
}
