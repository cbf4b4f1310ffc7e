import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { gatheredRead } from '../db/gathered-reads.ts'
import { listStatement } from '../db/list-statement.ts'
import { dialectOf } from '../db/runner.ts'
import { statement, type Placeholder } from '../db/statement.ts'

/** What bounds an account's uploads, and what it uses of it. */
export interface AccountRoom {
  /** Bytes; null is unlimited. */
  readonly quota_bytes: number | null
  /** `allowed` or `refused`. */
  readonly public_content: string
  /** JSON: the regions that new public files carry. */
  readonly pin_policy: string | null
  /** Bytes of all files on both networks, as they are charged. */
  readonly used_bytes: number
  /** Bytes that are kept for uploads which come in several requests. */
  readonly reserved_bytes: number
  /** Somebody listens to the account's events until then. */
  readonly events_until: number
}

/** The bounds of an account and the sum of its totals; undefined when there is no such account. */
export async function findAccountRoom(db: Db, accountId: string): Promise<AccountRoom | undefined> {
  const [row] = await selectRoom(db, { account: accountId })
  return row
}

/**
 * As `findAccountRoom`, before files are added in this write. On PostgreSQL an account with a quota stays locked until
 * the write ends, so that its uploads are decided upon one after another. Order of locks: account first.
 */
export async function lockAccountRoom(tx: Db, accountId: string): Promise<AccountRoom | undefined> {
  const room = await findAccountRoom(tx, accountId)
  if (dialectOf(tx) === 'sqlite' || room === undefined || room.quota_bytes === null) return room
  await lockAccounts(tx, [accountId])
  return findAccountRoom(tx, accountId)
}

/**
 * As `lockAccountRoom`, but the account stays locked whether it has a quota or not: for what is counted in this write and
 * bounded in number.
 */
export async function lockWholeAccount(tx: Db, accountId: string): Promise<AccountRoom | undefined> {
  if (dialectOf(tx) === 'postgres') await lockAccounts(tx, [accountId])
  return findAccountRoom(tx, accountId)
}

/** As `lockAccountRoom`, for several accounts; gives the room of each that there is. */
export async function lockAccountRooms(tx: Db, accountIds: readonly string[]): Promise<Map<string, AccountRoom>> {
  // In one order, so that two writes do not wait for each other.
  const ids = [...new Set(accountIds)].sort()
  let rooms = await selectRooms(tx, ids)
  const bounded = rooms.filter(({ quota_bytes }) => quota_bytes !== null).map(({ id }) => id)
  if (dialectOf(tx) === 'postgres' && bounded.length > 0) {
    await lockAccounts(tx, bounded.sort())
    rooms = await selectRooms(tx, ids)
  }
  return new Map(rooms.map(({ id, ...room }) => [id, room]))
}

/** What of an account's settings bounds an upload before its bytes are there: much cheaper than its room. */
export async function findAccountBounds(
  db: Db,
  accountId: string,
): Promise<Pick<AccountRoom, 'quota_bytes' | 'public_content'> | undefined> {
  const [bounds] = await selectBounds(db, [accountId])
  return bounds
}

const selectBounds = gatheredRead(
  listStatement((db, ids: string[]) =>
    db.selectFrom('accounts').select(['id', 'quota_bytes', 'public_content']).where('id', 'in', ids),
  ),
  { keyOfValue: (id) => id, keyOfRow: ({ id }) => id },
)

/** Files and bytes of an account on a network. */
export interface Totals {
  readonly files: number
  readonly bytes: number
}

/** What the account holds on a network (0 private, 1 public). */
export async function findTotals(db: Db, accountId: string, network: number): Promise<Totals> {
  const [row] = await selectTotals(db, { account: accountId, network })
  return row ?? { files: 0, bytes: 0 }
}

/** Adds to the totals, or takes away with negative numbers; the last statement of a write that changes files. */
export async function addToTotals(tx: Db, accountId: string, network: number, { files, bytes }: Totals): Promise<void> {
  if (files >= 0) await upsertTotals(tx, { account: accountId, network, files, bytes })
  else await reduceTotals(tx, { account: accountId, network, files, bytes })
}

type Refusal = { account: string; limitBytes: number; at: number }

/** Remembers that the account was told that this quota is reached. False when it was told so before. */
export async function insertQuotaRefusal(tx: Db, refusal: Refusal): Promise<boolean> {
  return (await addRefusal.changes(tx, refusal)) === 1
}

/** Forgets it. */
export async function deleteQuotaRefusal(tx: Db, { account }: { account: string }): Promise<void> {
  await removeRefusal(tx, { account })
}

const addRefusal = statement((tx, param: Placeholder<Refusal>) =>
  tx
    .insertInto('quota_refusals')
    .values({ account_id: param('account'), limit_bytes: param('limitBytes'), at: param('at') })
    .onConflict((conflict) =>
      conflict
        .column('account_id')
        .doUpdateSet((eb) => ({ limit_bytes: eb.ref('excluded.limit_bytes'), at: eb.ref('excluded.at') }))
        .whereRef('quota_refusals.limit_bytes', '<>', 'excluded.limit_bytes'),
    ),
)

const removeRefusal = statement((tx, param: Placeholder<{ account: string }>) =>
  tx.deleteFrom('quota_refusals').where('account_id', '=', param('account')),
)

/** The rooms of accounts, for a query to choose among. */
export function accountRooms(db: Db) {
  return db
    .selectFrom('accounts')
    .select(['quota_bytes', 'public_content', 'pin_policy', 'events_until'])
    .select((eb) =>
      eb
        .selectFrom('account_totals')
        .select(sql<number>`coalesce(sum(bytes), 0)`.as('sum'))
        .whereRef('account_id', '=', 'accounts.id')
        .$asScalar()
        .$notNull()
        .as('used_bytes'),
    )
    .select((eb) =>
      eb
        .selectFrom('uploads')
        .select(sql<number>`coalesce(sum(reserved_bytes), 0)`.as('sum'))
        .whereRef('account_id', '=', 'accounts.id')
        .where('state', '=', sql.lit('open'))
        .$asScalar()
        .$notNull()
        .as('reserved_bytes'),
    )
}

const selectRoom = statement((db, param: Placeholder<{ account: string }>) =>
  accountRooms(db).where('id', '=', param('account')),
)

const selectRooms = listStatement((db, ids: string[]) =>
  accountRooms(db).select('accounts.id').where('accounts.id', 'in', ids),
)

/** Locks the rows of accounts that there are, in one order, so that two writes do not wait for each other. */
export const lockAccounts = listStatement((tx, ids: string[], dialect) => {
  const query = tx.selectFrom('accounts').select('id').where('id', 'in', ids).orderBy('id')
  // Not the stronger lock, which would wait for every insert that refers to the account.
  return dialect === 'postgres' ? query.forNoKeyUpdate() : query
})

const selectTotals = statement((db, param: Placeholder<{ account: string; network: number }>) =>
  db
    .selectFrom('account_totals')
    .select(['files', 'bytes'])
    .where('account_id', '=', param('account'))
    .where('network', '=', param('network')),
)

type Change = { account: string; network: number; files: number; bytes: number }

const upsertTotals = statement((tx, param: Placeholder<Change>) =>
  tx
    .insertInto('account_totals')
    .values({
      account_id: param('account'),
      network: param('network'),
      files: param('files'),
      bytes: param('bytes'),
      changes: 1,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'network']).doUpdateSet((eb) => ({
        files: eb('account_totals.files', '+', eb.ref('excluded.files')),
        bytes: eb('account_totals.bytes', '+', eb.ref('excluded.bytes')),
        changes: eb('account_totals.changes', '+', 1),
      })),
    ),
)

const reduceTotals = statement((tx, param: Placeholder<Change>) =>
  tx
    .updateTable('account_totals')
    .set((eb) => ({
      files: eb('files', '+', param('files')),
      bytes: eb('bytes', '+', param('bytes')),
      changes: eb('changes', '+', 1),
    }))
    .where('account_id', '=', param('account'))
    .where('network', '=', param('network')),
)
