import type { Reach } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { findHeld, findPlace, findPublicBlock, type StoredBlock } from './block-queries.ts'

/** Pins looked at in one statement: a block that thousands of pins share must not hold the event loop. */
const pinsAtOnce = 256

/**
 * A block as far as it counts as present for an account: a public pin or a pin of that account names it. Whatever else
 * is stored is as if absent, so that nobody learns what others hold; within an account as far as a key reaches.
 */
export async function findVisibleTo(
  db: Db,
  { accountId, reach, multihash }: { accountId: string; reach?: Reach | undefined; multihash: Uint8Array },
): Promise<StoredBlock | undefined> {
  const [shown] = await findPublicBlock(db, { multihash })
  if (shown !== undefined) return shown
  const [stored] = await findPlace(db, { multihash })
  if (stored === undefined) return undefined
  for (let after = ''; ;) {
    const [some] = await findHeld(db, { blockId: stored.id, accountId, after, limit: pinsAtOnce }, reach)
    if (some === undefined || some.last === null) return undefined
    if (some.held > 0) return stored
    after = some.last
  }
}
