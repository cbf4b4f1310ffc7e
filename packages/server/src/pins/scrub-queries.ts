import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { type Placeholder, statement } from '../db/statement.ts'

/** A pack, as far as reading it through has to do with it. */
export function findPackToScrub(db: Db, name: string) {
  return db
    .selectFrom('packs')
    .select(['id', 'name', 'scrub_began_at', 'scrub_offset'])
    .where('name', '=', name)
    .executeTakeFirst()
}

/** How far the pass over a pack is; a stop goes on there. */
export const updateScrub = statement((tx, param: Placeholder<{ id: number; beganAt: number; offset: number }>) =>
  tx
    .updateTable('packs')
    .set({ scrub_began_at: param('beganAt'), scrub_offset: param('offset') })
    .where('id', '=', param('id')),
)

/** The pass that began then has read all of a pack. */
export const markScrubbed = statement((tx, param: Placeholder<{ id: number; beganAt: number }>) =>
  tx
    .updateTable('packs')
    .set({ scrubbed_at: param('beganAt'), scrub_began_at: sql.lit(null), scrub_offset: sql.lit(0) })
    .where('id', '=', param('id')),
)

/** Packs that were not read through since then; one that never was counts from when it was begun. */
export async function countLate(db: Db, before: number): Promise<number> {
  const { late } = await db
    .selectFrom('packs')
    .select((eb) => eb.fn.countAll<number>().as('late'))
    .where((eb) => eb(eb.fn.coalesce('scrubbed_at', 'created_at'), '<=', before))
    .executeTakeFirstOrThrow()
  return late
}

/** Packs for which there is a job of this kind, waiting or running. */
export async function listQueued(db: Db, kind: string): Promise<Set<string>> {
  const rows = await db.selectFrom('jobs').select('subject').where('kind', '=', kind).execute()
  return new Set(rows.map(({ subject }) => subject))
}

/**
 * The time from which on every block was read back and held against its hash that was stored by then; null when there
 * is no pack. A pack that was not read through counts from when it was begun: nothing in it is older. It is one time for
 * the whole installation, so it does not tell who else has the same blocks.
 */
export async function findVerifiedSince(db: Db): Promise<number | null> {
  const { since } = await db
    .selectFrom('packs')
    .select((eb) => eb.fn.min(eb.fn.coalesce('scrubbed_at', 'created_at')).as('since'))
    .executeTakeFirstOrThrow()
  return since ?? null
}
