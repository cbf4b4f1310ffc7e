import {
  DefaultQueryExecutor,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { CompiledQuery, ConnectionProvider, Dialect as KyselyDialect, QueryResult } from 'kysely'
import type { Schema } from './schema.ts'

/** What queries take: the tables as seen by a reader or from inside a write; they do not know which. */
export type Db = Kysely<Schema>

/** Which database this is. Queries ask only where the two need different SQL. */
export type Dialect = 'sqlite' | 'postgres'

/** What one statement gave: its rows (of a `select` or a `returning`) and how many rows it touched. */
export interface Outcome {
  readonly rows: unknown[]
  readonly changes: number
}

/** Runs finished SQL: the one way to the database under Kysely and under compiled statements. */
export interface Runner {
  readonly dialect: Dialect
  /** With a `name` PostgreSQL keeps the statement prepared on the connection; SQLite keeps every text prepared. */
  run(sql: string, parameters: readonly unknown[], name?: string): Promise<Outcome>
}

/** A Kysely over `runner`. It is cheap enough (below a microsecond) to make one for each write. */
export function openKysely(runner: Runner): Db {
  const kind = kinds[runner.dialect]
  const db: Db = new Kysely<Schema>({
    config: kind.config,
    dialect: kind.dialect,
    driver,
    executor: new DefaultQueryExecutor(kind.compiler, kind.adapter, providerOf(runner)),
  })
  runners.set(db, runner)
  return db
}

/** The runner below a Kysely that `openKysely` made. */
export function runnerOf(db: Db): Runner {
  const runner = runners.get(db)
  if (runner === undefined)
    throw new Error('Not a Kysely of this database: pass db.read or the tx of db.write as it is')
  return runner
}

/** Which database `db` talks to. */
export function dialectOf(db: Db): Dialect {
  return runnerOf(db).dialect
}

/** For an operation that swallowed the failure of a statement: PostgreSQL keeps nothing of it, so SQLite does neither. */
export function wentOnError(): Error {
  return new Error('A write operation went on after a statement of it had failed')
}

const runners = new WeakMap<Db, Runner>()

function providerOf(runner: Runner): ConnectionProvider {
  const connection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, changes } = await runner.run(query.sql, query.parameters)
      // The rows' type is what Kysely inferred from the query.
      return { rows: rows as R[], numAffectedRows: BigInt(changes) }
    },
    streamQuery(): never {
      throw new Error('Rows are read in keyset slices, not streamed')
    },
  }
  return { provideConnection: (consumer) => consumer(connection) }
}

/** A write is `db.write`; Kysely itself never opens a transaction here. */
class NoTransactions extends DummyDriver {
  override beginTransaction(): Promise<void> {
    return Promise.reject(new Error('Transactions are opened by db.write, not by Kysely'))
  }
}

const driver = new NoTransactions()

function kindOf(dialect: KyselyDialect) {
  return { dialect, config: { dialect }, adapter: dialect.createAdapter(), compiler: dialect.createQueryCompiler() }
}

const kinds = {
  sqlite: kindOf({
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }),
  postgres: kindOf({
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }),
}
