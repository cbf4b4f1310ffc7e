import { sql, type Insertable, type Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { KeyTable } from '../db/schema.ts'
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

/** A key of the account by its public part. */
export function findKeyByPublicPart(db: Db, accountId: string, publicPart: string): Promise<KeyRow | undefined> {
  return db
    .selectFrom('keys')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('public_part', '=', publicPart)
    .executeTakeFirst()
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
  key: { id: string; secretHash: string; previousUntil: number; expiresAt: number | null; at: number },
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

const takeUseStatement = statement(
  (db, param: Placeholder<{ id: string; at: number; route: string; address: string | null }>) =>
    db
      .updateTable('keys')
      .set((eb) => ({
        uses: eb('uses', '+', 1),
        last_used_at: param('at'),
        last_used_route: param('route'),
        last_used_address: param('address'),
      }))
      .where('id', '=', param('id'))
      .where('revoked_at', 'is', null)
      .whereRef('uses', '<', 'max_uses'),
)

/** Takes one use of a key with max uses. False when none is left: the test and the count are one step. */
export async function takeUse(db: Db, id: string, use: Use): Promise<boolean> {
  return (await takeUseStatement.changes(db, { id, ...use })) === 1
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
