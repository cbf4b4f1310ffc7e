import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { type Placeholder, statement } from '../db/statement.ts'

/** When the network was told last of the root of a pin; null when it was not. */
export async function findAnnouncedAt(db: Db, id: string): Promise<number | null> {
  const row = await db.selectFrom('pins').select('announced_at').where('id', '=', id).executeTakeFirst()
  return row?.announced_at ?? null
}

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
