import { sql, type Insertable, type Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import { dialectOf } from '../db/runner.ts'
import type {
  AccountTable,
  InstallationTable,
  InviteTable,
  MemberTable,
  PasswordResetTable,
  SessionTable,
  UserTable,
} from '../db/schema.ts'
import { escapeLike, foldText } from '../lib/fold.ts'

/** Rows of this folder's tables. */
export type UserRow = Selectable<UserTable>
export type AccountRow = Selectable<AccountTable> & { used_bytes: number; files: number }
export type SessionRow = Selectable<SessionTable>
export type InviteRow = Selectable<InviteTable>
export type MemberRow = Awaited<ReturnType<typeof listMembers>>[number]

/** Lower case and trimmed, in one Unicode form: what addresses of mail are compared by. */
export function foldEmail(email: string): string {
  return foldText(email.trim())
}

/** This installation; undefined before the first start is over. */
export function findInstallation(db: Db): Promise<Selectable<InstallationTable> | undefined> {
  return db.selectFrom('installation').selectAll().executeTakeFirst()
}

/** Makes the one row of the installation unless it is there. */
export async function insertInstallation(db: Db, { id, at }: { id: string; at: number }): Promise<void> {
  await db
    .insertInto('installation')
    .values({ one: 1, id, created_at: at, set_up_at: null, setup_token_hash: null, network: 'local', sequence: 0 })
    .onConflict((conflict) => conflict.column('one').doNothing())
    .execute()
}

/** Sets the hash of the set-up token, unless set-up is over. */
export async function updateSetupToken(db: Db, tokenHash: string): Promise<void> {
  await db.updateTable('installation').set({ setup_token_hash: tokenHash }).where('set_up_at', 'is', null).execute()
}

/** Ends set-up. True for exactly one caller with the right token, however many ask at once. */
export async function markSetUp(
  db: Db,
  { tokenHash, network, at }: { tokenHash: string; network: string; at: number },
) {
  const row = await db
    .updateTable('installation')
    .set({ set_up_at: at, setup_token_hash: null, network })
    .where('set_up_at', 'is', null)
    .where('setup_token_hash', '=', tokenHash)
    .returning('one')
    .executeTakeFirst()
  return row !== undefined
}

/** A user by address of mail. */
export function findUserByEmail(db: Db, email: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('email_folded', '=', foldEmail(email)).executeTakeFirst()
}

/** A user by id. */
export function findUser(db: Db, id: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Keeps a new user. Throws a unique violation when the address of mail is taken. */
export async function insertUser(
  db: Db,
  user: { id: string; email: string; passwordHash: string; operator: boolean; at: number },
): Promise<void> {
  await db
    .insertInto('users')
    .values({
      id: user.id,
      email: user.email.trim(),
      email_folded: foldEmail(user.email),
      password_hash: user.passwordHash,
      operator: user.operator ? 1 : 0,
      created_at: user.at,
      disabled_at: null,
    })
    .execute()
}

/** Sets a user's password. */
export async function updatePassword(db: Db, userId: string, passwordHash: string): Promise<void> {
  await db.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', userId).execute()
}

/** Keeps a new account, with nothing in it. */
export async function insertAccount(db: Db, account: Insertable<AccountTable>): Promise<void> {
  await db.insertInto('accounts').values(account).execute()
}

function selectAccounts(db: Db) {
  return db
    .selectFrom('accounts')
    .selectAll('accounts')
    .select((eb) => [
      eb
        .selectFrom('account_totals')
        .select(sql<number>`coalesce(sum(bytes), 0)`.as('bytes'))
        .whereRef('account_totals.account_id', '=', 'accounts.id')
        .$asScalar()
        .$notNull()
        .as('used_bytes'),
      eb
        .selectFrom('account_totals')
        .select(sql<number>`coalesce(sum(files), 0)`.as('files'))
        .whereRef('account_totals.account_id', '=', 'accounts.id')
        .$asScalar()
        .$notNull()
        .as('files'),
    ])
}

/** An account with its totals. */
export function findAccount(db: Db, id: string): Promise<AccountRow | undefined> {
  return selectAccounts(db).where('accounts.id', '=', id).executeTakeFirst()
}

/** Accounts, newest first, from after `before`. */
export function listAccounts(
  db: Db,
  {
    name,
    disabled,
    before,
    limit,
  }: { name?: string | undefined; disabled?: boolean | undefined; before?: string | undefined; limit: number },
): Promise<AccountRow[]> {
  let query = selectAccounts(db).orderBy('accounts.id', 'desc').limit(limit)
  if (name !== undefined) {
    query = query.where(sql<boolean>`lower(accounts.name) like ${`%${escapeLike(foldText(name))}%`} escape '\\'`)
  }
  if (disabled !== undefined) query = query.where('disabled_at', disabled ? 'is not' : 'is', null)
  if (before !== undefined) query = query.where('accounts.id', '<', before)
  return query.execute()
}

/** Changes what is given of an account. */
export async function updateAccount(
  db: Db,
  id: string,
  change: Partial<Pick<AccountTable, 'name' | 'quota_bytes' | 'public_content' | 'disabled_at'>>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await db.updateTable('accounts').set(change).where('id', '=', id).execute()
}

/** Holds an account's row until the end of the transaction, so that decisions about its people are made one by one. */
export async function lockAccount(db: Db, id: string): Promise<void> {
  // SQLite writes one transaction at a time anyway.
  if (dialectOf(db) === 'postgres')
    await db.selectFrom('accounts').select('id').where('id', '=', id).forUpdate().execute()
}

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
