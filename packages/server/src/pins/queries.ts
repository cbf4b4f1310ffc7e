import { type Selectable, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { insertMany } from '../db/insert-many.ts'
import type { PinTable } from '../db/pin-tables.ts'
import { type Placeholder, statement } from '../db/statement.ts'

/** A root as pins are unique on it. */
interface Root {
  readonly multihash: Uint8Array
  readonly codec: number
  readonly network: number
}

// Pins.

/**
 * One more holder of the pin of a root; none when there is no such pin. One whose last holder went away comes back as
 * long as its ledger is whole, which its root says: collecting begins by taking that off.
 */
export function addHolder(
  tx: Db,
  { network, ...root }: { multihash: Uint8Array; codec: number; network: number },
): Promise<HeldPin[]> {
  return network === 1 ? addHolderIn.public(tx, root) : addHolderIn.private(tx, root)
}

/** What is known of a pin that has a holder more. */
type HeldPin = Pick<Selectable<PinTable>, 'id' | 'size_bytes' | 'number_of_files' | 'mime_type'>

// Network and states are spelled out: for a bound value that an index says something about, SQLite prepares the
// statement anew each time, ten times its cost.
const addHolderOn = (network: 0 | 1) =>
  statement((db, param: Placeholder<{ multihash: Uint8Array; codec: number }>) =>
    db
      .updateTable('pins')
      .set((eb) => ({
        holders: eb('holders', '+', 1),
        state: 'pinned',
        // One that comes back was perhaps withdrawn.
        announce_at: eb.case().when('state', '=', sql.lit('releasing')).then(0).else(eb.ref('announce_at')).end(),
      }))
      .where('multihash', '=', param('multihash'))
      .where('codec', '=', param('codec'))
      .where('network', '=', sql.lit(network))
      .where('state', 'in', [sql.lit('pinned'), sql.lit('releasing')])
      .returning(['id', 'size_bytes', 'number_of_files', 'mime_type']),
  )

const addHolderIn = { private: addHolderOn(0), public: addHolderOn(1) }

/** More holders of a published pin. */
export const addHolders = statement((db, param: Placeholder<{ id: string; holders: number }>) =>
  db
    .updateTable('pins')
    .set((eb) => ({ holders: eb('holders', '+', param('holders')) }))
    .where('id', '=', param('id'))
    .where('state', '=', sql.lit('pinned')),
)

/** The id of the public pin of a root, when there is one. */
export const findPublicPin = statement((db, param: Placeholder<{ multihash: Uint8Array; codec: number }>) =>
  db
    .selectFrom('pins')
    .select('id')
    .where('multihash', '=', param('multihash'))
    .where('codec', '=', param('codec'))
    .where('network', '=', sql.lit(1))
    .where('state', '=', sql.lit('pinned')),
)

/** One holder less. The pin without holders is `releasing` from then on: nobody sees it, and it will be collected. */
export const removeHolder = statement((db, param: Placeholder<{ id: string }>) =>
  db
    .updateTable('pins')
    .set((eb) => ({
      holders: eb('holders', '-', 1),
      state: eb.case().when('holders', '=', 1).then('releasing').else(eb.ref('state')).end(),
    }))
    .where('id', '=', param('id'))
    .where('state', '=', sql.lit('pinned'))
    .returning(['holders', 'multihash', 'codec', 'announced_at']),
)

/** A pin, but for what is known of its announcing. */
export type PinRow = Omit<Selectable<PinTable>, 'announced_at' | 'announce_at'>

/** Keeps pins, and gives the ids of those whose roots were not pinned already. */
export const insertPins = insertMany(
  'pins',
  [
    'id',
    'multihash',
    'codec',
    'network',
    'state',
    'size_bytes',
    'number_of_blocks',
    'number_of_files',
    'mime_type',
    'holders',
    'created_at',
    'writer_id',
  ],
  { onConflict: 'nothing', returning: ['id'] },
)

/** Keeps a pin. False when its root is pinned already. */
export async function insertPin(db: Db, pin: PinRow): Promise<boolean> {
  return (await insertPins(db, [pin])).length === 1
}

/** Makes a staging the published pin of its root, with one holder. False when the staging is not there. */
export async function markPublished(
  db: Db,
  id: string,
  pin: Root & { size_bytes: number; number_of_blocks: number; number_of_files: number; mime_type: string },
): Promise<boolean> {
  const row = await db
    .updateTable('pins')
    .set({ ...pin, state: 'pinned', holders: 1, writer_id: null })
    .where('id', '=', id)
    .where('state', '=', sql.lit('staging'))
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Spelled out, not bound, or the index of unfinished pins would not be used. */
function isUnfinished(state: 'staging' | 'releasing') {
  return sql<boolean>`state <> 'pinned' and state = ${sql.lit(state)}`
}

/** Stagings, with the writers that stage them. Those that a fetch or an upload will go on with are left out. */
export function listStagings(db: Db) {
  return db
    .selectFrom('pins')
    .select(['id', 'writer_id'])
    .where(isUnfinished('staging'))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('fetches')
            .select('fetches.id')
            .whereRef('staging_id', '=', 'pins.id')
            .where('staging_id', 'is not', null),
        ),
      ),
    )
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('uploads')
            .select('uploads.id')
            .whereRef('staging_id', '=', 'pins.id')
            .where('staging_id', 'is not', null),
        ),
      ),
    )
    .execute()
}

/** A staging whose blocks nobody wants becomes `releasing`. */
export async function markReleasing(db: Db, id: string): Promise<void> {
  await db
    .updateTable('pins')
    .set({ state: 'releasing' })
    .where('id', '=', id)
    .where('state', '=', sql.lit('staging'))
    .execute()
}

/** When the network was told last of the root of a pin; null when it was not. */
export async function findAnnouncedAt(db: Db, id: string): Promise<number | null> {
  const row = await db.selectFrom('pins').select('announced_at').where('id', '=', id).executeTakeFirst()
  return row?.announced_at ?? null
}

/** Some pins that are to be collected, after `after`. */
export function listReleasing(db: Db, { after, limit }: { after: string; limit: number }) {
  return db
    .selectFrom('pins')
    .select('id')
    .where(isUnfinished('releasing'))
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Takes the root off a pin that is collected, so that it cannot come back. False when it did before. */
export const unnamePin = statement((db, param: Placeholder<{ id: string }>) =>
  db
    .updateTable('pins')
    .set({ multihash: null })
    .where('id', '=', param('id'))
    .where('state', '=', sql.lit('releasing'))
    .where('holders', '=', 0)
    .returning('id'),
)

/** Deletes a pin that has no rows in the ledger any more. Throws when a file still names it. */
export const deletePin = statement((db, param: Placeholder<{ id: string }>) =>
  db.deleteFrom('pins').where('id', '=', param('id')),
)

/** Public pins whose roots the network is to be told of by now. */
export const listToAnnounce = statement((db, param: Placeholder<{ now: number; limit: number }>) =>
  db
    .selectFrom('pins')
    .select(['id', 'multihash', 'codec'])
    // Spelled out, or the index of what is to be announced would not be used.
    .where(sql<boolean>`network = 1 and state = 'pinned'`)
    .where('announce_at', '<=', param('now'))
    .orderBy('announce_at')
    .limit(param('limit')),
)

/** The network was told of a pin, and is to be told again. */
export const markAnnounced = statement((db, param: Placeholder<{ id: string; now: number; next: number }>) =>
  db
    .updateTable('pins')
    .set({ announced_at: param('now'), announce_at: param('next') })
    .where('id', '=', param('id')),
)

/** The network could not be told of a pin: later. */
export const postponeAnnouncement = statement((db, param: Placeholder<{ id: string; next: number }>) =>
  db
    .updateTable('pins')
    .set({ announce_at: param('next') })
    .where('id', '=', param('id')),
)

/** Public pins of this content that the network was told of. */
export function listAnnounced(db: Db, multihash: Uint8Array) {
  return db
    .selectFrom('pins')
    .select('codec')
    .where('multihash', '=', multihash)
    .where(sql<boolean>`network = 1 and state = 'pinned'`)
    .where('announced_at', 'is not', null)
    .execute()
}

/** Has the network be told again of public pins of this content. */
export async function markToAnnounce(tx: Db, multihash: Uint8Array): Promise<void> {
  await tx.updateTable('pins').set({ announce_at: 0 }).where('multihash', '=', multihash).execute()
}

// The ledger.

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

// Verification and repair.

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

/** Published pins after `after`. */
export function listPinned(db: Db, { after, limit }: { after: string; limit: number }) {
  return db
    .selectFrom('pins')
    .select(['id', 'multihash', 'codec', 'network', 'number_of_blocks'])
    .where('state', '=', sql.lit('pinned'))
    .where('id', '>', after)
    .orderBy('id')
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

// What the packs are compared with.

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
