/**
 * Whether `error` says that a row with the same unique values is there already; with `columns` (`table.column`, in
 * the order of the schema), whether it is about these.
 */
export function isUniqueViolation(error: unknown, ...columns: string[]): boolean {
  if (!(error instanceof Error)) return false
  if ('errcode' in error && (error.errcode === SQLITE_UNIQUE || error.errcode === SQLITE_PRIMARY_KEY)) {
    // "UNIQUE constraint failed: keys.public_part", in both cases; an index with a condition is named by its columns too.
    return columns.length === 0 || error.message.endsWith(`: ${columns.join(', ')}`)
  }
  if ('code' in error && error.code === PG_UNIQUE) {
    if (columns.length === 0) return true
    const table = 'table' in error ? String(error.table) : ''
    // `Key (account_id, name)=(a, b) already exists.`
    const named = 'detail' in error ? /^Key \(([^)]*)\)=/.exec(String(error.detail))?.[1] : undefined
    return (
      named
        ?.split(', ')
        .map((name) => `${table}.${name.replaceAll('"', '')}`)
        .join() === columns.join()
    )
  }
  return false
}

/** Whether `error` says that a row is still relied on, or relies on one that is not there. */
export function isForeignKeyViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('errcode' in error && error.errcode === SQLITE_FOREIGN_KEY) return true
  return 'code' in error && (error.code === PG_FOREIGN_KEY || error.code === PG_RESTRICT)
}

// https://www.sqlite.org/rescode.html
const SQLITE_FOREIGN_KEY = 787
const SQLITE_PRIMARY_KEY = 1555
const SQLITE_UNIQUE = 2067
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const PG_RESTRICT = '23001'
const PG_FOREIGN_KEY = '23503'
const PG_UNIQUE = '23505'
