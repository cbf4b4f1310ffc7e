import type { Db } from '../db/database.ts'
import { insertMany } from '../db/insert-many.ts'
import { type Placeholder, statement } from '../db/statement.ts'

const insertLedgerRows = insertMany('pin_blocks', ['block_id', 'network', 'pin_id'], {
  onConflict: 'nothing',
  returning: ['block_id'],
})

/** Names blocks by a pin; those it names already are passed over. Returns how many are new. */
export async function insertPinBlocks(
  db: Db,
  { pinId, network, blockIds }: { pinId: string; network: number; blockIds: readonly number[] },
): Promise<number> {
  return insertPinBlockRows(
    db,
    blockIds.map((block_id) => ({ block_id, network, pin_id: pinId })),
  )
}

/** As `insertPinBlocks`, for several pins. */
export async function insertPinBlockRows(
  db: Db,
  rows: readonly { block_id: number; network: number; pin_id: string }[],
): Promise<number> {
  return (await insertLedgerRows(db, rows)).length
}

/** Block ids that a pin names, from behind `after` on. */
export const listPinBlocks = statement((db, param: Placeholder<{ pinId: string; after: number; limit: number }>) =>
  db
    .selectFrom('pin_blocks')
    .select('block_id')
    .where('pin_id', '=', param('pinId'))
    .where('block_id', '>', param('after'))
    .orderBy('block_id')
    .limit(param('limit')),
)

/** As `listPinBlocks`, with multihashes. */
export const listPinMultihashes = statement((db, param: Placeholder<{ pinId: string; after: number; limit: number }>) =>
  db
    .selectFrom('pin_blocks')
    .innerJoin('blocks', 'blocks.id', 'pin_blocks.block_id')
    .select(['blocks.id', 'blocks.multihash'])
    .where('pin_id', '=', param('pinId'))
    .where('block_id', '>', param('after'))
    .orderBy('block_id')
    .limit(param('limit')),
)

/** Has another pin name these blocks, a few thousand at most. */
export async function movePinBlocks(
  db: Db,
  { from, to, blockIds }: { from: string; to: string; blockIds: readonly number[] },
): Promise<void> {
  await db
    .updateTable('pin_blocks')
    .set({ pin_id: to })
    .where('pin_id', '=', from)
    .where('block_id', 'in', blockIds)
    .execute()
}

/** Ends the naming of all blocks up to `last` by a pin. */
export const deletePinBlocksUpTo = statement((db, param: Placeholder<{ pinId: string; last: number }>) =>
  db.deleteFrom('pin_blocks').where('pin_id', '=', param('pinId')).where('block_id', '<=', param('last')),
)

/** Moves a pin's rows from behind `after` up to `last` to another network. */
export const updatePinBlocksNetwork = statement(
  (db, param: Placeholder<{ pinId: string; network: number; after: number; last: number }>) =>
    db
      .updateTable('pin_blocks')
      .set({ network: param('network') })
      .where('pin_id', '=', param('pinId'))
      .where('block_id', '>', param('after'))
      .where('block_id', '<=', param('last')),
)

/** Some files that hold a pin which names this block. */
export function listFilesOfBlock(db: Db, { blockId, limit }: { blockId: number; limit: number }) {
  return db
    .selectFrom('pin_blocks')
    .innerJoin('files', 'files.pin_id', 'pin_blocks.pin_id')
    .select(['files.id', 'files.account_id', 'files.name'])
    .where('block_id', '=', blockId)
    .where('files.state', '=', 'held')
    .limit(limit)
    .execute()
}

/** How many blocks a pin names. */
export async function countPinBlocks(db: Db, pinId: string): Promise<number> {
  const { n } = await db
    .selectFrom('pin_blocks')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('pin_id', '=', pinId)
    .executeTakeFirstOrThrow()
  return n
}

/** The largest id of a block that the ledger names. */
export async function findLastBlockId(db: Db): Promise<number | undefined> {
  const row = await db
    .selectFrom('pin_blocks')
    .select('block_id')
    .orderBy('block_id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.block_id
}

/**
 * Deletes rows of the ledger, for block ids from behind `after` up to `last`, whose blocks the index has lost; only a
 * damaged database has such.
 */
export async function deleteLostPinBlocks(db: Db, { after, last }: { after: number; last: number }): Promise<void> {
  await db
    .deleteFrom('pin_blocks')
    .where('block_id', '>', after)
    .where('block_id', '<=', last)
    .where((eb) =>
      eb.not(eb.exists(db.selectFrom('blocks').select('id').whereRef('blocks.id', '=', eb.ref('pin_blocks.block_id')))),
    )
    .execute()
}

/** Corrects how many blocks a pin names. */
export async function updateNumberOfBlocks(
  db: Db,
  { id, numberOfBlocks }: { id: string; numberOfBlocks: number },
): Promise<void> {
  await db.updateTable('pins').set({ number_of_blocks: numberOfBlocks }).where('id', '=', id).execute()
}

/** How far this database has come. */
export async function findSequence(db: Db): Promise<number | undefined> {
  return (await db.selectFrom('installation').select('sequence').executeTakeFirst())?.sequence
}

/** One step further. */
export async function advanceSequence(db: Db): Promise<number> {
  const { sequence } = await db
    .updateTable('installation')
    .set((eb) => ({ sequence: eb('sequence', '+', 1) }))
    .returning('sequence')
    .executeTakeFirstOrThrow()
  return sequence
}

/** False when the ledger names blocks that the index has lost, as far as its first and its last row tell. */
export async function isIndexThere(db: Db): Promise<boolean> {
  for (const direction of ['asc', 'desc'] as const) {
    const row = await db
      .selectFrom('pin_blocks')
      .leftJoin('blocks', 'blocks.id', 'pin_blocks.block_id')
      .select('blocks.id')
      .orderBy('pin_blocks.block_id', direction)
      .limit(1)
      .executeTakeFirst()
    if (row !== undefined && row.id === null) return false
  }
  return true
}
