import { type Expression, type RawBuilder, sql, type SqlBool } from 'kysely'
import type { Db, Dialect } from '../db/database.ts'
import { dialectOf } from '../db/runner.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import { listStatement } from '../db/list-statement.ts'
import { hasAnyStatus, pinStatuses } from '../files/pin-counts.ts'
import { type AccountRoom, accountRooms, lockAccounts } from '../usage/queries.ts'

/**
 * The time that a new pin of the account carries: now, or a millisecond after its last one. No two pins of an account
 * share one, because clients page by it. Part of the write that inserts the pin, with `lockPins` before it.
 */
export async function allocateCreatedAt(tx: Db, accountId: string, now: number): Promise<number> {
  const [last] = await selectLast(tx, { account: accountId })
  return Math.max(now, (last?.created_at ?? 0) + 1)
}

/** The time of the account's last pin; 0 without one. Many made at once carry times that lie ahead. */
export async function findLastPinTime(db: Db, accountId: string): Promise<number> {
  const [last] = await selectLast(db, { account: accountId })
  return last?.created_at ?? 0
}

/** Whether a pin of the account has this time. Part of a write, with `lockPins` before it. */
export async function isPinTimeTaken(tx: Db, key: { account: string; createdAt: number }): Promise<boolean> {
  return (await selectPinAt(tx, key)).length > 0
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
  /** As the function of this name, for one pin after another. */
  allocateCreatedAt(now: number): number
}

/** As `lockPins`, for several accounts; gives the room of each that there is. */
export async function lockPinRooms(tx: Db, accountIds: readonly string[]): Promise<Map<string, PinRoom>> {
  // In one order, so that two writes do not wait for each other.
  const ids = [...new Set(accountIds)].sort()
  if (dialectOf(tx) === 'postgres') await lockAccounts(tx, ids)
  const rooms = await selectRooms(tx, ids)
  return new Map(
    rooms.map(({ id, last_pin_at, ...room }) => {
      let last = last_pin_at ?? 0
      return [id, { ...room, allocateCreatedAt: (now) => (last = Math.max(now, last + 1)) }]
    }),
  )
}

/** The time of the last pin of an account; null without one. */
function lastPin(account: Expression<string> | string, dialect: Dialect): RawBuilder<number | null> {
  if (dialect === 'postgres')
    return sql`(select created_at from files where account_id = ${account} and ${isTimed.postgres}
      order by created_at desc limit 1)`
  // The last entry of each status: for that of several at once all of them would be read.
  const ofEach = Object.values(pinStatuses).map(
    (status) =>
      sql`select max(created_at) as created_at from files where account_id = ${account} and pin_status = ${sql.lit(status)}`,
  )
  return sql`(select max(created_at) from (${sql.join(ofEach, sql` union all `)}) last_pins)`
}

/** Of every file whose time no new pin may have, as the index of these times has it: on PostgreSQL history is among them. */
const isTimed: Record<Dialect, RawBuilder<SqlBool>> = { sqlite: hasAnyStatus, postgres: sql`source = 'cid'` }

const selectLast = statement((tx, param: Placeholder<{ account: string }>, dialect) =>
  tx.selectNoFrom(lastPin(param('account'), dialect).as('created_at')),
)

const selectPinAt = statement((tx, param: Placeholder<{ account: string; createdAt: number }>, dialect) =>
  tx
    .selectFrom('files')
    .select('id')
    .where('account_id', '=', param('account'))
    .where('created_at', '=', param('createdAt'))
    .where(isTimed[dialect]),
)

const selectRooms = listStatement((tx, ids: string[], dialect) =>
  accountRooms(tx)
    .select('accounts.id')
    .select(lastPin(sql.ref<string>('accounts.id'), dialect).as('last_pin_at'))
    .where('accounts.id', 'in', ids),
)
