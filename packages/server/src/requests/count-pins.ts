import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import { bucketBits, pinStatuses } from '../files/pin-counts.ts'
import type { TimeRange } from './pin-walk.ts'

/**
 * How many pins of these statuses the account made in a range of times: from the kept counts, and at the two ends from
 * the pins themselves, 256 of them at most.
 */
export async function countByStatus(
  db: Db,
  accountId: string,
  statuses: readonly number[],
  range: TimeRange,
): Promise<number> {
  const parts = partsOf(range)
  if (parts.length === 0 || statuses.length === 0) return 0
  const inStatus = sql`account_id = ${accountId} and pin_status in (${sql.join(statuses)})`
  const selects = parts.map(({ level, low, high }): RawBuilder<unknown> =>
    level === undefined
      ? sql`select count(*) as n from files where ${inStatus} and created_at >= ${low} and created_at < ${high}`
      : sql`select coalesce(sum(pins), 0) as n from pin_counts
          where ${inStatus} and level = ${level} and bucket >= ${low} and bucket < ${high}`,
  )
  const { rows } = await sql<{ n: number }>`
    select sum(n) as n from (${sql.join(selects, sql` union all `)}) parts`.execute(db)
  return rows[0]?.n ?? 0
}

/** How many pins the account has in each status that it has any in, as one moment has them. */
export async function countEachStatus(db: Db, accountId: string): Promise<Map<number, number>> {
  const rows = await selectCounts(db, { account: accountId })
  return new Map(rows.map(({ pin_status, pins }) => [pin_status, pins]))
}

const selectCounts = statement((db, param: Placeholder<{ account: string }>) =>
  db
    .selectFrom('pin_counts')
    .select(['pin_status', sql<number>`cast(sum(pins) as bigint)`.as('pins')])
    .where('account_id', '=', param('account'))
    .where(
      'pin_status',
      'in',
      Object.values(pinStatuses).map((status) => sql.lit(status)),
    )
    .where('level', '=', sql.lit(bucketBits.length - 1))
    .groupBy('pin_status'),
)

/** A stretch of pins, or of the buckets of a level. */
export interface Part extends TimeRange {
  readonly level: number | undefined
}

/** No pin is later: the year 33658. */
const endOfTime = 10 ** 15

/** The fewest stretches that make up a range: the largest buckets in its middle, smaller ones towards its ends. */
export function partsOf({ low, high }: TimeRange): Part[] {
  const parts: Part[] = []
  let from = Math.max(0, low)
  let to = Math.min(endOfTime, high)
  let level: number | undefined
  for (const [next, bits] of bucketBits.entries()) {
    // In units of the level below, the buckets of this one that lie within.
    const ratio = 2 ** (bits - (level === undefined ? 0 : (bucketBits[level] ?? 0)))
    const isOpen = high >= endOfTime
    const first = Math.ceil(from / ratio)
    const last = isOpen ? Math.ceil(to / ratio) : Math.floor(to / ratio)
    if (first >= last) break
    if (from < first * ratio) parts.push({ level, low: from, high: first * ratio })
    if (!isOpen && last * ratio < to) parts.push({ level, low: last * ratio, high: to })
    from = first
    to = last
    level = next
  }
  if (from < to) parts.push({ level, low: from, high: to })
  return parts
}
