import { sql, type Insertable, type Selectable, type Updateable } from 'kysely'
import type { Db } from '../db/database.ts'
import { forUpdate } from '../db/for-update.ts'
import type { AccountTable, InstallationTable, UserTable } from '../db/people-tables.ts'
import { escapeLike, foldText } from '../lib/fold.ts'

/** A row of the table of users. */
export type UserRow = Selectable<UserTable>

/** An account with its totals over both networks. */
export type AccountRow = Omit<Selectable<AccountTable>, 'events_until'> & { used_bytes: number; files: number }

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
    .values({
      one: 1,
      id,
      created_at: at,
      set_up_at: null,
      setup_token_hash: null,
      network: 'local',
      sequence: 0,
      node: null,
    })
    .onConflict((conflict) => conflict.column('one').doNothing())
    .execute()
}

/** Sets the hash of the set-up token, unless set-up is over. */
export async function updateSetupToken(db: Db, tokenHash: string): Promise<void> {
  await db.updateTable('installation').set({ setup_token_hash: tokenHash }).where('set_up_at', 'is', null).execute()
}

/** What the process that runs the IPFS node says of it, as JSON; null before there was one. */
export async function findNodeFacts(db: Db): Promise<string | null> {
  return (await db.selectFrom('installation').select('node').executeTakeFirst())?.node ?? null
}

/** Has the other processes know what the IPFS node is like, as JSON. */
export async function updateNodeFacts(db: Db, facts: string): Promise<void> {
  await db.updateTable('installation').set({ node: facts }).execute()
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

/** Keeps a new user. False when the address of mail is taken, also by whoever was faster at the same moment. */
export async function insertUser(
  db: Db,
  user: { id: string; email: string; passwordHash: string; operator: boolean; at: number },
): Promise<boolean> {
  const kept = await db
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
    .onConflict((conflict) => conflict.column('email_folded').doNothing())
    .returning('id')
    .executeTakeFirst()
  return kept !== undefined
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
  change: Pick<
    Updateable<AccountTable>,
    'name' | 'quota_bytes' | 'public_content' | 'disabled_at' | 'pin_policy' | 'egress_quota_bytes'
  >,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await db.updateTable('accounts').set(change).where('id', '=', id).execute()
}

/** Who has served all that they may this month may be others now: every process looks anew. To be done last in a write. */
export async function noteEgressChange(tx: Db): Promise<void> {
  await tx
    .updateTable('installation')
    .set((eb) => ({ egress_changes: eb('egress_changes', '+', 1) }))
    .execute()
}

/** Holds an account's row until the end of the transaction, so that decisions about its people are made one by one. */
export async function lockAccount(db: Db, id: string): Promise<void> {
  await db.selectFrom('accounts').select('id').where('id', '=', id).$call(forUpdate(db)).execute()
}
