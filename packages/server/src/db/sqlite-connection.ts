import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import type { Outcome } from './runner.ts'
import { requireStorable } from './storable.ts'

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
  constructor(file: string, options: { readOnly: boolean; busyTimeoutMs: number }) {
    this.#database = new DatabaseSync(file, { readOnly: options.readOnly, timeout: options.busyTimeoutMs })
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

  /** Runs statements without parameters and results. */
  exec(sql: string): void {
    this.#database.exec(sql)
  }

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
      pragma cache_size = -65536;
      pragma journal_size_limit = 67108864;
    `)
    if (this.pragma('synchronous') !== 2) throw new Error('SQLite does not sync its commits (synchronous is not FULL)')
    if (this.pragma('foreign_keys') !== 1) throw new Error('SQLite does not enforce foreign keys')
  }
}
