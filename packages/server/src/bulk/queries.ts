import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { Reach } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { forUpdate } from '../db/for-update.ts'
import { insertMany } from '../db/insert-many.ts'
import type { BulkItemTable, BulkTable } from '../db/file-tables.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import { withinReach } from '../keys/reach.ts'

/** A bulk operation as it stands in the table. */
export type BulkRow = Selectable<BulkTable>

/** One item of it as it stands in the table. */
export type BulkItemRow = Selectable<BulkItemTable>

/** What became of an item. */
export type ItemEnd = Pick<BulkItemRow, 'file_id' | 'reason' | 'message'> & { readonly state: 'done' | 'failed' }

/** Adds an operation. */
export async function insertBulk(tx: Db, row: BulkRow): Promise<void> {
  await tx.insertInto('bulks').values(row).execute()
}

/** Adds items that wait. */
export async function insertItems(tx: Db, bulkId: string, items: readonly string[], from: number): Promise<void> {
  const ends = { state: 'waiting', file_id: null, reason: null, message: null }
  await insertItemRows(
    tx,
    items.map((item, at) => ({ bulk_id: bulkId, number: from + at, item, ...ends })),
  )
}

const insertItemRows = insertMany('bulk_items', ['bulk_id', 'number', 'item', 'state', 'file_id', 'reason', 'message'])

/** An operation, whoever's it is. */
export function findBulk(db: Db, id: string): Promise<BulkRow | undefined> {
  return db.selectFrom('bulks').selectAll().where('id', '=', id).executeTakeFirst()
}

/** As `findBulk`; nobody else changes it until the write ends. */
export function lockBulk(tx: Db, id: string): Promise<BulkRow | undefined> {
  return tx.selectFrom('bulks').selectAll().where('id', '=', id).$call(forUpdate(tx)).executeTakeFirst()
}

/** The account's operations that were accepted, newest first; of one key when it is named. */
export function listBulks(db: Db, accountId: string, key: string | undefined, limit: number): Promise<BulkRow[]> {
  const query = db
    .selectFrom('bulks')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('state', '<>', 'staging')
    .orderBy('id', 'desc')
    .limit(limit)
  return (key === undefined ? query : query.where('created_by_key', '=', key)).execute()
}

/** Changes an operation. */
export async function updateBulk(
  tx: Db,
  id: string,
  change: Partial<Pick<BulkRow, 'state' | 'total' | 'page_token' | 'message' | 'finished_at'>>,
): Promise<void> {
  await tx.updateTable('bulks').set(change).where('id', '=', id).execute()
}

/** Items from behind a number, in their order, of a state when it is named. */
export function listItems(
  db: Db,
  { bulkId, state, after, limit }: { bulkId: string; state?: string | undefined; after: number; limit: number },
): Promise<BulkItemRow[]> {
  const query = db
    .selectFrom('bulk_items')
    .selectAll()
    .where('bulk_id', '=', bulkId)
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
  return (state === undefined ? query : query.where('state', '=', state)).execute()
}

/** Ids of files of the account with their names; of those within a reach when there is one. */
export async function listNames(
  db: Db,
  { accountId, reach }: { accountId: string; reach?: Reach | undefined },
  ids: readonly string[],
): Promise<{ id: string; name: string | null }[]> {
  if (ids.length === 0) return []
  const query = db.selectFrom('files').select(['id', 'name']).where('id', 'in', ids).where('account_id', '=', accountId)
  return (reach === undefined ? query : query.where(withinReach(reach))).execute()
}

/**
 * Ends an item that waits, and counts it; the first of a write that does what it stands for. False when it has ended, or
 * the operation does not run any more.
 */
export async function endItem(tx: Db, bulkId: string, number: number, end: ItemEnd): Promise<boolean> {
  if ((await writeEnd.changes(tx, { bulkId, number, ...end })) === 0) return false
  await count(tx, { bulkId, done: end.state === 'done' ? 1 : 0, failed: end.state === 'failed' ? 1 : 0 })
  return true
}

type End = { bulkId: string; number: number; state: string } & Pick<ItemEnd, 'file_id' | 'reason' | 'message'>

const writeEnd = statement((tx, param: Placeholder<End>) =>
  tx
    .updateTable('bulk_items')
    .set({ state: param('state'), file_id: param('file_id'), reason: param('reason'), message: param('message') })
    .where('bulk_id', '=', param('bulkId'))
    .where('number', '=', param('number'))
    .where('state', '=', sql.lit('waiting'))
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('bulks')
          .select('bulks.id')
          .where('bulks.id', '=', param('bulkId'))
          .where('bulks.state', '=', sql.lit('running')),
      ),
    ),
)

const count = statement((tx, param: Placeholder<{ bulkId: string; done: number; failed: number }>) =>
  tx
    .updateTable('bulks')
    .set((eb) => ({ done: eb('done', '+', param('done')), failed: eb('failed', '+', param('failed')) }))
    .where('id', '=', param('bulkId')),
)

/** Operations that ended before a time, or were never accepted. */
export function listForgotten(db: Db, { ended, staged }: { ended: number; staged: number }): Promise<BulkRow[]> {
  return db
    .selectFrom('bulks')
    .selectAll()
    .where((eb) =>
      eb.or([eb('finished_at', '<=', ended), eb.and([eb('state', '=', 'staging'), eb('created_at', '<=', staged)])]),
    )
    .limit(100)
    .execute()
}

/** Removes up to `limit` items of an operation. How many there were. */
export async function deleteItems(tx: Db, bulkId: string, limit: number): Promise<number> {
  const some = tx.selectFrom('bulk_items').select('number').where('bulk_id', '=', bulkId).limit(limit)
  const query = tx.deleteFrom('bulk_items').where('bulk_id', '=', bulkId).where('number', 'in', some)
  return Number((await query.executeTakeFirst()).numDeletedRows)
}

/** Removes an operation that has no items any more. */
export async function deleteBulk(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('bulks').where('id', '=', id).execute()
}
