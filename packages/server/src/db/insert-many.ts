import type { Insertable, Selectable } from 'kysely'
import { runnerOf } from './runner.ts'
import type { Db, Dialect } from './runner.ts'
import type { Schema } from './schema.ts'

/** Rows of one statement at most; a power of two, so that few texts are enough for any number of rows. */
const MAX_ROWS = 64

/** Inserts rows in statements of at most 64, each compiled once. */
export type InsertMany<Table extends keyof Schema, Returned extends keyof Schema[Table]> = (
  db: Db,
  rows: readonly Insertable<Schema[Table]>[],
) => Promise<Pick<Selectable<Schema[Table]>, Returned & keyof Selectable<Schema[Table]>>[]>

/**
 * Makes an insert of many rows into `table`. Every row gives all of `columns`. With `onConflict: 'nothing'` rows whose
 * unique values are there already are left out, and are not among what is returned; with `add` their column of this name
 * is added to the one that is there, and no two rows may have the same values of `columns`.
 */
export function insertMany<Table extends keyof Schema, Returned extends keyof Schema[Table] & string = never>(
  table: Table,
  columns: readonly (keyof Insertable<Schema[Table]> & string)[],
  options: {
    onConflict?: 'nothing' | { columns: readonly (keyof Schema[Table] & string)[]; add: keyof Schema[Table] & string }
    returning?: readonly Returned[]
  } = {},
): InsertMany<Table, Returned> {
  const texts = new Map<string, string>()
  const head = `insert into "${table}" (${columns.map(quote).join(', ')}) values `
  const { onConflict } = options
  const tail =
    (onConflict === undefined ? '' : onConflict === 'nothing' ? ' on conflict do nothing' : adding(table, onConflict)) +
    (options.returning === undefined ? '' : ` returning ${options.returning.map(quote).join(', ')}`)
  const textOf = (dialect: Dialect, count: number) => {
    const key = `${dialect} ${count}`
    const known = texts.get(key)
    if (known !== undefined) return known
    const text = head + valueLists(dialect, columns.length, count) + tail
    texts.set(key, text)
    return text
  }
  return async (db, rows) => {
    const runner = runnerOf(db)
    const returned: unknown[] = []
    for (let at = 0; at < rows.length;) {
      const count = Math.min(MAX_ROWS, largestPowerOfTwo(rows.length - at))
      const values: unknown[] = []
      for (const row of rows.slice(at, at + count)) for (const column of columns) values.push(row[column])
      const outcome = await runner.run(textOf(runner.dialect, count), values)
      for (const row of outcome.rows) returned.push(row)
      at += count
    }
    // The columns of `returning`, as the schema types them.
    return returned as Awaited<ReturnType<InsertMany<Table, Returned>>>
  }
}

function adding(table: string, { columns, add }: { columns: readonly string[]; add: string }): string {
  const column = quote(add)
  return ` on conflict (${columns.map(quote).join(', ')}) do update set ${column} = ${quote(table)}.${column} + excluded.${column}`
}

function quote(name: string): string {
  return `"${name}"`
}

function valueLists(dialect: Dialect, width: number, count: number): string {
  const lists: string[] = []
  for (let row = 0; row < count; row++) {
    const marks = Array.from({ length: width }, (_, i) => (dialect === 'postgres' ? `$${row * width + i + 1}` : '?'))
    lists.push(`(${marks.join(', ')})`)
  }
  return lists.join(', ')
}

function largestPowerOfTwo(limit: number): number {
  return 2 ** (31 - Math.clz32(limit))
}
