import pg from 'pg'
import { migrate } from '../../src/db/migrate.ts'
import { type Db, openKysely } from '../../src/db/runner.ts'
import type { DatabaseConfig } from '../../src/db/database.ts'
import { SqliteConnection } from '../../src/db/sqlite-connection.ts'

/** A row, by its columns. */
export type Row = Readonly<Record<string, string | number | Uint8Array | null>>

/** Makes a database as the program left it that knew the schema up to `version`, with these rows in it, table by table. */
export async function makeOldDatabase(
  config: DatabaseConfig,
  version: number,
  rows: Readonly<Record<string, readonly Row[]>>,
): Promise<void> {
  const clock = { now: () => 1 }
  if (config.kind === 'sqlite') {
    const connection = new SqliteConnection(config.file, { readOnly: false })
    const db = openKysely({ dialect: 'sqlite', run: async (text, values) => connection.run(text, values) })
    await migrate((step) => step(db), 'sqlite', clock, version)
    await insert(db, rows)
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
  await migrate((step) => step(db), 'postgres', clock, version)
  await insert(db, rows)
  await client.end()
}

async function insert(db: Db, tables: Readonly<Record<string, readonly Row[]>>): Promise<void> {
  for (const [table, rows] of Object.entries(tables)) {
    // An old table has not the columns of today.
    for (const row of rows)
      await db
        .insertInto(table as 'files')
        .values(row as never)
        .execute()
  }
}
