import { sql, type SqlBool } from 'kysely'
import type { PackLocation } from '../blobs/blob-store.ts'
import type { Reach } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { forUpdate } from '../db/for-update.ts'
import { gatheredRead } from '../db/gathered-reads.ts'
import { insertMany } from '../db/insert-many.ts'
import { listStatement } from '../db/list-statement.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { withinReach } from '../keys/reach.ts'
import { markRepaired } from './damage-queries.ts'
import { networkNumbers } from './network.ts'

/** A stored block: its id and where its payload lies. */
export interface StoredBlock extends PackLocation {
  readonly id: number
}

// Blocks.

/** The stored ones among these multihashes, whoever they belong to: for writing, not for reading. */
export const findBlocks = gatheredRead(
  listStatement((db, multihashes: Uint8Array[]) =>
    db
      .selectFrom('blocks')
      .select(['id', 'multihash', 'pack_id', 'offset', 'length'])
      .where('multihash', 'in', multihashes),
  ),
  { keyOfValue: multihashKey, keyOfRow: ({ multihash }) => multihashKey(multihash) },
)

const isLive = (db: Db) =>
  db
    .selectFrom('pin_blocks')
    .select('pin_blocks.block_id')
    .where('pin_blocks.block_id', '=', sql.ref<number>('blocks.id'))

/**
 * The ones among these ids that no row of the ledger names, in a write: on PostgreSQL nobody names one of them before its
 * end, and `deleteDead` sees who did before.
 */
export const listDead = listStatement((tx, ids: number[], dialect) => {
  const dead = tx
    .selectFrom('blocks')
    .innerJoin('packs', 'packs.id', 'blocks.pack_id')
    .select(['blocks.id', 'blocks.multihash', 'blocks.length', 'packs.name as pack'])
    .where('blocks.id', 'in', ids)
    .where((eb) => eb.not(eb.exists(isLive(tx))))
    .orderBy('blocks.id')
  return dialect === 'postgres' ? dead.forUpdate('blocks') : dead
})

/** Forgets blocks that no row of the ledger names. Returns the ids of those that were forgotten. */
export const deleteDead = listStatement((db, ids: number[]) =>
  db
    .deleteFrom('blocks')
    .where('id', 'in', ids)
    .where((eb) => eb.not(eb.exists(isLive(db))))
    .returning('id'),
)

/** Blocks of a pack in the order they lie there, from behind `after` on, and whether a row of the ledger names them. */
export const listBlocksOfPack = statement((db, param: Placeholder<{ packId: number; after: number; limit: number }>) =>
  db
    .selectFrom('blocks')
    .select(['id', 'multihash', 'offset', 'length'])
    .select((eb) =>
      eb
        .case()
        .when(eb.exists(isLive(db)))
        .then(1)
        .else(0)
        .end()
        .as('live'),
    )
    .where('pack_id', '=', param('packId'))
    .where('offset', '>', param('after'))
    .orderBy('offset')
    .limit(param('limit')),
)

/** The block that lies last in a pack. */
export const findLastBlock = statement((db, param: Placeholder<{ packId: number }>) =>
  db
    .selectFrom('blocks')
    .select(['id', 'offset', 'length', 'multihash'])
    .where('pack_id', '=', param('packId'))
    .orderBy('offset', 'desc')
    .limit(1),
)

const insertBlockRows = insertMany('blocks', ['multihash', 'pack_id', 'offset', 'length'], {
  onConflict: 'nothing',
  returning: ['id', 'multihash'],
})

/** As `findBlocks`, inside a write: on PostgreSQL they then stay until its end. */
export const lockBlocks = listStatement((db, multihashes: Uint8Array[], dialect) => {
  const found = db.selectFrom('blocks').select(['id', 'multihash']).where('multihash', 'in', multihashes)
  return dialect === 'postgres' ? found.forKeyShare() : found
})

/** Keeps where new blocks lie and returns their ids by `multihashKey`. One that is stored already stays where it was. */
export async function insertBlocks(
  db: Db,
  blocks: readonly { multihash: Uint8Array; pack_id: number; offset: number; length: number }[],
): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  for (let missing = blocks; ;) {
    const inserted = await insertBlockRows(db, missing)
    for (const { id, multihash } of inserted) ids.set(multihashKey(multihash), id)
    if (inserted.length === missing.length) return ids
    const stored = await lockBlocks(
      db,
      missing.map((block) => block.multihash),
    )
    for (const { id, multihash } of stored) ids.set(multihashKey(multihash), id)
    // Taken away between the two statements, which only another transaction can do.
    missing = missing.filter(({ multihash }) => !ids.has(multihashKey(multihash)))
  }
}

/** Has stored blocks lie elsewhere, because where they were they are damaged; `from`: where the whole ones came from. */
export async function replaceBlocks(
  db: Db,
  blocks: readonly { multihash: Uint8Array; pack_id: number; offset: number }[],
  { at, from }: { at: number; from: string | undefined },
): Promise<void> {
  for (const { multihash, pack_id, offset } of blocks) {
    await db.updateTable('blocks').set({ pack_id, offset }).where('multihash', '=', multihash).execute()
    if (from !== undefined) await markRepaired(db, { multihash, at, from })
  }
}

/** Moves blocks that lie in `from`, all at once. Returns how many did. */
export async function moveBlocks(
  db: Db,
  { from, to }: { from: number; to: readonly { id: number; packId: number; offset: number }[] },
): Promise<number> {
  let moved = 0
  for (let at = 0; at < to.length; at += 64) {
    const rows = to
      .slice(at, at + 64)
      .map(
        ({ id, packId, offset }) => sql`(cast(${id} as bigint), cast(${packId} as bigint), cast(${offset} as bigint))`,
      )
    const { numAffectedRows } = await sql`
      with moved (id, pack_id, at) as (values ${sql.join(rows)})
      update blocks set pack_id = moved.pack_id, "offset" = moved.at
      from moved where blocks.id = moved.id and blocks.pack_id = ${from}`.execute(db)
    moved += Number(numAffectedRows)
  }
  return moved
}

// Packs.

const findPack = statement((db, param: Placeholder<{ name: string }>) =>
  db.selectFrom('packs').select('id').where('name', '=', param('name')),
)
const insertPackRow = insertMany('packs', ['name', 'writer_id', 'created_at', 'emptied_at'], { onConflict: 'nothing' })

/** The id of a pack, which is made known when it was not. */
export async function getPackId(db: Db, pack: { name: string; writerId: string; at: number }): Promise<number> {
  const [known] = await findPack(db, pack)
  if (known !== undefined) return known.id
  await insertPackRow(db, [{ name: pack.name, writer_id: pack.writerId, created_at: pack.at, emptied_at: null }])
  const [made] = await findPack(db, pack)
  if (made === undefined) throw new Error(`Pack ${pack.name} was made known and is not`)
  return made.id
}

/** Every pack that the ledger knows. */
export function listPacks(db: Db) {
  return db.selectFrom('packs').selectAll().orderBy('id').execute()
}

/**
 * The block that lies last in a pack. On PostgreSQL it waits for writes that are about to name one: whose process died
 * while it committed is over then.
 */
export async function findLastBlockForGood(tx: Db, packId: number) {
  await tx.selectFrom('packs').select('id').where('id', '=', packId).$call(forUpdate(tx)).execute()
  const [last] = await findLastBlock(tx, { packId })
  return last
}

/** Marks a pack that no block lies in any more: its file may go. False when one does. */
export async function markEmptied(db: Db, { id, at }: { id: number; at: number }): Promise<boolean> {
  if ((await findLastBlockForGood(db, id)) !== undefined) return false
  await db.updateTable('packs').set({ emptied_at: at }).where('id', '=', id).execute()
  return true
}

/** Adds bytes that died in packs, by name, for whoever compacts them. */
export async function addDeadBytes(db: Db, died: ReadonlyMap<string, number>): Promise<void> {
  // In the order of names, so that two processes do not wait for each other's rows.
  for (const [name, bytes] of [...died].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    await db
      .updateTable('packs')
      .set((eb) => ({ dead_bytes: eb('dead_bytes', '+', bytes) }))
      .where('name', '=', name)
      .execute()
  }
}

/** Packs in which bytes died, of any writer. */
export function listDied(db: Db) {
  return db.selectFrom('packs').select(['name', 'writer_id', 'dead_bytes']).where('dead_bytes', '>', 0).execute()
}

/** Forgets a pack whose file is gone. */
export async function deletePack(db: Db, id: number): Promise<void> {
  await db.deleteFrom('packs').where('id', '=', id).execute()
}

// Reading.

const placeOfBlock = (db: Db) =>
  db
    .selectFrom('blocks')
    .innerJoin('packs', 'packs.id', 'blocks.pack_id')
    .select(['blocks.id', 'packs.name as pack', 'blocks.offset', 'blocks.length'])

/** Where a block of a public pin lies; none when no public pin names it. */
export const findPublicBlock = statement((db, param: Placeholder<{ multihash: Uint8Array }>) =>
  placeOfBlock(db)
    .where('blocks.multihash', '=', param('multihash'))
    .where((eb) =>
      eb.exists(
        isLive(db)
          .innerJoin('pins', 'pins.id', 'pin_blocks.pin_id')
          .where('pin_blocks.network', '=', networkNumbers.public)
          .where('pins.state', '=', sql.lit('pinned')),
      ),
    ),
)

/** Where a block of one pin lies; none when that pin does not name it. */
export const findBlockOfPin = statement(
  (db, param: Placeholder<{ multihash: Uint8Array; pinId: string; network: number }>) =>
    placeOfBlock(db)
      .where('blocks.multihash', '=', param('multihash'))
      .where((eb) =>
        eb.exists(
          isLive(db).where('pin_blocks.network', '=', param('network')).where('pin_blocks.pin_id', '=', param('pinId')),
        ),
      ),
)

/** Where a block lies, whoever it belongs to. */
export const findPlace = statement((db, param: Placeholder<{ multihash: Uint8Array }>) =>
  placeOfBlock(db).where('blocks.multihash', '=', param('multihash')),
)

/**
 * Looks whether one of the first `limit` pins behind `after` that name a block on the private network is held by the
 * account. `last` is null when there was none to look at.
 */
export function findHeld(
  db: Db,
  key: HeldBlock,
  reach: Reach | undefined,
): Promise<{ last: string | null; held: number }[]> {
  if (reach === undefined) return findHeldBy(db, key)
  return heldBy(db, (name) => key[name], reach).execute()
}

type HeldBlock = { blockId: number; accountId: string; after: string; limit: number }

const heldBy = (db: Db, param: Placeholder<HeldBlock>, reach?: Reach) =>
  db
    .selectFrom(
      db
        .selectFrom('pin_blocks')
        .select('pin_id')
        .where('block_id', '=', param('blockId'))
        .where('network', '=', networkNumbers.private)
        .where('pin_id', '>', param('after'))
        .orderBy('pin_id')
        .limit(param('limit'))
        .as('some'),
    )
    .leftJoin('files', (join) =>
      join
        .onRef('files.pin_id', '=', 'some.pin_id')
        .on('files.account_id', '=', param('accountId'))
        .on('files.state', '=', 'held')
        .on(reach === undefined ? sql<SqlBool>`true` : withinReach(reach)),
    )
    .select((eb) => [eb.fn.max('some.pin_id').as('last'), eb.fn.count<number>('files.id').as('held')])

const findHeldBy = statement((db, param: Placeholder<HeldBlock>) => heldBy(db, param))
