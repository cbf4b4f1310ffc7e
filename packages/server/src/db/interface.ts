import type { Clock } from '../lib/clock.ts'
import type { Db, Dialect } from './runner.ts'

/** The opened database. */
export interface Database {
  readonly dialect: Dialect
  /** Sees only what is durable. Each query stands for itself. */
  readonly read: Db
  /**
   * Runs `operation` in one transaction and resolves with its result once that is durable. Inside it nothing but `tx`
   * is awaited. It may run more than once, so it has no effect outside the database. What it throws undoes it alone.
   * Throws `storage_full`, `storage_failed` or `unavailable` when the database cannot keep it.
   */
  write<T>(operation: (tx: Db) => Promise<T>): Promise<T>
  /** How many commits `write` has made: fewer than operations where these shared one. */
  readonly commits: number
  /** What an operator should know about how the database is set up; empty when there is nothing. */
  readonly warnings: readonly string[]
  /** Finishes the writes that wait, refuses later ones, and lets go of the database. */
  close(): Promise<void>
}

/** Which database, as the configuration says. */
export type DatabaseConfig =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly connections?: number }

/** What opening needs besides the place. */
export interface OpenOptions {
  readonly clock: Clock
  /** Opens without writing anything: for processes that only read. The schema must be there already. */
  readonly readOnly?: boolean
}
