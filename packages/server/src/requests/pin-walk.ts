import { type RawBuilder, sql, type SqlBool } from 'kysely'
import type { Caller, Reach } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { dialectOf } from '../db/runner.ts'
import { ScanBudget } from '../files/scan-budget.ts'
import { ownerColumn, withinReach } from '../keys/reach.ts'
import { conditionsOf, hasName, type PinFilter } from './pin-filter.ts'

/** Times of pins: from `low` on, up to and without `high`. */
export interface TimeRange {
  readonly low: number
  readonly high: number
}

/** Entries of an index of the pins of an account, in the order of their times. */
interface Branch {
  /** Undefined: a few rows by id. */
  readonly index: string | undefined
  readonly where: RawBuilder<SqlBool>
}

/** What a list goes through: the fewest entries that hold all of it, and what rows must meet beside it. */
export interface PinWalk {
  readonly accountId: string
  readonly reach: Reach | undefined
  readonly branches: readonly Branch[]
  /** Undefined: every entry matches. */
  readonly condition: RawBuilder<SqlBool> | undefined
  /** Entries of one slice: so many that no slice holds the event loop for long. */
  readonly sliceSize: number
  readonly budget: ScanBudget
}

/** How a walk goes. */
export interface WalkOptions {
  readonly signal?: AbortSignal | undefined
  /** Tests make many slices of a few pins. */
  readonly sliceSize?: number | undefined
}

/** So many pins with a key-value are looked up by it; more are found as fast among all. */
const maxByKeyvalue = 1_000
/** How SQLite calls the index of a unique column of `files`, the first of which is the id. */
const idIndex = 'sqlite_autoindex_files_1'
/** Looking through takes longer than a list of files may: a pinning service counts exactly. */
const deadlineMs = 30_000

/** Chooses how to go through the pins that a filter shows. */
export async function openPinWalk(
  db: Db,
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  filter: PinFilter,
  { signal, sliceSize }: WalkOptions,
): Promise<PinWalk> {
  const conditions = conditionsOf(db, filter)
  const budget = new ScanBudget(
    conditions.map(({ name }) => name),
    signal,
    deadlineMs,
  )
  const { contents, name, statuses } = filter
  const hasStatus = sql<SqlBool>`pin_status is not null and pin_status in (${sql.join(statuses)})`
  // Rows are read for these; an index alone answers the rest.
  const rest = conditions.map((condition) => condition.sql)
  const whole = (branches: Branch[], more: RawBuilder<SqlBool>[] = []): PinWalk => {
    const all = [...more, ...rest]
    return {
      accountId,
      reach,
      branches,
      condition: all.length === 0 ? undefined : sql`${sql.join(all, sql` and `)}`,
      sliceSize: sliceSize ?? (dialectOf(db) === 'postgres' || all.length === 0 ? 20_000 : 2_000),
      budget,
    }
  }
  const exactName = name?.match === 'exact' ? name.text : undefined
  if (contents?.length === 0 || statuses.length === 0) return whole([{ index: undefined, where: sql`1 = 0` }])
  if (reach?.owner !== undefined) return whole([ownBranch(reach.owner, hasStatus)], narrowedBy(filter, reach))
  const byStatus = statuses.map((status) => ({
    index: 'files_pin_status',
    where: sql<SqlBool>`pin_status is not null and pin_status = ${status}`,
  }))
  if (reach !== undefined) return whole(byStatus, narrowedBy(filter, reach))
  if (contents !== undefined) {
    const branches = contents.map(({ multihash, codec }) => ({
      index: 'files_pin_cid',
      where: sql<SqlBool>`multihash = ${multihash} and codec = ${codec} and ${hasStatus}`,
    }))
    return whole(branches, exactName === undefined ? [] : [hasName(exactName)])
  }
  if (exactName !== undefined) {
    const where = sql<SqlBool>`substr(name, 1, 256) = ${exactName} and ${hasStatus}`
    return whole([{ index: 'files_pin_name', where }])
  }
  const ids = await findByKeyvalue(db, accountId, filter)
  if (ids !== undefined) {
    const where = ids.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`id in (${sql.join(ids)}) and ${hasStatus}`
    return whole([{ index: dialectOf(db) === 'sqlite' ? idIndex : undefined, where }])
  }
  return whole(byStatus)
}

/** What a key owns is walked, whatever else is asked: an app with a key for each user has few for each. */
function ownBranch(owner: NonNullable<Reach['owner']>, hasStatus: RawBuilder<SqlBool>): Branch {
  return {
    index: `files_pin_own_${owner.level}`,
    where: sql`${ownerColumn(owner)} = ${owner.keyId} and ${hasStatus}`,
  }
}

function narrowedBy({ contents, name }: PinFilter, reach: Reach): RawBuilder<SqlBool>[] {
  const conditions: RawBuilder<SqlBool>[] = []
  if (reach.groups !== undefined) conditions.push(withinReach(reach))
  if (name?.match === 'exact') conditions.push(hasName(name.text))
  if (contents !== undefined) {
    const same = contents.map(({ multihash, codec }) => sql`(multihash = ${multihash} and codec = ${codec})`)
    conditions.push(sql`(${sql.join(same, sql` or `)})`)
  }
  return conditions
}

/** Files with one of the key-values, when there are few of them. */
async function findByKeyvalue(db: Db, accountId: string, { meta = [] }: PinFilter): Promise<string[] | undefined> {
  for (const [key, value] of meta) {
    const { rows } = await sql<{ file_id: string }>`
      select file_id from file_keyvalues where account_id = ${accountId} and network = 1
        and key = ${key} and value = ${value} limit ${maxByKeyvalue + 1}`.execute(db)
    if (rows.length <= maxByKeyvalue) return rows.map(({ file_id }) => file_id)
  }
  return undefined
}

/**
 * Times of the matches in a range, latest or earliest first: `limit` of them at most, behind the first `offset`. Throws
 * `filter_too_wide` after half a minute.
 */
export async function takeTimes(
  db: Db,
  walk: PinWalk,
  range: TimeRange,
  { limit, offset = 0, order = 'desc' }: { limit: number; offset?: number; order?: 'asc' | 'desc' },
): Promise<number[]> {
  const taken: number[] = []
  let skipped = 0
  for await (const slice of slicesOf(walk, range, order)) {
    const wanted = limit - taken.length + offset - skipped
    const size = walk.condition === undefined ? Math.min(slice.size, wanted) : slice.size
    const { rows } = await sql<{ created_at: number; ok: number }>`${entries(db, walk, slice, order, size)}`.execute(db)
    for (const { created_at, ok } of rows) {
      if (ok !== 1) continue
      if (skipped < offset) skipped++
      else taken.push(created_at)
      if (taken.length === limit) return taken
    }
    if (rows.length < size) return taken
    slice.end(rows.at(-1)?.created_at ?? 0)
  }
  return taken
}

/** How many matches there are in a range. Throws `filter_too_wide` after half a minute. */
export async function countTimes(db: Db, walk: PinWalk, range: TimeRange): Promise<number> {
  let count = 0
  for await (const slice of slicesOf(walk, range, 'desc')) {
    const { rows } = await sql<{ n: number; matches: number | null; last: number | null }>`
      select count(*) as n, sum(ok) as matches, min(created_at) as last
      from (${entries(db, walk, slice, 'desc', slice.size)}) entries`.execute(db)
    const { n, matches, last } = rows[0] ?? { n: 0, matches: 0, last: null }
    count += matches ?? 0
    if (n < slice.size || last === null) return count
    slice.end(last)
  }
  return count
}

interface Slice extends TimeRange {
  readonly size: number
  /** Says where this slice ended, so that there is a next one. */
  end(last: number): void
}

/** One slice after another, each where the one before ended, with a turn of the event loop between any two. */
async function* slicesOf(walk: PinWalk, { low, high }: TimeRange, order: 'asc' | 'desc'): AsyncGenerator<Slice> {
  let rest: TimeRange | undefined = { low, high }
  for (let isFirst = true; rest !== undefined && rest.low < rest.high; isFirst = false) {
    const turn = isFirst ? undefined : await walk.budget.takeTurn()
    const { low: from, high: to }: TimeRange = rest
    rest = undefined
    try {
      yield {
        low: from,
        high: to,
        size: walk.sliceSize,
        end: (last) => (rest = order === 'desc' ? { low: from, high: last } : { low: last + 1, high: to }),
      }
    } finally {
      turn?.end()
    }
  }
}

function entries(
  db: Db,
  { accountId, branches, condition }: PinWalk,
  { low, high }: TimeRange,
  order: 'asc' | 'desc',
  size: number,
): RawBuilder<unknown> {
  const isMatch = condition === undefined ? sql`1` : sql`case when ${condition} then 1 else 0 end`
  const hinted = (index: string | undefined) =>
    index !== undefined && dialectOf(db) === 'sqlite' ? sql` indexed by ${sql.ref(index)}` : sql``
  const end = sql`order by created_at ${sql.raw(order)} limit ${size}`
  const selects = branches.map(
    ({ index, where }) => sql`select created_at, ${isMatch} as ok from files${hinted(index)}
      where account_id = ${accountId} and ${where} and created_at >= ${low} and created_at < ${high}`,
  )
  // PostgreSQL sorts all of a union that is not cut before. SQLite merges the indexes, and would stop for a copy of each.
  const cut =
    dialectOf(db) === 'postgres' && selects.length > 1 ? selects.map((select) => sql`(${select} ${end})`) : selects
  return sql`${sql.join(cut, sql` union all `)} ${end}`
}
