import type { Compilable } from 'kysely'
import type { Db, Dialect } from './database.ts'
import { rowsStatement } from './rows-statement.ts'
import type { Storable } from './storable.ts'

/** As `rowsStatement`, about a list of single values. */
export function listStatement<Value extends Storable, Output>(
  build: (db: Db, values: Value[], dialect: Dialect) => Compilable<Output>,
) {
  const ask = rowsStatement<{ value: Value }, Output>(['value'], (db, rows, dialect) =>
    build(
      db,
      rows.map(({ value }) => value),
      dialect,
    ),
  )
  return (db: Db, values: readonly Value[]) =>
    ask(
      db,
      values.map((value) => ({ value })),
    )
}
