import type { Compilable } from 'kysely'
import type { Db, Dialect } from './database.ts'
import { type Placeholder, type Statement, statement } from './statement.ts'
import type { Storable } from './storable.ts'

/** Rows of one statement at most; a power of two, so that few texts are enough for any number of them. */
const maxRows = 64

type Values = Record<string, Storable>

/**
 * Compiles a query about rows of values once for each of a few lengths; longer lists are asked for in several
 * statements, shorter ones repeat their last row. Gives the rows of all.
 */
export function rowsStatement<Row extends Values, Output>(
  columns: readonly (keyof Row & string)[],
  build: (db: Db, rows: Row[], dialect: Dialect) => Compilable<Output>,
): (db: Db, rows: readonly Row[]) => Promise<Awaited<ReturnType<Statement<Values, Output>>>> {
  const compiled = new Map<number, Statement<Values, Awaited<ReturnType<Statement<Values, Output>>>[number]>>()
  return async (db, rows) => {
    const found = []
    for (let at = 0; at < rows.length; at += maxRows) {
      const slice = rows.slice(at, at + maxRows)
      const size = 2 ** Math.ceil(Math.log2(slice.length))
      let run = compiled.get(size)
      if (run === undefined) compiled.set(size, (run = compile(columns, build, size)))
      const params: Values = {}
      for (let i = 0; i < size; i++) {
        const row = slice[Math.min(i, slice.length - 1)]! // never empty
        for (const column of columns) params[`${column}${i}`] = row[column] ?? null
      }
      found.push(...(await run(db, params)))
    }
    return found
  }
}

function compile<Row extends Values, Output>(
  columns: readonly (keyof Row & string)[],
  build: (db: Db, rows: Row[], dialect: Dialect) => Compilable<Output>,
  size: number,
) {
  return statement((db: Db, param: Placeholder<Values>, dialect) => {
    const rowOf = (i: number) => Object.fromEntries(columns.map((column) => [column, param(`${column}${i}`)])) as Row // all of its columns
    return build(
      db,
      Array.from({ length: size }, (_, i) => rowOf(i)),
      dialect,
    )
  })
}
