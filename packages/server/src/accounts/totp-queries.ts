import type { Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { TotpTable } from '../db/people-tables.ts'

/** A user's second step; its secret is derived from `id`. */
export type TotpRow = Selectable<TotpTable>

/** The second step of a user, begun or in force. */
export function findTotp(db: Db, userId: string): Promise<TotpRow | undefined> {
  return db.selectFrom('totps').selectAll().where('user_id', '=', userId).executeTakeFirst()
}

/** Begins a second step, in the place of one that was not confirmed. False when one is in force. */
export async function insertTotp(tx: Db, totp: { userId: string; id: string; at: number }): Promise<boolean> {
  const row = { id: totp.id, created_at: totp.at, enabled_at: null, last_step: 0 }
  const kept = await tx
    .insertInto('totps')
    .values({ user_id: totp.userId, ...row })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(row).where('totps.enabled_at', 'is', null))
    .returning('id')
    .executeTakeFirst()
  return kept !== undefined
}

/** Puts a second step in force. False when it is, or is another one by now. */
export async function enableTotp(tx: Db, { id, step, at }: { id: string; step: number; at: number }): Promise<boolean> {
  const row = await tx
    .updateTable('totps')
    .set({ enabled_at: at, last_step: step })
    .where('id', '=', id)
    .where('enabled_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Uses up a step, and with it all before. True for exactly one caller, however many bring its code at once. */
export async function takeStep(tx: Db, { id, step }: { id: string; step: number }): Promise<boolean> {
  const row = await tx
    .updateTable('totps')
    .set({ last_step: step })
    .where('id', '=', id)
    .where('last_step', '<', step)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Ends the second step of a user, and its recovery codes. False when there was none. */
export async function deleteTotp(tx: Db, userId: string): Promise<boolean> {
  await tx.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
  const row = await tx.deleteFrom('totps').where('user_id', '=', userId).returning('id').executeTakeFirst()
  return row !== undefined
}

/** Gives a user these recovery codes and no others. */
export async function replaceRecoveryCodes(tx: Db, userId: string, hashes: readonly string[]): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
  await tx
    .insertInto('recovery_codes')
    .values(hashes.map((code_hash) => ({ user_id: userId, code_hash, used_at: null })))
    .execute()
}

/** Uses a recovery code. True for exactly one caller. */
export async function takeRecoveryCode(
  tx: Db,
  { userId, hash, at }: { userId: string; hash: string; at: number },
): Promise<boolean> {
  const row = await tx
    .updateTable('recovery_codes')
    .set({ used_at: at })
    .where('user_id', '=', userId)
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .returning('user_id')
    .executeTakeFirst()
  return row !== undefined
}

/** How many recovery codes a user has left. */
export async function countRecoveryCodes(db: Db, userId: string): Promise<number> {
  const { left } = await db
    .selectFrom('recovery_codes')
    .select((eb) => eb.fn.countAll<number>().as('left'))
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return left
}
