import type { Compilable, DeleteResult, InsertResult, UpdateResult } from 'kysely'
import { openKysely, runnerOf } from './runner.ts'
import type { Db, Dialect, Runner } from './runner.ts'
import type { Storable } from './storable.ts'

/** Stands in a query for a value that each call brings along. */
export type Placeholder<Params> = <Name extends keyof Params & string>(name: Name) => Params[Name]

/** A query compiled once. Called, it gives its rows (none without `returning`); `changes` counts the rows it touched. */
export interface Statement<Params, Row> {
  (db: Db, params: Params): Promise<Row[]>
  changes(db: Db, params: Params): Promise<number>
}

type RowOf<Output> = Output extends InsertResult | UpdateResult | DeleteResult ? never : Output

/**
 * Compiles a query once for each database and then only binds values: for what runs for every block or request, where
 * building the query each time costs ten times the insert. Types come from the callback:
 *
 *     const findPin = statement((db, param: Placeholder<{ id: string }>) =>
 *       db.selectFrom('pins').selectAll().where('id', '=', param('id')))
 *     const [pin] = await findPin(tx, { id })
 *
 * A placeholder stands for one value; it cannot stand for a list, a column or the absence of a value.
 */
export function statement<Params extends Record<string, Storable>, Output>(
  build: (db: Db, param: Placeholder<Params>, dialect: Dialect) => Compilable<Output>,
): Statement<Params, RowOf<Output>> {
  const compiled: Partial<Record<Dialect, Compiled>> = {}
  const run = (db: Db, params: Params) => {
    const runner = runnerOf(db)
    const { sql, slots, name } = (compiled[runner.dialect] ??= compile(build, runner.dialect))
    const values = slots.map((slot) => (slot instanceof Slot ? params[slot.name] : slot))
    return runner.run(sql, values, name)
  }
  // The rows' type is what Kysely inferred from the query.
  const call = async (db: Db, params: Params) => (await run(db, params)).rows as RowOf<Output>[]
  return Object.assign(call, { changes: async (db: Db, params: Params) => (await run(db, params)).changes })
}

interface Compiled {
  readonly sql: string
  readonly slots: readonly unknown[]
  readonly name: string
}

class Slot {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

let statements = 0

function compile<Params>(
  build: (db: Db, param: Placeholder<Params>, dialect: Dialect) => Compilable,
  dialect: Dialect,
): Compiled {
  // Kysely carries values to `parameters` without looking at them, so a mark comes out where the value will stand.
  const param: Placeholder<Params> = (name) => new Slot(name) as Params[typeof name]
  const { sql, parameters } = build(compileOnly[dialect], param, dialect).compile()
  return { sql, slots: parameters, name: `s${++statements}` }
}

const refuse = (): never => {
  throw new Error('A statement is built here, not run')
}
const compileOnly: Record<Dialect, Db> = {
  sqlite: openKysely({ dialect: 'sqlite', run: refuse } satisfies Runner),
  postgres: openKysely({ dialect: 'postgres', run: refuse } satisfies Runner),
}
