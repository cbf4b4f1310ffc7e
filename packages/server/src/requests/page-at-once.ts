import { type RawBuilder, sql } from 'kysely'
import { type Db, dialectOf } from '../db/runner.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import { fileColumns, type FileRow } from '../files/queries.ts'
import { type Part, partsOf } from './count-pins.ts'
import type { PinFilter } from './pin-filter.ts'
import type { TimeRange } from './pin-walk.ts'

/** Entries that are counted of each content; where there are more the walk counts them in slices. */
const countedTo = 20_000

/**
 * A page and its count, as one snapshot has them, for a list by statuses or contents alone. On PostgreSQL this is one
 * statement, prepared once for any number of them: what its planner takes for a union of ten indexes is many times what
 * they take to read. Undefined for every other list, and where more than a slice is to be counted.
 */
export async function pageAtOnce(
  db: Db,
  account: string,
  { statuses, contents, name, meta = [], job }: PinFilter,
  { low, high }: TimeRange,
  limit: number,
): Promise<{ files: FileRow[]; count: number } | undefined> {
  if (dialectOf(db) !== 'postgres' || name !== undefined || meta.length > 0 || job !== undefined) return undefined
  const common = { account, statuses: statuses.join(), low, high, limit }
  let rows: (FileRow & { readonly total: number })[]
  if (contents === undefined) rows = await byStatus(db, { ...common, ...countsOf(partsOf({ low, high })) })
  else {
    const hex = contents.map(({ multihash }) => Buffer.from(multihash).toString('hex')).join()
    rows = await byContent(db, { ...common, hex, codecs: contents.map(({ codec }) => codec).join(), countedTo })
  }
  const count = rows[0]?.total ?? 0
  if (contents !== undefined && count >= countedTo) return undefined
  return { files: rows.map(({ total: _total, ...file }) => file), count }
}

type Common = { account: string; statuses: string; low: number; high: number; limit: number }

const statusesOf = (param: Placeholder<Common>) => sql`string_to_array(${param('statuses')}, ',')::smallint[]`

const within = (param: Placeholder<Common>) =>
  sql`account_id = ${param('account')} and pin_status is not null
    and created_at >= ${param('low')}::bigint and created_at < ${param('high')}::bigint`

/** The latest of the entries that each of `wanted` has, as rows with the number of all matches. */
function pageOf<Params extends Common>(
  db: Db,
  param: Placeholder<Params>,
  { wanted, where, total }: { wanted: RawBuilder<unknown>; where: RawBuilder<unknown>; total: RawBuilder<unknown> },
) {
  const common = param as unknown as Placeholder<Common> // Params has all of them
  // Looked up one by one, whatever the planner expects: as many as a page has.
  return sql<FileRow & { total: number }>`
    with page as materialized (
      select entries.created_at from ${wanted} cross join lateral (
        select created_at from files where ${within(common)} and ${where}
        order by created_at desc limit ${common('limit')}::bigint
      ) entries order by created_at desc limit ${common('limit')}::bigint
    )
    select files.*, ${total} as total from page cross join lateral (
      select ${sql.join(fileColumns.map((column) => sql.ref(column)))} from files
      where account_id = ${common('account')} and source = 'cid' and created_at = page.created_at
        and pin_status is not null limit 1
    ) files order by page.created_at desc`.compile(db)
}

const hasStatus = (param: Placeholder<Common>) => sql`pin_status = any (${statusesOf(param)})`

type ByContent = Common & { hex: string; codecs: string; countedTo: number }

const byContent = statement((db, param: Placeholder<ByContent>) => {
  const wanted = sql`unnest(string_to_array(${param('hex')}, ','), string_to_array(${param('codecs')}, ',')::bigint[])
    as wanted (hex, codec)`
  const where = sql`multihash = decode(wanted.hex, 'hex') and codec = wanted.codec and ${hasStatus(param)}`
  const total = sql`(select count(*) from ${wanted} cross join lateral (
    select 1 from files where ${within(param)} and ${where} limit ${param('countedTo')}::bigint) counted)`
  return compiled(pageOf(db, param, { wanted, where, total }))
})

type Counts = { levels: string; lows: string; highs: string; edgeLows: string; edgeHighs: string }

/** Stretches of counts, and at their edges of entries, as lists. */
function countsOf(parts: readonly Part[]): Counts {
  const buckets = parts.filter(({ level }) => level !== undefined)
  const edges = parts.filter(({ level }) => level === undefined)
  return {
    levels: buckets.map(({ level }) => level).join(),
    lows: buckets.map(({ low }) => low).join(),
    highs: buckets.map(({ high }) => high).join(),
    edgeLows: edges.map(({ low }) => low).join(),
    edgeHighs: edges.map(({ high }) => high).join(),
  }
}

const byStatus = statement((db, param: Placeholder<Common & Counts>) => {
  const wanted = sql`unnest(${statusesOf(param)}) as wanted (status)`
  const numbers = (name: keyof Counts) => sql`string_to_array(${param(name)}, ',')::bigint[]`
  const total = sql`(select coalesce(sum(n), 0) from (
    select (select sum(pins) from pin_counts where account_id = ${param('account')} and ${hasStatus(param)}
      and level = part.level and bucket >= part.low and bucket < part.high) as n
    from unnest(${numbers('levels')}, ${numbers('lows')}, ${numbers('highs')}) as part (level, low, high)
    union all
    select (select count(*) from files where account_id = ${param('account')} and pin_status is not null
      and ${hasStatus(param)} and created_at >= edge.low and created_at < edge.high) as n
    from unnest(${numbers('edgeLows')}, ${numbers('edgeHighs')}) as edge (low, high)) counts)`
  return compiled(pageOf(db, param, { wanted, where: sql`pin_status = wanted.status`, total }))
})

function compiled<Query>(query: Query): { compile: () => Query } {
  return { compile: () => query }
}
