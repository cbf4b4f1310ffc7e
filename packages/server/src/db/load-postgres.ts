import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import pg from 'pg'
import type { Clock } from '../lib/clock.ts'
import type { DumpedTable } from './dump-postgres.ts'
import { migrate } from './migrate.ts'
import { openKysely } from './runner.ts'

const batchRows = 1_000

/** The database that a dump is to be read into holds something. */
export class NotEmpty extends Error {
  override readonly name = 'NotEmpty'
}

/**
 * Reads a dump back into an empty PostgreSQL database, in one transaction: with the schema that it was made with, which
 * the server brings up to date when it starts. Throws `NotEmpty`, and `SchemaTooNew` when this program does not know
 * that schema.
 */
export async function loadPostgres(
  url: string,
  { dir, schemaVersion, tables }: { dir: string; schemaVersion: number; tables: readonly DumpedTable[] },
  { clock, signal }: { clock: Clock; signal: AbortSignal | undefined },
): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'pinyon restore' })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query(
      "select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r' limit 1",
    )
    if (rows.length > 0) throw new NotEmpty('The database is not empty')
    const db = openKysely({
      dialect: 'postgres',
      async run(text, parameters) {
        const found = await client.query({ text, values: [...parameters] })
        return { rows: found.rows, changes: found.rowCount ?? 0 }
      },
    })
    await migrate((step) => step(db), 'postgres', clock, schemaVersion)
    // What triggers would derive is in the dump, and what migrations put there as well.
    for (const { name } of tables.toReversed()) {
      await client.query(`alter table ${pg.escapeIdentifier(name)} disable trigger user`)
      await client.query(`delete from ${pg.escapeIdentifier(name)}`)
    }
    for (const table of tables) await loadTable(client, { dir, table, signal })
    for (const { name } of tables) await client.query(`alter table ${pg.escapeIdentifier(name)} enable trigger user`)
    await client.query('commit')
  } finally {
    // What was not committed is undone with the connection.
    await client.end()
  }
}

async function loadTable(
  client: pg.Client,
  {
    dir,
    table: { name, rows, sequences },
    signal,
  }: { dir: string; table: DumpedTable; signal: AbortSignal | undefined },
): Promise<void> {
  const table = pg.escapeIdentifier(name)
  const insert = async (lines: readonly string[]) => {
    signal?.throwIfAborted()
    await client.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1::json)`, [
      `[${lines.join(',')}]`,
    ])
  }
  let count = 0
  let batch: string[] = []
  for await (const line of readLines(join(dir, `${name}.jsonl.gz`))) {
    batch.push(line)
    count++
    if (batch.length < batchRows) continue
    await insert(batch)
    batch = []
  }
  if (batch.length > 0) await insert(batch)
  if (count !== rows) throw new Error(`The backup is incomplete: table ${name} has ${count} rows of ${rows}`)
  for (const [column, last] of Object.entries(sequences))
    await client.query('select setval(pg_get_serial_sequence($1, $2), $3)', [table, column, last])
}

function openUnzipped(path: string): AsyncIterable<Buffer> {
  const gunzip = createGunzip()
  // A file that cannot be read ends the lines with its error.
  createReadStream(path)
    .on('error', (error) => gunzip.destroy(error))
    .pipe(gunzip)
  return gunzip
}

/** Not by `node:readline`, for which a line also ends at characters that may stand in JSON. */
async function* readLines(path: string): AsyncGenerator<string> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of openUnzipped(path)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}
