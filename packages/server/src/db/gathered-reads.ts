import type { Db } from './runner.ts'

/** What is asked for in one turn of the event loop. */
interface Gathering<Value, Row> {
  readonly values: Map<string, Value>
  readonly rows: Promise<Map<string, Row>>
}

/**
 * A look-up of values that are asked for one by one and often at the same time: those of one turn of the event loop go
 * in one statement. After a commit a reader of SQLite reads every page anew that it looks at, so that looking for one
 * value costs nearly as much as looking for ten. `find` gives a row at most for each value; the keys say which.
 */
export function gatheredRead<Value, Row>(
  find: (db: Db, values: readonly Value[]) => Promise<Row[]>,
  { keyOfValue, keyOfRow }: { keyOfValue: (value: Value) => string; keyOfRow: (row: Row) => string },
): (db: Db, values: readonly Value[]) => Promise<Row[]> {
  const open = new WeakMap<Db, Gathering<Value, Row>>()

  const gather = (db: Db): Gathering<Value, Row> => {
    const values = new Map<string, Value>()
    const look = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      open.delete(db)
      return new Map((await find(db, [...values.values()])).map((row) => [keyOfRow(row), row]))
    }
    const gathering = { values, rows: look() }
    open.set(db, gathering)
    return gathering
  }

  return async (db, values) => {
    if (values.length === 0) return []
    const gathering = open.get(db) ?? gather(db)
    const keys = values.map(keyOfValue)
    for (const [i, value] of values.entries()) gathering.values.set(keys[i]!, value) // one for each
    const rows = await gathering.rows
    return [...new Set(keys)].flatMap((key) => rows.get(key) ?? [])
  }
}
