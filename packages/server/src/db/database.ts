import type { Database, DatabaseConfig, OpenOptions } from './interface.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'

export type { Database, DatabaseConfig, OpenOptions } from './interface.ts'
export type { Db, Dialect } from './runner.ts'

/**
 * Opens the database and brings its schema up to this program. Throws when the database is newer than the program, or
 * cannot keep what is committed.
 */
export function openDatabase(config: DatabaseConfig, options: OpenOptions): Promise<Database> {
  return config.kind === 'sqlite' ? openSqlite(config, options) : openPostgres(config, options)
}
