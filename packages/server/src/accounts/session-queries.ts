import type { Insertable, Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { PasswordResetTable, SessionTable } from '../db/people-tables.ts'

/** A row of the table of sessions. */
export type SessionRow = Selectable<SessionTable>

/** Keeps a new session. */
export async function insertSession(db: Db, session: Insertable<SessionTable>): Promise<void> {
  await db.insertInto('sessions').values(session).execute()
}

/** A session with its user, account and role, unless one of them is disabled or gone. */
export function findSession(db: Db, which: { secretHash: string } | { id: string; userId: string }) {
  const query = db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .innerJoin('members', (join) =>
      join.onRef('members.account_id', '=', 'sessions.account_id').onRef('members.user_id', '=', 'sessions.user_id'),
    )
    .selectAll('sessions')
    .select(['users.email', 'users.operator', 'members.role', 'accounts.name as account_name'])
    .where('users.disabled_at', 'is', null)
    .where('accounts.disabled_at', 'is', null)
  return 'secretHash' in which
    ? query.where('sessions.secret_hash', '=', which.secretHash).executeTakeFirst()
    : query.where('sessions.id', '=', which.id).where('sessions.user_id', '=', which.userId).executeTakeFirst()
}

/** A user's sessions that go on, latest first. */
export function listSessions(
  db: Db,
  userId: string,
  { now, idleSince }: { now: number; idleSince: number },
): Promise<SessionRow[]> {
  return db
    .selectFrom('sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .where('expires_at', '>', now)
    .where('last_used_at', '>', idleSince)
    .orderBy('id', 'desc')
    .execute()
}

/** Notes that a session was used. */
export async function touchSession(db: Db, id: string, at: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ last_used_at: at })
    .where('id', '=', id)
    .where('last_used_at', '<', at)
    .execute()
}

/** Points a session at another account. */
export async function updateSessionAccount(db: Db, id: string, accountId: string): Promise<void> {
  await db.updateTable('sessions').set({ account_id: accountId }).where('id', '=', id).execute()
}

/** Ends one session of a user. False when there is none. */
export async function deleteSession(db: Db, userId: string, id: string): Promise<boolean> {
  const row = await db
    .deleteFrom('sessions')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Ends the session with this secret, whosever it is. */
export async function deleteSessionBySecret(db: Db, secretHash: string): Promise<void> {
  await db.deleteFrom('sessions').where('secret_hash', '=', secretHash).execute()
}

/** Ends sessions: a user's (but one), or those that stand in an account (a user's or everybody's). */
export async function deleteSessions(
  db: Db,
  which: { userId: string; exceptId?: string } | { accountId: string; userId?: string },
): Promise<void> {
  let query = db.deleteFrom('sessions')
  if (which.userId !== undefined) query = query.where('user_id', '=', which.userId)
  if ('accountId' in which) query = query.where('account_id', '=', which.accountId)
  else if (which.exceptId !== undefined) query = query.where('id', '!=', which.exceptId)
  await query.execute()
}

/** Removes a user's sessions that are over. */
export async function deleteEndedSessions(
  db: Db,
  userId: string,
  { now, idleSince }: { now: number; idleSince: number },
) {
  await db
    .deleteFrom('sessions')
    .where('user_id', '=', userId)
    .where((eb) => eb.or([eb('expires_at', '<=', now), eb('last_used_at', '<=', idleSince)]))
    .execute()
}

/** Keeps a one-time password reset. */
export async function insertPasswordReset(db: Db, reset: Insertable<PasswordResetTable>): Promise<void> {
  await db.insertInto('password_resets').values(reset).execute()
}

/** A reset that waits; undefined when it is unknown, used or over. */
export function findPasswordReset(db: Db, tokenHash: string, now: number) {
  return db
    .selectFrom('password_resets')
    .select('user_id')
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
}

/** Uses a reset up: the user it is for, for exactly one caller in time. */
export async function takePasswordReset(db: Db, tokenHash: string, now: number): Promise<string | undefined> {
  const row = await db
    .updateTable('password_resets')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('user_id')
    .executeTakeFirst()
  return row?.user_id
}

/** Ends all resets of a user that wait. */
export async function endPasswordResets(db: Db, userId: string, now: number): Promise<void> {
  await db
    .updateTable('password_resets')
    .set({ used_at: now })
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .execute()
}
