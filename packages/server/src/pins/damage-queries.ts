import { type Selectable, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { DamageTable } from '../db/pin-tables.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import { networkNumbers } from './network.ts'

/** A block that was found damaged, as it stands in the table. */
export type DamageRow = Selectable<DamageTable>

/** Keeps that a block is damaged. False when that was known already; one that was repaired is damaged anew. */
export async function insertDamage(
  tx: Db,
  damage: { blockId: number; cid: string; reason: string; foundBy: string; at: number },
): Promise<boolean> {
  const row = {
    cid: damage.cid,
    reason: damage.reason,
    found_by: damage.foundBy,
    found_at: damage.at,
    attempts: 0,
    tried_at: null,
    outcome: null,
    repaired_at: null,
    repaired_from: null,
  }
  const [inserted] = await tx
    .insertInto('damage')
    .values({ block_id: damage.blockId, ...row })
    .onConflict((conflict) => conflict.column('block_id').doUpdateSet(row).where('damage.repaired_at', 'is not', null))
    .returning('block_id')
    .execute()
  return inserted !== undefined
}

/** The blocks of these hashes are whole again, `from` there. Returns how many of them were not. */
export const markRepaired = statement((tx, param: Placeholder<{ multihash: Uint8Array; at: number; from: string }>) =>
  tx
    .updateTable('damage')
    .set({ repaired_at: param('at'), repaired_from: param('from') })
    .where('block_id', '=', tx.selectFrom('blocks').select('id').where('multihash', '=', param('multihash')))
    .where('repaired_at', 'is', null)
    .returning('block_id'),
)

/** Another copy of a damaged block was looked for in vain. */
export async function noteAttempt(
  tx: Db,
  { blockId, at, outcome }: { blockId: number; at: number; outcome: string },
): Promise<void> {
  await tx
    .updateTable('damage')
    .set((eb) => ({ attempts: eb('attempts', '+', 1), tried_at: at, outcome }))
    .where('block_id', '=', blockId)
    .where('repaired_at', 'is', null)
    .execute()
}

/** A damaged block that is not whole again, with its hash; undefined when there is none or its block is forgotten. */
export function findDamage(db: Db, blockId: number) {
  return db
    .selectFrom('damage')
    .innerJoin('blocks', 'blocks.id', 'damage.block_id')
    .select(['damage.block_id', 'damage.cid', 'damage.attempts', 'blocks.multihash'])
    .where('damage.block_id', '=', blockId)
    .where('damage.repaired_at', 'is', null)
    .executeTakeFirst()
}

const open = (db: Db) =>
  db.selectFrom('damage').innerJoin('blocks', 'blocks.id', 'damage.block_id').where('damage.repaired_at', 'is', null)

/** Blocks that are damaged now, the first found first. */
export function listDamage(db: Db, limit: number) {
  return open(db)
    .selectAll('damage')
    .select('blocks.multihash')
    .orderBy('damage.found_at')
    .orderBy('damage.block_id')
    .limit(limit)
    .execute()
}

/** How many blocks are damaged now. */
export async function countDamage(db: Db): Promise<number> {
  const { n } = await open(db)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return n
}

/** Blocks that were damaged and are whole again, the last repaired first. */
export function listRepaired(db: Db, limit: number): Promise<DamageRow[]> {
  return db
    .selectFrom('damage')
    .selectAll()
    .where('repaired_at', 'is not', null)
    .orderBy('repaired_at', 'desc')
    .limit(limit)
    .execute()
}

/** Forgets damage of blocks that nobody needs any more, and what was repaired before `before`. */
export async function deleteOldDamage(tx: Db, before: number): Promise<void> {
  await tx
    .deleteFrom('damage')
    .where((eb) =>
      eb.or([
        eb('repaired_at', '<', before),
        eb.not(
          eb.exists(
            eb.selectFrom('blocks').select('blocks.id').where('blocks.id', '=', sql.ref<number>('damage.block_id')),
          ),
        ),
      ]),
    )
    .execute()
}

/** Some accounts with a file that needs this block. */
export async function listOwners(db: Db, { blockId, limit }: { blockId: number; limit: number }): Promise<string[]> {
  const rows = await db
    .selectFrom('pin_blocks')
    .innerJoin('files', 'files.pin_id', 'pin_blocks.pin_id')
    .select('files.account_id')
    .distinct()
    .where('block_id', '=', blockId)
    .where('files.state', '=', 'held')
    .limit(limit)
    .execute()
  return rows.map(({ account_id }) => account_id)
}

/** Some files of the account that need this block. */
export async function listFilesOfOwner(
  db: Db,
  { blockId, accountId, limit }: { blockId: number; accountId: string; limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('pin_blocks')
    .innerJoin('files', 'files.pin_id', 'pin_blocks.pin_id')
    .select('files.id')
    .where('block_id', '=', blockId)
    .where('files.account_id', '=', accountId)
    .where('files.state', '=', 'held')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** The root of a public pin that names this block. */
export async function findPublicRoot(
  db: Db,
  blockId: number,
): Promise<{ multihash: Uint8Array; codec: number } | undefined> {
  const row = await db
    .selectFrom('pin_blocks')
    .innerJoin('pins', 'pins.id', 'pin_blocks.pin_id')
    .select(['pins.multihash', 'pins.codec'])
    .where('pin_blocks.block_id', '=', blockId)
    .where('pin_blocks.network', '=', networkNumbers.public)
    .where('pins.state', '=', sql.lit('pinned'))
    .limit(1)
    .executeTakeFirst()
  return row === undefined || row.multihash === null ? undefined : { multihash: row.multihash, codec: row.codec }
}

/** How many blocks of a pin are damaged now. */
export const countDamageOfPin = statement((db, param: Placeholder<{ pinId: string }>) =>
  db
    .selectFrom('damage')
    .innerJoin('pin_blocks', 'pin_blocks.block_id', 'damage.block_id')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('damage.repaired_at', 'is', null)
    .where('pin_blocks.pin_id', '=', param('pinId')),
)
