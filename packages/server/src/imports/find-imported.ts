import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import type { FileWithKeyvalues } from '../files/get-file.ts'
import { readKeyvalues } from '../files/keyvalues.ts'
import type { FileRow } from '../files/queries.ts'
import { findKeyvalues } from '../files/keyvalue-queries.ts'
import type { Cid } from '../ipfs/cid.ts'
import { networkNumbers } from '../pins/network.ts'
import { importedId } from './imported-id.ts'
import type { ImportOrigin, ImportWish } from './import-wish.ts'
import { findAnyFile, listHeldLike } from './queries.ts'

/** A file may be imported and removed again so often. */
const maxTurns = 1_000

/** What is here of a wish: the file, or the id that it will have; without a known origin that is any new one. */
export type Found = { readonly there: FileWithKeyvalues } | { readonly id: string | undefined }

/**
 * Looks whether what is wished for is here. A file with an origin is known by it, also when this account is where it
 * comes from; one without is known by content, spelling and name.
 */
export async function findImported(
  db: Db,
  { accountId, reach, root, now }: Pick<Caller, 'accountId' | 'reach'> & { root: Cid; now: number },
  wish: ImportWish,
): Promise<Found> {
  if (wish.origin !== undefined) return findByOrigin(db, { accountId, reach }, wish.origin, now)
  const rows = await listHeldLike(db, {
    account: accountId,
    network: networkNumbers[wish.network],
    multihash: root.multihash,
    codec: root.codec,
    now,
    reach,
  })
  const same = rows.find(({ cid, name, source }) => cid === wish.cid && name === wish.name && source === wish.kind)
  return same === undefined ? { id: undefined } : { there: await withKeyvalues(db, same) }
}

async function findByOrigin(
  db: Db,
  { accountId: account, reach }: Pick<Caller, 'accountId' | 'reach'>,
  origin: ImportOrigin,
  now: number,
): Promise<Found> {
  const own = await findAnyFile(db, { account, id: origin.sourceId, reach })
  if (own !== undefined && isHeld(own, now)) return { there: await withKeyvalues(db, own) }
  // Of keys that see a part of the account's files each part has ids of its own.
  const owner = reach === undefined ? account : `${account} ${JSON.stringify(reach)}`
  for (let turn = 0; turn < maxTurns; turn++) {
    const id = importedId(owner, origin, turn)
    const row = await findAnyFile(db, { account, id, reach })
    if (row === undefined) return { id }
    if (isHeld(row, now)) return { there: await withKeyvalues(db, row) }
  }
  throw new Error('A file was imported and removed too often')
}

function isHeld({ state, expires_at }: FileRow, now: number): boolean {
  return state === 'held' && (expires_at === null || expires_at > now)
}

async function withKeyvalues(db: Db, file: FileRow): Promise<FileWithKeyvalues> {
  return { file, keyvalues: readKeyvalues((await findKeyvalues(db, [file.id])).get(file.id) ?? []) }
}
