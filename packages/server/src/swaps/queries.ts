import type { Insertable, Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { SwapTable } from '../db/file-tables.ts'

/** A step in the history of a swap. */
export type SwapRow = Selectable<SwapTable>

/** Whose swap of which content. */
export type SwappedContent = Pick<SwapRow, 'account_id' | 'network' | 'multihash' | 'codec'>

/** Adds a step. */
export async function insertSwap(tx: Db, row: Insertable<SwapTable>): Promise<void> {
  await tx.insertInto('swaps').values(row).execute()
}

/** The last steps of a content, newest first. */
export function listSwaps(db: Db, of: SwappedContent, limit: number): Promise<SwapRow[]> {
  return db
    .selectFrom('swaps')
    .selectAll()
    .where('account_id', '=', of.account_id)
    .where('network', '=', of.network)
    .where('multihash', '=', of.multihash)
    .where('codec', '=', of.codec)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}
