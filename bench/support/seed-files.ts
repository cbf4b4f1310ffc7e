// Fills a database with files of one account, in bulk: indexes are dropped first and made again afterwards.
import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { formatCid } from '../../packages/server/src/ipfs/cid.ts'

/** Whose files are listed, and whose lie among them. */
export const accountId = '019c0000-0000-7000-8000-000000000001'
export const neighbourId = '019c0000-0000-7000-8000-000000000002'

/** When the first of them was made; one more follows each second. */
export const firstMs = Date.UTC(2024, 0, 1)

/** A group that one file in 25 belongs to, and one that only every 10,000th does. */
export const groups = { common: 'group-common', rare: 'group-rare' }

const fileColumns =
  'id account_id network state source cid multihash codec name name_folded size_bytes number_of_files mime_type group_id created_at updated_at'.split(
    ' ',
  )
const keyvalueColumns = 'file_id account_id network key kind value number'.split(' ')

type Value = string | number | Uint8Array | null
type Row = Value[]

/** What a database is filled with. */
export interface Seed {
  /** Columns of `files`, and their types in PostgreSQL. */
  readonly columns: readonly string[]
  readonly types: readonly string[]
  readonly fileRow: (i: number, count: number) => Row
  readonly keyvalueRows: (i: number) => Row[]
  /** Statements for what is counted. */
  readonly counts: readonly string[]
}

/** The multihash of the `i`th file; one in 100 has the content of the one before. */
export function multihashOf(i: number): Uint8Array {
  const digest = createHash('sha256')
    .update(`file ${i % 100 === 99 ? i - 1 : i}`)
    .digest()
  return Uint8Array.from([0x12, 0x20, ...digest])
}

/** The CID of the `i`th file. */
export function cidOf(i: number): string {
  return formatCid({ version: 1, codec: 0x55, multihash: multihashOf(i) })
}

/** The id of the `i`th file. */
export function idOf(i: number): string {
  const ms = (firstMs + i * 1000).toString(16).padStart(12, '0')
  const rest = createHash('md5').update(String(i)).digest('hex')
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`
}

const adjectives = 'red blue dark cosmic golden tiny lucky brave silent rapid frozen neon hidden royal wild calm'.split(
  ' ',
)
const nouns = 'punk ape robot dragon tiger island planet castle forest river token badge ticket mask crown sword'.split(
  ' ',
)

/** The name of the `i`th file. Every one has `item` in it, one in 16 has `dragon`, one in 5,000 `limited`, one in all `unicorn`. */
export function nameOf(i: number, count: number): string {
  const mixed = (i * 2654435761) >>> 0
  const adjective = adjectives[mixed & 15] ?? ''
  const noun = nouns[(mixed >>> 4) & 15] ?? ''
  const extra = i === Math.floor(count / 3) ? ' Unicorn' : i % 5_000 === 77 ? ' Limited' : ''
  return `${adjective} ${noun}${extra} item ${mixed % 1_000_000} #${i}.${i % 4 === 0 ? 'png' : 'json'}`
}

function fileRow(i: number, count: number): Row {
  const account = i % 1_000 === 500 ? neighbourId : accountId
  const at = firstMs + i * 1000
  const name = nameOf(i, count)
  const mime = i % 10_000 === 5 ? 'model/gltf-binary' : i % 4 === 0 ? 'image/png' : 'application/json'
  const group = i % 10_000 === 6 ? groups.rare : i % 25 === 1 ? groups.common : null
  const size = 200 + ((i * 7919) % 1_000_000)
  return [
    idOf(i),
    account,
    1,
    'held',
    'upload',
    cidOf(i),
    multihashOf(i),
    0x55,
    name,
    name.toLowerCase(),
    size,
    1,
    mime,
    group,
    at,
    at,
  ]
}

function keyvalueRows(i: number): Row[] {
  const account = i % 1_000 === 500 ? neighbourId : accountId
  const env = i % 10_000 === 7 ? 'dev' : i % 3 === 0 ? 'test' : 'prod'
  return [
    [idOf(i), account, 1, 'env', 'string', env, null],
    [idOf(i), account, 1, 'edition', 'number', String(i), i],
  ]
}

function* accountRows(): Generator<Row> {
  for (const id of [accountId, neighbourId]) yield [id, id, `${id}@example.test`, 0, null, null, 'allowed']
}

const totals = `insert into account_totals (account_id, network, files, bytes)
  select account_id, network, count(*), sum(size_bytes) from files group by account_id, network`

const uploads: Seed = {
  columns: fileColumns,
  types: 'text text smallint text text text bytea bigint text text bigint bigint text text bigint bigint'.split(' '),
  fileRow,
  keyvalueRows,
  counts: [totals],
}

/** Fills a SQLite file whose schema is there and which nobody else has open. */
export function seedSqlite(file: string, count: number, seed: Seed = uploads): void {
  const db = new DatabaseSync(file)
  db.exec('pragma synchronous = off; pragma foreign_keys = off; pragma cache_size = -400000')
  const made = db
    .prepare(
      "select type, name, sql from sqlite_master where sql is not null and type in ('index', 'trigger') and tbl_name in ('files', 'file_keyvalues')",
    )
    .all()
  for (const { type, name } of made) db.exec(`drop ${String(type)} ${String(name)}`)
  db.exec('begin')
  const insert = (table: string, columns: readonly string[]) =>
    db.prepare(`insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
  const insertAccount = insert('accounts', [
    'id',
    'name',
    'email',
    'created_at',
    'disabled_at',
    'quota_bytes',
    'public_content',
  ])
  for (const row of accountRows()) insertAccount.run(...row)
  const insertFile = insert('files', seed.columns)
  const insertKeyvalue = insert('file_keyvalues', keyvalueColumns)
  for (let i = 0; i < count; i++) {
    insertFile.run(...seed.fileRow(i, count))
    for (const row of seed.keyvalueRows(i)) insertKeyvalue.run(...row)
  }
  for (const counted of seed.counts) db.exec(counted)
  for (const { sql } of made) db.exec(String(sql))
  db.exec("insert into file_names (file_names) values ('rebuild'); commit; pragma wal_checkpoint(truncate)")
  db.close()
}

/** Fills a PostgreSQL database whose schema is there. */
export async function seedPostgres(url: string, count: number, seed: Seed = uploads): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows: made } = await client.query<{ indexname: string; indexdef: string }>(
    `select indexname, indexdef from pg_indexes where tablename in ('files', 'file_keyvalues')
      and indexname like any (array['files\\_%', 'file\\_keyvalues\\_%']) and indexname !~ '_(pkey|key)$'`,
  )
  for (const { indexname } of made) await client.query(`drop index ${indexname}`)
  // Nor foreign keys looked up for each row.
  await client.query('set synchronous_commit = off; set session_replication_role = replica')
  const insert = (table: string, columns: readonly string[], types: readonly string[], rows: readonly Row[]) =>
    client.query(
      `insert into ${table} (${columns.join(', ')}) select * from unnest(${types.map((type, n) => `$${n + 1}::${type}[]`).join(', ')})`,
      types.map((_, n) => rows.map((row) => bindable(row[n]))),
    )
  for (const row of accountRows()) await client.query('insert into accounts values ($1, $2, $3, $4, $5, $6, $7)', row)
  const keyvalueTypes = 'text text smallint text text text float8'.split(' ')
  const slice = 5_000
  for (let from = 0; from < count; from += slice) {
    const numbers = Array.from({ length: Math.min(slice, count - from) }, (_, n) => from + n)
    await insert(
      'files',
      seed.columns,
      seed.types,
      numbers.map((i) => seed.fileRow(i, count)),
    )
    await insert('file_keyvalues', keyvalueColumns, keyvalueTypes, numbers.flatMap(seed.keyvalueRows))
  }
  for (const counted of seed.counts) await client.query(counted)
  await client.query("set maintenance_work_mem = '512MB'")
  for (const { indexdef } of made) await client.query(indexdef)
  // What autovacuum does by itself, some minutes later.
  await client.query('vacuum (analyze)')
  await client.end()
}

function bindable(value: Value | undefined): Value | undefined {
  return value instanceof Uint8Array ? Buffer.from(value) : value
}
