import type { SelectQueryBuilder } from 'kysely'
import { dialectOf } from './runner.ts'
import type { Db } from './runner.ts'

/**
 * Locks the rows of a query until the write ends: `query.$call(forUpdate(tx))`. For what is read and then decided upon;
 * on SQLite writes come one after another anyway. Order of locks: account, key, pin, file.
 */
export function forUpdate(db: Db) {
  return <DB, TB extends keyof DB, O>(query: SelectQueryBuilder<DB, TB, O>): SelectQueryBuilder<DB, TB, O> =>
    dialectOf(db) === 'postgres' ? query.forUpdate() : query
}

/** Locks the rows of a query that nobody else has locked, and leaves out the others. */
export function forUpdateSkipLocked(db: Db) {
  return <DB, TB extends keyof DB, O>(query: SelectQueryBuilder<DB, TB, O>): SelectQueryBuilder<DB, TB, O> =>
    dialectOf(db) === 'postgres' ? query.forUpdate().skipLocked() : query
}

/** Keeps others from changing or removing the rows of a query until the write ends; any number of writes may do so at once. */
export function forShare(db: Db) {
  return <DB, TB extends keyof DB, O>(query: SelectQueryBuilder<DB, TB, O>): SelectQueryBuilder<DB, TB, O> =>
    dialectOf(db) === 'postgres' ? query.forShare() : query
}
