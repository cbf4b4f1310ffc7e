import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import type { Db } from '../db/database.ts'
import { dialectOf } from '../db/runner.ts'
import { type Condition, type IndexRange, wholeList } from './filters/conditions.ts'
import type { FileScope } from './filters/file-filter.ts'
import { fileColumns, type FileRow } from './queries.ts'

/** By id, which is by creation. */
export type Order = 'asc' | 'desc'

/** A stretch of a list in its order: behind `after` (an id), up to `until` inclusive. Null is the end. */
export interface Stretch {
  readonly order: Order
  readonly after: string | null
  readonly until: string | null
}

/** A stretch of the entries of an index, and what rows must meet beside it. */
export interface Entries {
  readonly scope: FileScope
  readonly range: IndexRange
  readonly stretch: Stretch
}

/** How many of the next `limit` entries there are, and the last of them. Touches the index alone. */
export async function findBoundary(
  db: Db,
  entries: Entries,
  limit: number,
): Promise<{ count: number; last: string | null }> {
  if (limit < 1) return { count: 0, last: null }
  // Going over entries takes a fifth of the time of reading their ids.
  const nth = await findNth(db, entries, 'id', [], limit - 1)
  if (nth !== undefined) return { count: limit, last: nth }
  const last = sql.raw(entries.stretch.order === 'desc' ? 'min' : 'max')
  const { rows } = await sql<{ n: number; last: string | null }>`
    select count(*) as n, ${last}(id) as last from (${ordered(db, entries, 'id', [], limit)}) entries`.execute(db)
  return { count: rows[0]?.n ?? 0, last: rows[0]?.last ?? null }
}

/** The first rows of the entries that meet `conditions`, in order. */
export async function listRows(
  db: Db,
  entries: Entries,
  conditions: readonly Condition[],
  limit: number,
): Promise<FileRow[]> {
  const { rows } = await ordered(db, entries, 'rows', conditions, limit).execute(db)
  return rows as FileRow[] // `rows` selects exactly these columns
}

/** How many entries meet `conditions`. */
export async function countRows(db: Db, entries: Entries, conditions: readonly Condition[]): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (${merged(db, entries, 'matches', conditions)}) matches`.execute(db)
  return rows[0]?.n ?? 0
}

/** The id of the `offset`th (from 0) entry that meets `conditions`. */
export function findNthMatch(
  db: Db,
  entries: Entries,
  conditions: readonly Condition[],
  offset: number,
): Promise<string | undefined> {
  return findNth(db, entries, 'matches', conditions, offset)
}

async function findNth(
  db: Db,
  entries: Entries,
  what: What,
  conditions: readonly Condition[],
  offset: number,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    ${ordered(db, entries, what, conditions, 1)} offset ${offset}`.execute(db)
  return rows[0]?.id
}

/** A file that the database lets through, with the values (by number of the condition) that are tested still. */
export type Candidate = { readonly id: string } & Readonly<Record<`t${number}`, string | null>>

/** The entries that meet what the database can say of `conditions`, in order. */
export async function listCandidates(db: Db, entries: Entries, conditions: readonly Condition[]): Promise<Candidate[]> {
  const { rows } = await ordered(db, entries, 'candidates', conditions, undefined).execute(db)
  return rows as Candidate[] // `candidates` selects these columns
}

/** How many entries a range has, counted to `limit` at most. */
export async function countEntries(db: Db, scope: FileScope, range: IndexRange, limit: number): Promise<number> {
  const stretch = { order: 'desc', after: null, until: null } as const
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (${merged(db, { scope, range, stretch }, 'id', [])} limit ${limit}) entries`.execute(db)
  return rows[0]?.n ?? 0
}

/** The newest names of a scope, folded: a sample. */
export async function listNewestNames(db: Db, scope: FileScope, limit: number): Promise<string[]> {
  const entries = { scope, range: wholeList(scope), stretch: { order: 'desc', after: null, until: null } } as const
  const { rows } = await sql<{ name: string | null }>`${ordered(db, entries, 'names', [], limit)}`.execute(db)
  return rows.map(({ name }) => name ?? '')
}

/** The rows of these files, as far as they still meet `conditions`, in no order. */
export async function listByIds(
  db: Db,
  scope: FileScope,
  conditions: readonly Condition[],
  ids: readonly string[],
): Promise<FileRow[]> {
  if (ids.length === 0) return []
  const { rows } = await sql`
    select ${rowColumns} from files
    where files.id in (${sql.join(ids)}) and ${inScope(scope)} and ${allOf(conditions)}`.execute(db)
  return rows as FileRow[] // these columns
}

/** Whether a file anywhere is past its time and still has one: release takes it away. */
export async function hasExpired(db: Db, now: number): Promise<boolean> {
  const { rows } = await sql`select 1 from files where expires_at <= ${now} limit 1`.execute(db)
  return rows.length > 0
}

/** Files whose time is over are gone from every list, also before they are released. */
export function notExpired(now: number): Condition {
  return { name: 'expiry', sql: sql`(expires_at is null or expires_at > ${now})` }
}

type What = 'id' | 'rows' | 'matches' | 'candidates' | 'names'

function ordered(
  db: Db,
  entries: Entries,
  what: What,
  conditions: readonly Condition[],
  limit: number | undefined,
): RawBuilder<unknown> {
  const { range, stretch } = entries
  const column =
    range.table === 'file_keyvalues' ? sql`kv.file_id` : runsOf(entries).length > 1 ? sql`id` : sql`files.id`
  const end = limit === undefined ? sql`` : sql` limit ${limit}`
  return sql`${merged(db, entries, what, conditions)} order by ${column} ${sql.raw(stretch.order)}${end}`
}

/** One select, or one for each run of entries: both databases merge these in the order of an index. */
function merged(db: Db, entries: Entries, what: What, conditions: readonly Condition[]): RawBuilder<unknown> {
  if (entries.range.table === 'file_keyvalues') return overKeyvalues(db, entries, what, conditions)
  return sql.join(
    runsOf(entries).map((run) => overFiles(db, entries, what, conditions, run)),
    sql` union all `,
  )
}

/** Entries of one index that lie in the order of the list. */
interface Run {
  readonly index: string
  readonly where: RawBuilder<unknown>
}

/** One for each state, spelled out as in `statesOf`; of what waits, pins whose turn has not come have an index of their own. */
function runsOf({ range: { index }, scope }: Entries): Run[] {
  const runs = scope.states.map((state) => ({ index, where: sql`state = ${sql.lit(state)}` }))
  const [waiting] = runs
  if (index !== 'files_waiting' || waiting === undefined) return runs
  return [
    { index, where: sql`${waiting.where} and queued_origins is null` },
    { index: 'files_queued', where: sql`queued_origins is not null` },
  ]
}

function overFiles(
  db: Db,
  { scope, range, stretch }: Entries,
  what: What,
  conditions: readonly Condition[],
  { index, where }: Run,
): RawBuilder<unknown> {
  return sql`select ${columnsOf(what, conditions)} from files${indexedBy(db, index)}
    where account_id = ${scope.accountId} and network = ${scope.network} and ${where}
      and ${range.where ?? sql`true`} and ${within(sql`files.id`, stretch)} and ${allOf(conditions)}`
}

function overKeyvalues(
  db: Db,
  { scope, range, stretch }: Entries,
  what: What,
  conditions: readonly Condition[],
): RawBuilder<unknown> {
  const entries = sql`kv.account_id = ${scope.accountId} and kv.network = ${scope.network}
    and ${range.where ?? sql`true`} and ${within(sql`kv.file_id`, stretch)}`
  if (what === 'id')
    return sql`select kv.file_id as id from file_keyvalues kv${indexedBy(db, range.index)} where ${entries}`
  // In this order: SQLite takes `cross join` for it, PostgreSQL a subquery that must not be flattened. The latter might
  // otherwise merge the entries with the files of all accounts in between.
  const files =
    dialectOf(db) === 'sqlite'
      ? sql`cross join files`
      : sql`cross join lateral (select * from files where files.id = kv.file_id offset 0) files`
  return sql`select ${columnsOf(what, conditions)} from file_keyvalues kv${indexedBy(db, range.index)} ${files}
    where ${entries} and files.id = kv.file_id
      and ${statesOf(scope)} and ${allOf(conditions)}`
}

/** SQLite has no statistics here, so it is told. */
function indexedBy(db: Db, index: string): RawBuilder<unknown> {
  return dialectOf(db) === 'sqlite' ? sql` indexed by ${sql.ref(index)}` : sql``
}

const rowColumns = sql.join(fileColumns.map((column) => sql.ref(`files.${column}`)))

function columnsOf(what: What, conditions: readonly Condition[]): RawBuilder<unknown> {
  switch (what) {
    case 'rows':
      return rowColumns
    case 'candidates':
      return candidateColumns(conditions)
    case 'names':
      return sql`files.id, files.name_folded as name`
    case 'id':
    case 'matches':
      return sql`files.id`
  }
}

/** What `Candidate` has. */
export function candidateColumns(conditions: readonly Condition[]): RawBuilder<unknown> {
  const tested = conditions.flatMap(({ test }, n) =>
    test === undefined
      ? []
      : [
          sql`(select kv.value from file_keyvalues kv where kv.file_id = files.id and kv.key = ${test.key}) as ${sql.ref(`t${n}`)}`,
        ],
  )
  return sql.join([sql`files.id`, ...tested])
}

function within(id: RawBuilder<unknown>, { order, after, until }: Stretch): RawBuilder<SqlBool> {
  const behind = sql.raw(order === 'desc' ? '<' : '>')
  const to = sql.raw(order === 'desc' ? '>=' : '<=')
  return sql`${after === null ? sql`true` : sql`${id} ${behind} ${after}`}
    and ${until === null ? sql`true` : sql`${id} ${to} ${until}`}`
}

/** The account, network and states of a scope. */
export function inScope(scope: FileScope): RawBuilder<SqlBool> {
  return sql`files.account_id = ${scope.accountId} and files.network = ${scope.network} and ${statesOf(scope)}`
}

/** Spelled out, not bound, or the indexes that hold some states alone would not be used. */
function statesOf({ states }: FileScope): RawBuilder<SqlBool> {
  return sql`files.state in (${sql.join(states.map((state) => sql.lit(state)))})`
}

/** All of the conditions together. */
export function allOf(conditions: readonly Condition[]): RawBuilder<SqlBool> {
  return conditions.length === 0
    ? sql`true`
    : sql`${sql.join(
        conditions.map((condition) => condition.sql),
        sql` and `,
      )}`
}
