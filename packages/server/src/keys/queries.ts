import { sql, type Insertable, type Selectable, type SqlBool } from 'kysely'
import type { Db } from '../db/database.ts'
import type { KeyTable } from '../db/key-tables.ts'
import { forShare, forUpdate } from '../db/for-update.ts'
import { statement, type Placeholder } from '../db/statement.ts'

/** A row of the table of keys. */
export type KeyRow = Selectable<KeyTable>

const findForCheck = statement((db, param: Placeholder<{ publicPart: string }>) =>
  db
    .selectFrom('keys')
    .innerJoin('accounts', 'accounts.id', 'keys.account_id')
    .selectAll('keys')
    .select('accounts.disabled_at as account_disabled_at')
    .where('keys.public_part', '=', param('publicPart')),
)

/** What checking a credential needs to know about a key. */
export async function findKeyForCheck(
  db: Db,
  publicPart: string,
): Promise<(KeyRow & { account_disabled_at: number | null }) | undefined> {
  const [row] = await findForCheck(db, { publicPart })
  return row
}

/** Keeps a new key. */
export async function insertKey(db: Db, row: Insertable<KeyTable>): Promise<void> {
  await db.insertInto('keys').values(row).execute()
}

/** A key of the account by our id. */
export function findKeyById(db: Db, accountId: string, id: string): Promise<KeyRow | undefined> {
  return db.selectFrom('keys').selectAll().where('account_id', '=', accountId).where('id', '=', id).executeTakeFirst()
}

/** Keys by our ids, the oldest first: of a tree whoever is above before whoever is below. */
export async function listKeysByIds(db: Db, ids: readonly string[]): Promise<KeyRow[]> {
  if (ids.length === 0) return []
  return db.selectFrom('keys').selectAll().where('id', 'in', ids).orderBy('id').execute()
}

/** As `listKeysByIds`; none of them can be ended until the write is over. */
export function lockKeys(tx: Db, ids: readonly string[]): Promise<KeyRow[]> {
  return tx.selectFrom('keys').selectAll().where('id', 'in', ids).orderBy('id').$call(forShare(tx)).execute()
}

/** Ends all keys below one that have not ended, and says how many. */
export async function markTreeRevoked(tx: Db, { account_id, id }: KeyRow, at: number): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('keys')
    .set({ revoked_at: at, updated_at: at })
    .where(isBelow(account_id, id))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** The condition on a row of `keys` that it stands below a key. */
export function isBelow(accountId: string, id: string) {
  return sql<SqlBool>`keys.id in (
    with recursive below (id) as (
      select id from keys where parent_id = ${id} and account_id = ${accountId}
      union
      select keys.id from keys join below on keys.parent_id = below.id
    )
    select id from below)`
}

/** A key of the account by its public part. */
export function findKeyByPublicPart(db: Db, accountId: string, publicPart: string): Promise<KeyRow | undefined> {
  return db
    .selectFrom('keys')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('public_part', '=', publicPart)
    .executeTakeFirst()
}

/** Keys of the account that a user made, and those made with these keys, and so on. */
export function listKeysMadeBy(db: Db, accountId: string, userId: string): Promise<KeyRow[]> {
  const made = sql`
    with recursive made (id) as (
      select id from keys where account_id = ${accountId} and created_by_user = ${userId}
      union
      select keys.id from keys join made on keys.created_by_key = made.id or keys.parent_id = made.id where keys.account_id = ${accountId}
    )
    select id from made`
  return db
    .selectFrom('keys')
    .selectAll()
    .where(sql<SqlBool>`id in (${made})`)
    .orderBy('id')
    .execute()
}

/** Ends a key. False when it was ended before. */
export async function markKeyRevoked(db: Db, id: string, at: number): Promise<boolean> {
  const row = await db
    .updateTable('keys')
    .set({ revoked_at: at, updated_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Gives a key another secret; the one it had until now stays good until `previousUntil`. False when it is revoked. */
export async function updateKeySecret(
  db: Db,
  key: { id: string; secretHash: string; previousUntil: number | null; expiresAt: number | null; at: number },
): Promise<boolean> {
  const row = await db
    .updateTable('keys')
    .set((eb) => ({
      previous_secret_hash: eb.ref('secret_hash'),
      previous_until: key.previousUntil,
      secret_hash: key.secretHash,
      expires_at: key.expiresAt,
      regenerated_at: key.at,
      updated_at: key.at,
    }))
    .where('id', '=', key.id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** A use of a key as it is counted. */
export interface Use {
  readonly at: number
  readonly route: string
  readonly address: string | null
}

/** A use of a key as it is taken of keys with max uses. */
export interface TakeUses {
  readonly id: string
  /** The keys with max uses among it and those above it. */
  readonly limitedBy: readonly string[]
}

/** As `takeUses` of one key, of all that have max uses among it and those above: as many as each has left. */
export async function takeUsesOfTree(tx: Db, { id, limitedBy }: TakeUses, wanted: number, use: Use): Promise<number> {
  const rows = await tx
    .selectFrom('keys')
    .select((eb) => eb('max_uses', '-', eb.ref('uses')).as('left'))
    .where('id', 'in', limitedBy)
    .where('revoked_at', 'is', null)
    .orderBy('id')
    .$call(forUpdate(tx))
    .execute()
  const least = rows.length < limitedBy.length ? 0 : Math.min(...rows.map(({ left }) => left ?? 0))
  const count = Math.max(0, Math.min(wanted, least))
  if (count === 0) return 0
  const others = limitedBy.filter((each) => each !== id)
  if (others.length > 0) {
    const add = tx.updateTable('keys').set((eb) => ({ uses: eb('uses', '+', count) }))
    await add.where('id', 'in', others).execute()
  }
  await addLimitedUses(tx, { id, count, ...use })
  return count
}

/** Adds to what was uploaded with these keys; gives back their bounds and what it is now. */
export function addUploadedBytes(
  tx: Db,
  ids: readonly string[],
  bytes: number,
): Promise<Pick<KeyRow, 'id' | 'name' | 'bounds' | 'uploaded_bytes'>[]> {
  return tx
    .updateTable('keys')
    .set((eb) => ({ uploaded_bytes: eb('uploaded_bytes', '+', bytes) }))
    .where('id', 'in', ids)
    .returning(['id', 'name', 'bounds', 'uploaded_bytes'])
    .execute()
}

const findUsesLeft = statement((db, param: Placeholder<{ id: string }>, dialect) => {
  const left = db
    .selectFrom('keys')
    .select((eb) => eb('max_uses', '-', eb.ref('uses')).as('left'))
    .where('id', '=', param('id'))
    .where('revoked_at', 'is', null)
    .where('max_uses', 'is not', null)
  return dialect === 'postgres' ? left.forUpdate() : left
})

const addLimitedUses = statement(
  (db, param: Placeholder<{ id: string; count: number; at: number; route: string; address: string | null }>) =>
    db
      .updateTable('keys')
      .set((eb) => ({
        uses: eb('uses', '+', param('count')),
        last_used_at: param('at'),
        last_used_route: param('route'),
        last_used_address: param('address'),
      }))
      .where('id', '=', param('id')),
)

/**
 * Takes up to `wanted` uses of a key with max uses, inside a write, and says how many there were: the row is locked
 * between the look and the count. `use` is the last of them.
 */
export async function takeUses(tx: Db, id: string, wanted: number, use: Use): Promise<number> {
  const [row] = await findUsesLeft(tx, { id })
  const count = Math.max(0, Math.min(wanted, row?.left ?? 0))
  if (count > 0) await addLimitedUses(tx, { id, count, ...use })
  return count
}

/** Adds uses counted in memory, many keys in one statement. The latest use wins, whatever the order of writing. */
export async function addUses(db: Db, uses: readonly (Use & { id: string; count: number })[]): Promise<void> {
  if (uses.length === 0) return
  const rows = uses.map(
    ({ id, count, at, route, address }) =>
      sql`(${id}, cast(${count} as bigint), cast(${at} as bigint), ${route}, cast(${address} as text))`,
  )
  await sql`
    with used (id, n, at, route, address) as (values ${sql.join(rows)})
    update keys set
      uses = uses + used.n,
      last_used_route = case when last_used_at > used.at then last_used_route else used.route end,
      last_used_address = case when last_used_at > used.at then last_used_address else used.address end,
      last_used_at = case when last_used_at > used.at then last_used_at else used.at end
    from used where keys.id = used.id`.execute(db)
}
