import pg from 'pg'
import { migrate } from '../../src/db/migrate.ts'
import { migrations } from '../../src/db/migrations/index.ts'
import { type Db, openKysely } from '../../src/db/runner.ts'
import type { DatabaseConfig } from '../../src/db/database.ts'
import { SqliteConnection } from '../../src/db/sqlite-connection.ts'

/** A row, by its columns. */
export type Row = Readonly<Record<string, string | number | Uint8Array | null>>

/** Rows by their table, in the order in which they go in. */
export type Rows = Readonly<Record<string, readonly Row[]>>

/**
 * Makes a database as the program left it that knew the schema up to `version`, with these rows in it; a function says
 * which rows went in while each version was the latest.
 */
export async function makeOldDatabase(
  config: DatabaseConfig,
  version: number,
  rows: Rows | ((version: number) => Rows),
): Promise<void> {
  const clock = { now: () => 1 }
  if (config.kind === 'sqlite') {
    const connection = new SqliteConnection(config.file, { readOnly: false })
    const db = openKysely({ dialect: 'sqlite', run: async (text, values) => connection.run(text, values) })
    await walk(db, 'sqlite')
    connection.close()
    return
  }
  const client = new pg.Client({ connectionString: config.url })
  await client.connect()
  const db = openKysely({
    dialect: 'postgres',
    async run(text, values) {
      const { rows: found, rowCount } = await client.query(text, [...values])
      return { rows: found, changes: rowCount ?? 0 }
    },
  })
  await walk(db, 'postgres')
  await countOn(client)
  await client.end()

  async function walk(db: Db, dialect: 'sqlite' | 'postgres'): Promise<void> {
    const stops =
      typeof rows === 'function' ? migrations.map((one) => one.version).filter((one) => one <= version) : [version]
    for (const stop of stops) {
      await migrate((step) => step(db), dialect, clock, stop)
      await insert(db, typeof rows === 'function' ? rows(stop) : rows)
    }
  }
}

/** Has PostgreSQL give ids behind those that rows were inserted with, as it does where it has given those itself. */
async function countOn(client: pg.Client): Promise<void> {
  const { rows: columns } = await client.query<{ table: string; column: string }>(
    `select table_name as table, column_name as column from information_schema.columns
      where table_schema = 'public' and is_identity = 'YES'`,
  )
  for (const { table, column } of columns)
    await client.query(
      `select setval(pg_get_serial_sequence('${table}', '${column}'), max(${column})) from ${table} having max(${column}) > 0`,
    )
}

async function insert(db: Db, tables: Rows): Promise<void> {
  for (const [table, rows] of Object.entries(tables)) {
    // An old table has not the columns of today.
    for (const row of rows)
      await db
        .insertInto(table as 'files')
        .values(row as never)
        .execute()
  }
}
