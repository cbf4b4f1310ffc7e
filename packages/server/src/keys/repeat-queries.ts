import type { Insertable, Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import { forUpdate } from '../db/for-update.ts'
import type { RepeatedRequestTable } from '../db/key-tables.ts'

/** A request that may be repeated, as it stands in the table. */
export type RepeatRow = Selectable<RepeatedRequestTable>

/** Keeps a new request. False when there is one of this name. */
export async function insertRepeat(tx: Db, row: Insertable<RepeatedRequestTable>): Promise<boolean> {
  const query = tx.insertInto('repeated_requests').values(row)
  const inserted = await query
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute()
  return inserted.length > 0
}

/** The request of this name, locked until the write ends. */
export function lockRepeat(
  tx: Db,
  { caller, nameHash }: { caller: string; nameHash: string },
): Promise<RepeatRow | undefined> {
  return tx
    .selectFrom('repeated_requests')
    .selectAll()
    .where('caller', '=', caller)
    .where('name_hash', '=', nameHash)
    .$call(forUpdate(tx))
    .executeTakeFirst()
}

/** What its writes resolved with, by turn. */
export async function findWrites(db: Db, id: string): Promise<Map<number, Uint8Array>> {
  const rows = await db.selectFrom('repeated_writes').select(['turn', 'result']).where('request_id', '=', id).execute()
  return new Map(rows.map(({ turn, result }) => [turn, result]))
}

/** Keeps what a write resolved with. */
export async function insertWrite(tx: Db, row: { id: string; turn: number; result: Uint8Array }): Promise<void> {
  const { id, turn, result } = row
  await tx.insertInto('repeated_writes').values({ request_id: id, turn, result }).execute()
}

/** Changes a request while it is worked on under this lease; false when it is not any more. */
export async function updateRepeat(
  tx: Db,
  { id, lease }: { id: string; lease: string },
  change: Partial<Pick<RepeatRow, 'lease' | 'lease_until' | 'answer'>>,
): Promise<boolean> {
  const query = tx.updateTable('repeated_requests').set(change).where('id', '=', id).where('lease', '=', lease)
  return (await query.executeTakeFirst()).numUpdatedRows === 1n
}

/** Forgets a request, and what its writes resolved with. */
export async function deleteRepeat(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('repeated_writes').where('request_id', '=', id).execute()
  await tx.deleteFrom('repeated_requests').where('id', '=', id).execute()
}

/** Requests whose day is over, the first of them. */
export async function listOverRepeats(db: Db, { now, limit }: { now: number; limit: number }): Promise<string[]> {
  const query = db.selectFrom('repeated_requests').select('id').where('expires_at', '<=', now)
  return (await query.orderBy('expires_at').limit(limit).execute()).map(({ id }) => id)
}
