import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import type { Outcome } from './runner.ts'
import { requireStorable } from './storable.ts'
import { isSqliteBusy } from './storage-errors.ts'

/** While opening: another process may be making the file or recovering it. */
const OPEN_TIMEOUT_MS = 10_000
/** Afterwards: waiting for a lock holds the event loop, so it is short. */
const BUSY_TIMEOUT_MS = 20
const MAX_CACHED_STATEMENTS = 400
const MAX_CACHED_TEXT = 65_536

interface Prepared {
  readonly statement: StatementSync
  readonly givesRows: boolean
}

/** One connection to a SQLite file, set up so that what it commits is durable, with its statements kept prepared. */
export class SqliteConnection {
  readonly #database: DatabaseSync
  /** In order of use, oldest first. */
  readonly #prepared = new Map<string, Prepared>()

  /** Throws when the connection cannot be brought to WAL with full syncs. */
  constructor(file: string, options: { readOnly: boolean }) {
    this.#database = new DatabaseSync(file, { readOnly: options.readOnly, timeout: OPEN_TIMEOUT_MS })
    try {
      this.#configure(options.readOnly)
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Whether a transaction is open; some errors (a full disk) end it without being asked. */
  get inTransaction(): boolean {
    return this.#database.isTransaction
  }

  /**
   * Opens a transaction that may write. Another process may hold the lock: it is waited for without holding the event
   * loop, and the error comes when `patienceMs` have passed.
   */
  async begin(patienceMs: number): Promise<void> {
    const started = performance.now()
    for (;;) {
      try {
        this.step('begin immediate')
        return
      } catch (error) {
        if (!isSqliteBusy(error) || performance.now() - started > patienceMs) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Undoes the open transaction, if there is one. */
  rollBack(): void {
    if (this.inTransaction) this.exec('rollback')
  }

  /** Runs statements without parameters and results. */
  exec(sql: string): void {
    this.#database.exec(sql)
  }

  /** As `exec`, for one statement that comes with each operation: reading its text would cost more than running it. */
  step(sql: string): void {
    this.#prepare(sql).statement.run()
  }

  /** Runs one statement. Throws SQLite's own errors, and `invalid_request` for what no column can hold. */
  run(sql: string, parameters: readonly unknown[]): Outcome {
    requireStorable(parameters)
    const { statement, givesRows } = this.#prepare(sql)
    // Checked above: every Storable is one of SQLite's input values.
    const values = parameters as readonly SQLInputValue[]
    if (givesRows) {
      const rows = statement.all(...values)
      return { rows, changes: rows.length }
    }
    return { rows: [], changes: Number(statement.run(...values).changes) }
  }

  /** The value of a setting. */
  pragma(name: string): unknown {
    const row = this.#database.prepare(`pragma ${name}`).get()
    return row === undefined ? undefined : Object.values(row)[0]
  }

  close(): void {
    this.#prepared.clear()
    this.#database.close()
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql)
    if (known !== undefined) {
      this.#prepared.delete(sql)
      this.#prepared.set(sql, known)
      return known
    }
    const statement = this.#database.prepare(sql)
    const prepared = { statement, givesRows: statement.columns().length > 0 }
    if (sql.length <= MAX_CACHED_TEXT) {
      this.#prepared.set(sql, prepared)
      const oldest = this.#prepared.size > MAX_CACHED_STATEMENTS ? this.#prepared.keys().next().value : undefined
      if (oldest !== undefined) this.#prepared.delete(oldest)
    }
    return prepared
  }

  #configure(readOnly: boolean): void {
    // A read-only connection finds the mode in the file.
    const mode = readOnly ? this.pragma('journal_mode') : this.pragma('journal_mode = wal')
    if (mode !== 'wal')
      throw new Error(`SQLite's journal mode is ${String(mode)}, not WAL: is this a network file system?`)
    // No memory map: an error of the disk would arrive as SIGBUS and end the process.
    this.exec(`
      pragma synchronous = full;
      pragma foreign_keys = on;
      pragma recursive_triggers = on;
      pragma trusted_schema = off;
      pragma case_sensitive_like = on;
      pragma cell_size_check = on;
      pragma mmap_size = 0;
      pragma temp_store = memory;
      pragma cache_size = -16384;
      pragma journal_size_limit = 67108864;
      pragma busy_timeout = ${BUSY_TIMEOUT_MS};
    `)
    if (this.pragma('synchronous') !== 2) throw new Error('SQLite does not sync its commits (synchronous is not FULL)')
    if (this.pragma('foreign_keys') !== 1) throw new Error('SQLite does not enforce foreign keys')
  }
}
