import { sql, type Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { KeyRefusalTable } from '../db/key-tables.ts'

/** Uses of a key on a day by a row of the route table. */
export interface UseDay {
  readonly keyId: string
  /** Days since 1970, UTC. */
  readonly day: number
  readonly route: string
  readonly uses: number
}

/** Refusals of a key that are alike. */
export type KeyRefusal = Selectable<KeyRefusalTable>

/** How many are kept of a key: the latest. */
export const maxRefusals = 50

/** Adds to the uses by day. */
export async function addUseDays(tx: Db, uses: readonly UseDay[]): Promise<void> {
  if (uses.length === 0) return
  await tx
    .insertInto('key_use_days')
    .values(uses.map(({ keyId, day, route, uses: count }) => ({ key_id: keyId, day, route, uses: count })))
    .onConflict((conflict) =>
      conflict
        .columns(['key_id', 'day', 'route'])
        .doUpdateSet((eb) => ({ uses: eb('key_use_days.uses', '+', eb.ref('excluded.uses')) })),
    )
    .execute()
}

/** Uses of a key since a day, by day and route. */
export async function listUseDays(db: Db, keyId: string, from: number): Promise<Omit<UseDay, 'keyId'>[]> {
  return db
    .selectFrom('key_use_days')
    .select(['day', 'route', 'uses'])
    .where('key_id', '=', keyId)
    .where('day', '>=', from)
    .orderBy('day')
    .orderBy('route')
    .execute()
}

/** The first day of which uses are known, of any key: before it nothing was counted. */
export async function findFirstUseDay(db: Db): Promise<number | undefined> {
  const row = await db.selectFrom('key_use_days').select((eb) => eb.fn.min<number | null>('day').as('day')).executeTakeFirst() // prettier-ignore
  return row?.day ?? undefined
}

/** Adds refusals of one key, and leaves the latest `maxRefusals`. */
export async function addRefusals(tx: Db, keyId: string, refusals: readonly KeyRefusal[]): Promise<void> {
  if (refusals.length === 0) return
  await tx
    .insertInto('key_refusals')
    .values([...refusals])
    .onConflict((conflict) =>
      conflict.columns(['key_id', 'reason', 'route']).doUpdateSet((eb) => ({
        message: eb.ref('excluded.message'),
        scope: eb.ref('excluded.scope'),
        count: eb('key_refusals.count', '+', eb.ref('excluded.count')),
        last_at: eb.ref('excluded.last_at'),
      })),
    )
    .execute()
  await sql`
    delete from key_refusals where key_id = ${keyId} and (reason, route) not in (
      select reason, route from key_refusals where key_id = ${keyId}
      order by last_at desc, reason, route limit ${maxRefusals})`.execute(tx)
}

/** Refusals of a key, the latest first. */
export function listRefusals(db: Db, keyId: string): Promise<KeyRefusal[]> {
  return db
    .selectFrom('key_refusals')
    .selectAll()
    .where('key_id', '=', keyId)
    .orderBy('last_at', 'desc')
    .orderBy('reason')
    .orderBy('route')
    .limit(maxRefusals)
    .execute()
}

/** Forgets uses before a day and refusals that ended before a time. */
export async function deleteKeyRecords(tx: Db, before: { day: number; at: number }): Promise<void> {
  await tx.deleteFrom('key_use_days').where('day', '<', before.day).execute()
  await tx.deleteFrom('key_refusals').where('last_at', '<', before.at).execute()
}
