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
