import type { Insertable, Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import { forUpdate } from '../db/for-update.ts'
import type { SignUpLinkTable, SignUpRequestTable } from '../db/people-tables.ts'

/** A link by which people join. */
export type SignUpLinkRow = Selectable<SignUpLinkTable>

/** A request of somebody who would like to join. */
export type SignUpRequestRow = Selectable<SignUpRequestTable>

/** Keeps a link. */
export async function insertSignUpLink(tx: Db, link: Insertable<SignUpLinkTable>): Promise<void> {
  await tx.insertInto('sign_up_links').values(link).execute()
}

/** The link of a token, as long as it can be used. */
export function findSignUpLink(db: Db, tokenHash: string, now: number): Promise<SignUpLinkRow | undefined> {
  return db
    .selectFrom('sign_up_links')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .whereRef('uses', '<', 'max_uses')
    .executeTakeFirst()
}

/** Uses a link once. Undefined when it is used up, over or revoked: never more uses than it has. */
export function takeSignUpLink(tx: Db, id: string, now: number): Promise<SignUpLinkRow | undefined> {
  return tx
    .updateTable('sign_up_links')
    .set((eb) => ({ uses: eb('uses', '+', 1) }))
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .whereRef('uses', '<', 'max_uses')
    .returningAll()
    .executeTakeFirst()
}

/** Links, newest first; those of long ago are left out. */
export function listSignUpLinks(db: Db, limit: number): Promise<SignUpLinkRow[]> {
  return db.selectFrom('sign_up_links').selectAll().orderBy('id', 'desc').limit(limit).execute()
}

/** Ends a link. False when there is none that goes on. */
export async function revokeSignUpLink(tx: Db, { id, at }: { id: string; at: number }): Promise<boolean> {
  const row = await tx
    .updateTable('sign_up_links')
    .set({ revoked_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Keeps a request, in the place of an earlier one of the same address. */
export async function upsertSignUpRequest(tx: Db, request: Insertable<SignUpRequestTable>): Promise<void> {
  const { name, note, created_at } = request
  await tx
    .insertInto('sign_up_requests')
    .values(request)
    .onConflict((conflict) => conflict.column('email_folded').doUpdateSet({ name, note, created_at }))
    .execute()
}

/** Has others that would ask for an account wait until the write ends. */
export async function lockSignUps(tx: Db): Promise<void> {
  await tx.selectFrom('installation').select('one').$call(forUpdate(tx)).execute()
}

/** How many requests wait. */
export async function countSignUpRequests(db: Db): Promise<number> {
  const { n } = await db
    .selectFrom('sign_up_requests')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return n
}

/** Requests that wait, oldest first, and whether somebody with that address is a user here already. */
export async function listSignUpRequests(
  db: Db,
  limit: number,
): Promise<(SignUpRequestRow & { readonly user_id: string | null })[]> {
  return db
    .selectFrom('sign_up_requests')
    .leftJoin('users', 'users.email_folded', 'sign_up_requests.email_folded')
    .selectAll('sign_up_requests')
    .select('users.id as user_id')
    .orderBy('sign_up_requests.created_at')
    .orderBy('sign_up_requests.id')
    .limit(limit)
    .execute()
}

/** Takes a request away. Undefined when it does not wait any more. */
export function deleteSignUpRequest(tx: Db, id: string): Promise<SignUpRequestRow | undefined> {
  return tx.deleteFrom('sign_up_requests').where('id', '=', id).returningAll().executeTakeFirst()
}
