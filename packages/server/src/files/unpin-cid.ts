import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { listHeldByContent } from './queries.ts'
import { releaseFiles } from './release-file.ts'

/** Files that are ended in one write. */
const sliceSize = 200

/**
 * Ends all public files of the account with this content, whichever spelling of the CID they carry. They stay as
 * history. Throws `not_pinned` when there is none.
 */
export async function unpinCid(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  { multihash, codec, version }: Cid,
): Promise<void> {
  const at = clock.now()
  const cid = formatCid({ multihash, codec, version })
  const { accountId: account, reach } = caller
  const content = { account, reach, network: networkNumbers['public'], multihash, codec, now: at }
  for (let ended = 0; ;) {
    const id = newId()
    const count = await db.write(async (tx) => {
      const files = await listHeldByContent(tx, { ...content, after: '', limit: sliceSize })
      const released = await releaseFiles(tx, files, at)
      if (released.length > 0) {
        await recordAudit(tx, {
          id,
          at,
          accountId: caller.accountId,
          actor: actorOf(caller),
          action: 'file.unpinned',
          target: cid,
          origin: caller.origin,
          detail: { files: released.length },
        })
      }
      return released.length
    })
    ended += count
    if (ended === 0) throw notPinned(cid)
    if (count < sliceSize) return
  }
}

/** The 400 for a CID that the account does not hold publicly; the same words whoever else may hold it. */
export function notPinned(cid: string): AppError {
  return new AppError('not_pinned', `The current user has not pinned the cid: ${cid}`)
}
