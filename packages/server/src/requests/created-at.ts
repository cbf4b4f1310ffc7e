import { type Expression, type RawBuilder, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { dialectOf } from '../db/runner.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import { rowsStatement } from '../db/rows-statement.ts'
import { pinStatuses } from '../files/pin-counts.ts'
import { type AccountRoom, accountRooms, lockAccounts } from '../usage/queries.ts'

/**
 * The time that a new pin of the account carries: now, or a millisecond after its last one. No two pins of an account
 * share one, because clients page by it. Part of the write that inserts the pin, with `lockPins` before it.
 */
export async function allocateCreatedAt(tx: Db, accountId: string, now: number): Promise<number> {
  const [last] = await selectLast(tx, { account: accountId, since: now })
  return Math.max(now, (last?.created_at ?? 0) + 1)
}

/** The time of the account's last pin; 0 without one. Many made at once carry times that lie ahead. */
export async function findLastPinTime(db: Db, accountId: string): Promise<number> {
  const [last] = await selectLast(db, { account: accountId, since: 0 })
  return last?.created_at ?? 0
}

/**
 * The first statement of a write that makes a pin: on PostgreSQL the account stays locked until the write ends, so that
 * its pins are made one after another. Order of locks: account first.
 */
export async function lockPins(tx: Db, accountId: string): Promise<void> {
  if (dialectOf(tx) === 'postgres') await lockAccounts(tx, [accountId])
}

/** What bounds the pins of an account, and the times of those that are made in this write. */
export interface PinRoom extends AccountRoom {
  /** As the function of this name, for one pin after another, none of them asked for before `since`. */
  allocateCreatedAt(now: number): number
}

/** As `lockPins`, for several accounts; gives the room of each that there is, for pins asked for from `since` on. */
export async function lockPinRooms(
  tx: Db,
  accountIds: readonly string[],
  since: number,
): Promise<Map<string, PinRoom>> {
  // In one order, so that two writes do not wait for each other.
  const ids = [...new Set(accountIds)].sort()
  if (dialectOf(tx) === 'postgres') await lockAccounts(tx, ids)
  const rooms = await selectRooms(
    tx,
    ids.map((id) => ({ id, since })),
  )
  return new Map(
    rooms.map(({ id, last_pin_at, ...room }) => {
      let last = last_pin_at ?? 0
      return [id, { ...room, allocateCreatedAt: (now) => (last = Math.max(now, last + 1)) }]
    }),
  )
}

/**
 * The time of an account's last pin from `since` on; null without one. Most pins are made before now: on PostgreSQL the
 * entries that the last of them left in each status, until they are vacuumed, are not gone through.
 */
function lastPin(account: Expression<string> | string, since: number): RawBuilder<number | null> {
  // The last entry of each status: SQLite would read all of an account for that of several.
  const ofEach = Object.values(pinStatuses).map(
    (status) =>
      sql`select max(created_at) as created_at from files
        where account_id = ${account} and pin_status = ${sql.lit(status)} and created_at >= ${since}`,
  )
  return sql`(select max(created_at) from (${sql.join(ofEach, sql` union all `)}) last_pins)`
}

const selectLast = statement((tx, param: Placeholder<{ account: string; since: number }>) =>
  tx.selectNoFrom(lastPin(param('account'), param('since')).as('created_at')),
)

/** All rows with one and the same `since`. */
const selectRooms = rowsStatement(['id', 'since'], (tx, rows: { id: string; since: number }[]) =>
  accountRooms(tx)
    .select('accounts.id')
    .select(lastPin(sql.ref<string>('accounts.id'), rows[0]?.since ?? 0).as('last_pin_at'))
    .where(
      'accounts.id',
      'in',
      rows.map(({ id }) => id),
    ),
)
