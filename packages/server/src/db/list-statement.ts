import type { Compilable } from 'kysely'
import type { Db, Dialect } from './database.ts'
import { type Placeholder, type Statement, statement } from './statement.ts'
import type { Storable } from './storable.ts'

/** Values of one statement at most; a power of two, so that few texts are enough for any number of them. */
const maxValues = 64

type Values<Value> = Record<string, Value>

/**
 * Compiles a query about a list of values once for each of a few lengths; longer lists are asked for in several
 * statements, shorter ones repeat their last value. Gives the rows of all.
 */
export function listStatement<Value extends Storable, Output>(
  build: (db: Db, values: Value[], dialect: Dialect) => Compilable<Output>,
): (db: Db, values: readonly Value[]) => Promise<Awaited<ReturnType<Statement<Values<Value>, Output>>>> {
  const compiled = new Map<number, ReturnType<typeof compile<Value, Output>>>()
  return async (db, values) => {
    const rows = []
    for (let at = 0; at < values.length; at += maxValues) {
      const slice = values.slice(at, at + maxValues)
      const size = 2 ** Math.ceil(Math.log2(slice.length))
      let run = compiled.get(size)
      if (run === undefined) compiled.set(size, (run = compile(build, size)))
      const params: Values<Value> = {}
      for (let i = 0; i < size; i++) params[`v${i}`] = slice[Math.min(i, slice.length - 1)]! // never empty
      rows.push(...(await run(db, params)))
    }
    return rows
  }
}

function compile<Value extends Storable, Output>(
  build: (db: Db, values: Value[], dialect: Dialect) => Compilable<Output>,
  size: number,
) {
  return statement((db: Db, param: Placeholder<Values<Value>>, dialect) =>
    build(
      db,
      Array.from({ length: size }, (_, i) => param(`v${i}`)),
      dialect,
    ),
  )
}
