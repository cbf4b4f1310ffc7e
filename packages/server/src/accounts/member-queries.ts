import type { Insertable, Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { InviteTable, MemberTable } from '../db/people-tables.ts'

/** A row of the table of invites. */
export type InviteRow = Selectable<InviteTable>

/** Somebody in an account, with their address of mail. */
export type MemberRow = Awaited<ReturnType<typeof listMembers>>[number]

/** Makes a user part of an account. */
export async function insertMember(db: Db, member: Insertable<MemberTable>): Promise<void> {
  await db.insertInto('members').values(member).execute()
}

/** The people of an account, first come first. */
export function listMembers(db: Db, accountId: string) {
  return db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .select(['members.user_id', 'members.role', 'members.created_at', 'users.email'])
    .where('members.account_id', '=', accountId)
    .orderBy('members.created_at')
    .orderBy('members.user_id')
    .execute()
}

/** One of the people of an account. */
export function findMember(db: Db, accountId: string, userId: string) {
  return db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .select(['members.user_id', 'members.role', 'members.created_at', 'users.email'])
    .where('members.account_id', '=', accountId)
    .where('members.user_id', '=', userId)
    .executeTakeFirst()
}

/** How many owners an account has beside `userId`. */
export async function countOtherOwners(db: Db, accountId: string, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom('members')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('role', '=', 'owner')
    .where('user_id', '!=', userId)
    .executeTakeFirstOrThrow()
  return count
}

/** How many people an account has. */
export async function countMembers(db: Db, accountId: string): Promise<number> {
  const { count } = await db
    .selectFrom('members')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return count
}

/** Changes somebody's role. */
export async function updateMemberRole(db: Db, accountId: string, userId: string, role: string): Promise<void> {
  await db
    .updateTable('members')
    .set({ role })
    .where('account_id', '=', accountId)
    .where('user_id', '=', userId)
    .execute()
}

/** Takes somebody out of an account. */
export async function deleteMember(db: Db, accountId: string, userId: string): Promise<void> {
  await db.deleteFrom('members').where('account_id', '=', accountId).where('user_id', '=', userId).execute()
}

/** The accounts of a user that are not disabled, first joined first. */
export function listAccountsOfUser(db: Db, userId: string) {
  return db
    .selectFrom('members')
    .innerJoin('accounts', 'accounts.id', 'members.account_id')
    .select(['accounts.id', 'accounts.name', 'members.role'])
    .where('members.user_id', '=', userId)
    .where('accounts.disabled_at', 'is', null)
    .orderBy('members.created_at')
    .orderBy('accounts.id')
    .execute()
}

/** Keeps a new invite. */
export async function insertInvite(db: Db, invite: Insertable<InviteTable>): Promise<void> {
  await db.insertInto('invites').values(invite).execute()
}

/** An invite that still can be accepted, by the hash of its token. */
export function findInvite(db: Db, tokenHash: string, now: number): Promise<InviteRow | undefined> {
  return db
    .selectFrom('invites')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
}

/** The invites to an account that wait. */
export function listInvites(db: Db, accountId: string, now: number): Promise<InviteRow[]> {
  return db
    .selectFrom('invites')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('id')
    .execute()
}

/** Uses an invite up. True for exactly one caller. */
export async function markInviteAccepted(db: Db, id: string, at: number): Promise<boolean> {
  const row = await db
    .updateTable('invites')
    .set({ accepted_at: at })
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', at)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Withdraws an invite that waits. The one withdrawn, or undefined. */
export function deleteInvite(db: Db, accountId: string, id: string): Promise<InviteRow | undefined> {
  return db
    .deleteFrom('invites')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('accepted_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
}
