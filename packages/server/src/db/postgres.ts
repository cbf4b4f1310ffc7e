import { randomInt } from 'node:crypto'
import pg from 'pg'
import { AppError } from '../lib/errors.ts'
import { nameUnreachable } from './database-unreachable.ts'
import type { Database, OpenOptions } from './interface.ts'
import { migrate, requireSchema } from './migrate.ts'
import { isConnectionLost, isLostRace, isRepeatable, isTimeout, translatePostgresError } from './postgres-errors.ts'
import { openKysely, wentOnError } from './runner.ts'
import type { Db, Outcome, Runner } from './runner.ts'
import { requireStorable } from './storable.ts'
import { failpoint } from '../lib/failpoint.ts'

const DEFAULT_CONNECTIONS = 10
const CONNECT_TIMEOUT_MS = 5_000
/** No statement of ours needs longer: lists run in slices, ledgers too. */
const STATEMENT_TIMEOUT_MS = 8_000
/** A server that hangs does not keep its own time. */
const ANSWER_TIMEOUT_MS = 9_000
/** A client that vanished inside a transaction must not keep its locks. */
const IDLE_IN_TRANSACTION_MS = 10_000
/** How often a transaction that lost against another is tried. */
const MAX_ATTEMPTS = 10
/** Key of the advisory lock under which one process at a time migrates. */
const MIGRATION_LOCK = 0x70696e79

/**
 * Opens PostgreSQL. Each write is one transaction at READ COMMITTED: under REPEATABLE READ every two writes of one account
 * would fail on its counter row and start again, and the ledger's promises rest on constraints, atomic updates and rows
 * locked in a fixed order, not on snapshots.
 */
export async function openPostgres(
  config: { readonly url: string; readonly connections?: number },
  { clock, readOnly = false }: OpenOptions,
): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: config.url,
    max: config.connections ?? DEFAULT_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    application_name: 'pinyon',
    // Only transactions that say so write: `db.read` cannot, as on SQLite.
    options: '-c default_transaction_read_only=on',
    types: { getTypeParser },
  })
  // A connection that the server cuts while nobody uses it: the pool drops it and makes a new one when asked.
  pool.on('error', () => {})
  // And one that is cut in the moment in which the pool hands it out: between its own listener and ours there is none,
  // and an 'error' that nobody listens to ends the process. Whoever uses the connection is told by the next statement.
  pool.on('connect', (client) => void client.on('error', () => {}))
  try {
    const read = openKysely(poolRunner(pool))
    if (readOnly) await requireSchema(read)
    else await migratePostgres(config.url, clock)
    const warnings = await readWarnings(pool)
    let commits = 0
    let closed = false
    const running = new Set<Promise<unknown>>()
    return {
      dialect: 'postgres',
      read,
      async write(operation) {
        if (readOnly) throw new AppError('internal', 'This process only reads')
        if (closed) throw new AppError('unavailable', 'The server is shutting down', { retryAfterSeconds: 5 })
        const write = writeRepeatedly(pool, operation)
        running.add(write)
        try {
          const value = await write
          commits++
          return value
        } finally {
          running.delete(write)
        }
      },
      get commits() {
        return commits
      },
      warnings,
      async close() {
        closed = true
        await Promise.allSettled(running)
        await pool.end()
      },
    }
  } catch (error) {
    await pool.end()
    throw translatePostgresError(nameUnreachable(error))
  }
}

async function writeRepeatedly<T>(pool: pg.Pool, operation: (tx: Db) => Promise<T>): Promise<T> {
  let raced = false
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction(pool, operation)
    } catch (error) {
      const again =
        isRepeatable(error) ||
        // A violation may be a race that the operation lost after it looked: seen again, the row is there.
        (isLostRace(error) && !raced) ||
        (error instanceof BeforeCommit && attempt === 1)
      raced ||= isLostRace(error)
      if (!again || attempt >= MAX_ATTEMPTS)
        throw translatePostgresError(error instanceof BeforeCommit ? error.cause : error)
    }
    await new Promise((resolve) => setTimeout(resolve, randomInt(1, 2 ** Math.min(attempt, 6) + 2)))
  }
}

/** The connection was lost before the commit was sent, so nothing was kept and the operation may run again. */
class BeforeCommit extends Error {}

async function transaction<T>(pool: pg.Pool, operation: (tx: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  const runner = new ClientRunner(client)
  let lost: Error | undefined
  const onError = (error: Error) => (lost = error)
  client.on('error', onError)
  let committing = false
  let broken: Error | undefined
  try {
    await client.query('begin isolation level read committed read write')
    const value = await operation(openKysely(runner))
    runner.end()
    committing = true
    failpoint('commit-next')
    const { command } = await client.query('commit')
    failpoint('committed')
    // PostgreSQL answers ROLLBACK when a statement failed before, even if the operation swallowed the error.
    if (command === 'ROLLBACK') throw wentOnError()
    return value
  } catch (error) {
    runner.end()
    if (lost !== undefined || isConnectionLost(error)) {
      broken = lost ?? (error instanceof Error ? error : new Error('connection lost'))
      throw committing ? error : new BeforeCommit('connection lost', { cause: error })
    }
    try {
      await client.query('rollback')
    } catch (rollbackError) {
      broken = rollbackError instanceof Error ? rollbackError : new Error('rollback failed')
    }
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/** On a connection of its own: making an index takes as long as it takes. */
async function migratePostgres(url: string, clock: OpenOptions['clock']): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'pinyon migration',
    types: { getTypeParser },
  })
  // What is running then fails with the same error.
  client.on('error', () => {})
  await client.connect()
  try {
    const db = openKysely(new ClientRunner(client))
    const transaction = async (step: (tx: Db) => Promise<void>) => {
      await client.query('begin')
      try {
        await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
        await step(db)
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw error
      }
    }
    await migrate(transaction, 'postgres', clock)
  } finally {
    await client.end()
  }
}

/** The statements of one write. After its end they are refused: the connection may serve somebody else. */
class ClientRunner implements Runner {
  readonly dialect = 'postgres'
  readonly #client: pg.ClientBase
  #ended = false

  constructor(client: pg.ClientBase) {
    this.#client = client
  }

  run(sql: string, parameters: readonly unknown[], name?: string): Promise<Outcome> {
    if (this.#ended) throw new Error(`A statement came after the end of its write operation: ${sql}`)
    return query(this.#client, sql, parameters, name)
  }

  end(): void {
    this.#ended = true
  }
}

function poolRunner(pool: pg.Pool): Runner {
  return {
    dialect: 'postgres',
    async run(sql, parameters, name) {
      try {
        return await query(pool, sql, parameters, name)
      } catch (error) {
        if (!isConnectionLost(error) || isTimeout(error)) throw translatePostgresError(error)
      }
      // The pool may have handed out a connection that the server had just cut; reading again is safe.
      try {
        return await query(pool, sql, parameters, name)
      } catch (error) {
        throw translatePostgresError(error)
      }
    },
  }
}

async function query(
  on: pg.Pool | pg.ClientBase,
  text: string,
  parameters: readonly unknown[],
  name?: string,
): Promise<Outcome> {
  requireStorable(parameters)
  const values = [...parameters]
  const { rows, rowCount } = await on.query(name === undefined ? { text, values } : { name, text, values })
  return { rows, changes: rowCount ?? 0 }
}

/** Counts and ids are integers well below 2^53; one above would be read wrong, so it is refused. */
function readInteger(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit a number`)
  return value
}

const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') => {
  if (oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC) return readInteger
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid)
}

async function readWarnings(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select name from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting = 'off' order by name`,
  )
  return rows.map(
    ({ name }) => `PostgreSQL runs with ${name}=off: what it acknowledges may be lost when the power fails`,
  )
}
