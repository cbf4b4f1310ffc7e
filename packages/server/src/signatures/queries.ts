import type { Insertable, Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { SignatureTable } from '../db/file-tables.ts'
import { networkNumbers } from '../pins/network.ts'

/** A signature as it stands in the table. */
export type SignatureRow = Selectable<SignatureTable>

/** Which content on which network. */
export type SignedKey = Pick<SignatureRow, 'network' | 'multihash' | 'codec'>

/** Adds a signature. Throws a unique violation when there is one. */
export async function insertSignature(tx: Db, row: Insertable<SignatureTable>): Promise<void> {
  await tx.insertInto('signatures').values(row).execute()
}

/** The signature of a content: of what is public, whoever signed it; of what is private, the account's own. */
export function findSignature(db: Db, accountId: string, of: SignedKey): Promise<SignatureRow | undefined> {
  const query = db
    .selectFrom('signatures')
    .selectAll()
    .where('network', '=', of.network)
    .where('multihash', '=', of.multihash)
    .where('codec', '=', of.codec)
  return (of.network === networkNumbers.public ? query : query.where('account_id', '=', accountId)).executeTakeFirst()
}

/** Removes the account's own signature of a content. False when it has none. */
export async function deleteSignature(tx: Db, accountId: string, of: SignedKey): Promise<boolean> {
  const row = await tx
    .deleteFrom('signatures')
    .where('account_id', '=', accountId)
    .where('network', '=', of.network)
    .where('multihash', '=', of.multihash)
    .where('codec', '=', of.codec)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Whether another account has held this public content since before `at`. */
export async function isHeldEarlier(
  db: Db,
  { accountId, of, at }: { accountId: string; of: SignedKey; at: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('pins')
    .innerJoin('files', 'files.pin_id', 'pins.id')
    .select('files.id')
    .where('pins.multihash', '=', of.multihash)
    .where('pins.codec', '=', of.codec)
    .where('pins.network', '=', of.network)
    .where('files.account_id', '<>', accountId)
    .where('files.created_at', '<', at)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
