import type { Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { DenialTable } from '../db/people-tables.ts'

/** A denial as it stands in the table. */
export type DenialRow = Selectable<DenialTable>

/** How many changes there were so far. */
export async function findLastChange(db: Db): Promise<number> {
  return (await db.selectFrom('installation').select('denial_changes').executeTakeFirst())?.denial_changes ?? 0
}

/** Denials made, changed or lifted after a change, oldest first. */
export function listChanges(db: Db, after: number): Promise<DenialRow[]> {
  return db.selectFrom('denials').selectAll().where('change', '>', after).orderBy('change').execute()
}

/** A denial that holds; undefined when there is none. */
export function findDenial(db: Db, multihash: Uint8Array): Promise<DenialRow | undefined> {
  return db
    .selectFrom('denials')
    .selectAll()
    .where('multihash', '=', multihash)
    .where('lifted_at', 'is', null)
    .executeTakeFirst()
}

/** Denials, changed last first. */
export function listDenials(
  db: Db,
  { lifted, before, limit }: { lifted: boolean; before: number | undefined; limit: number },
): Promise<DenialRow[]> {
  let query = db
    .selectFrom('denials')
    .selectAll()
    .where('lifted_at', lifted ? 'is not' : 'is', null)
    .orderBy('change', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('change', '<', before)
  return query.execute()
}

/** Keeps a denial, in the place of an earlier one of the same content. */
export async function upsertDenial(tx: Db, denial: Omit<DenialRow, 'change' | 'lifted_at'>): Promise<void> {
  const row = { ...denial, lifted_at: null, change: await nextChange(tx) }
  const { multihash: _multihash, ...changed } = row
  await tx
    .insertInto('denials')
    .values(row)
    .onConflict((conflict) => conflict.column('multihash').doUpdateSet(changed))
    .execute()
}

/** Ends a denial. Gives it back as it was; undefined when there was none. */
export async function liftDenial(
  tx: Db,
  { multihash, at }: { multihash: Uint8Array; at: number },
): Promise<DenialRow | undefined> {
  const change = await nextChange(tx)
  return tx
    .updateTable('denials')
    .set({ lifted_at: at, change })
    .where('multihash', '=', multihash)
    .where('lifted_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

/** Locks the row until the commit, so that numbers are seen in their order. */
async function nextChange(tx: Db): Promise<number> {
  const { denial_changes: change } = await tx
    .updateTable('installation')
    .set((eb) => ({ denial_changes: eb('denial_changes', '+', 1) }))
    .returning('denial_changes')
    .executeTakeFirstOrThrow()
  return change
}

/** How many files with this root each account has, those with most first. */
export function countHolders(db: Db, { multihash, limit }: { multihash: Uint8Array; limit: number }) {
  return db
    .selectFrom('files')
    .select(['account_id', (eb) => eb.fn.countAll<number>().as('files')])
    .where('multihash', '=', multihash)
    .where('state', '=', 'held')
    .groupBy('account_id')
    .orderBy('files', 'desc')
    .orderBy('account_id')
    .limit(limit)
    .execute()
}

/** How many published pins name the block with this hash, up to `limit`. */
export async function countPinsWith(db: Db, { multihash, limit }: { multihash: Uint8Array; limit: number }) {
  const some = db
    .selectFrom('pin_blocks')
    .innerJoin('pins', 'pins.id', 'pin_blocks.pin_id')
    .select('pin_id')
    .where('state', '=', 'pinned')
    .where('block_id', '=', db.selectFrom('blocks').select('id').where('multihash', '=', multihash))
    .limit(limit)
    .as('some')
  const { pins } = await db
    .selectFrom(some)
    .select((eb) => eb.fn.countAll<number>().as('pins'))
    .executeTakeFirstOrThrow()
  return pins
}
