import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { needed, type Snapshot } from './snapshot-sqlite.ts'

/** A table as it was dumped: its rows stand one on a line, as JSON, in `<name>.jsonl.gz`. */
export interface DumpedTable {
  readonly name: string
  readonly rows: number
  /** Numbers that are given out by the database: the last one, by column. */
  readonly sequences: Readonly<Record<string, number>>
}

const batchRows = 1_000

/**
 * Writes all tables of a PostgreSQL database into `dir` as they are at one moment, in an order in which they can be read
 * back: what a row refers to comes first. Nothing of it depends on the versions of PostgreSQL or its tools.
 */
export async function dumpPostgres(
  url: string,
  dir: string,
  signal: AbortSignal | undefined,
): Promise<Snapshot & { readonly tables: readonly DumpedTable[] }> {
  const client = new pg.Client({ connectionString: url, application_name: 'pinyon backup' })
  // What is running then fails with the same error.
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read, read only')
    await mkdir(dir, { recursive: true, mode: 0o700 })
    const tables: DumpedTable[] = []
    for (const name of await listTables(client)) tables.push(await dumpTable(client, { name, dir, signal }))
    const snapshot = await readSnapshot(client)
    await client.query('commit')
    return { ...snapshot, tables }
  } finally {
    await client.end()
  }
}

/** All tables of ours, those that others refer to before these. */
async function listTables(client: pg.Client): Promise<string[]> {
  const tables = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c
      where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' order by c.relname`,
  )
  const references = await client.query<{ of: string; to: string }>(
    `select a.relname as of, b.relname as to from pg_constraint
      join pg_class a on a.oid = conrelid join pg_class b on b.oid = confrelid
      where contype = 'f' and conrelid <> confrelid and connamespace = current_schema()::regnamespace`,
  )
  const left = new Set(tables.rows.map(({ name }) => name))
  const sorted: string[] = []
  while (left.size > 0) {
    const next = [...left].find((name) => !references.rows.some(({ of, to }) => of === name && left.has(to)))
    if (next === undefined) throw new Error(`Tables refer to each other in a circle: ${[...left].join(', ')}`)
    left.delete(next)
    sorted.push(next)
  }
  return sorted
}

async function dumpTable(
  client: pg.Client,
  { name, dir, signal }: { name: string; dir: string; signal: AbortSignal | undefined },
): Promise<DumpedTable> {
  const gzip = createGzip({ level: 1 })
  const file = createWriteStream(join(dir, `${name}.jsonl.gz`), { mode: 0o600, flush: true })
  gzip.pipe(file)
  const table = pg.escapeIdentifier(name)
  // Rows that refer to rows of their own table come after these, which are older.
  const key = await client.query<{ names: string }>(
    `select string_agg(quote_ident(attname), ', ' order by array_position(indkey::int2[], attnum)) as names
      from pg_index join pg_attribute on attrelid = indrelid and attnum = any(indkey)
      where indrelid = $1::regclass and indisprimary`,
    [table],
  )
  const order = key.rows[0]?.names
  await client.query(
    `declare rows no scroll cursor for select row_to_json(t)::text as row from ${table} t${order ? ` order by ${order}` : ''}`,
  )
  let count = 0
  for (;;) {
    signal?.throwIfAborted()
    const { rows } = await client.query<{ row: string }>(`fetch ${batchRows} from rows`)
    if (rows.length === 0) break
    count += rows.length
    if (!gzip.write(`${rows.map(({ row }) => row).join('\n')}\n`)) await once(gzip, 'drain')
  }
  await client.query('close rows')
  gzip.end()
  await finished(file)
  return { name, rows: count, sequences: await readSequences(client, table) }
}

async function readSequences(client: pg.Client, table: string): Promise<Record<string, number>> {
  const { rows } = await client.query<{ column: string; sequence: string | null }>(
    `select attname as column, pg_get_serial_sequence($1, attname) as sequence from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and attidentity <> ''`,
    [table],
  )
  const last: Record<string, number> = {}
  for (const { column, sequence } of rows) {
    if (sequence === null) continue
    const found = await client.query<{ value: string; called: boolean }>(
      `select last_value as value, is_called as called from ${sequence}`,
    )
    const [row] = found.rows
    if (row?.called === true) last[column] = Number(row.value)
  }
  return last
}

async function readSnapshot(client: pg.Client): Promise<Snapshot> {
  const version = await client.query<{ version: string }>('select max(version) as version from schema_version')
  const of = await client.query<{ id: string; sequence: string }>('select id, sequence from installation')
  const packs = await client.query<{ name: string; size_bytes: string | null }>(
    `select packs.name, (select blocks."offset" + blocks.length from blocks where pack_id = packs.id
      order by blocks."offset" desc limit 1) as size_bytes from packs order by packs.id`,
  )
  const [installation] = of.rows
  if (installation === undefined) throw new Error('There is no installation in this database')
  return {
    schemaVersion: Number(version.rows[0]?.version),
    installationId: installation.id,
    sequence: Number(installation.sequence),
    packs: packs.rows.flatMap(({ name, size_bytes: size }) =>
      needed({ name, size_bytes: size === null ? null : Number(size) }),
    ),
  }
}
