import { recordAudit } from '../accounts/audit.ts'
import type { Services } from '../services.ts'
import { listExpired } from './queries.ts'
import { releaseFiles } from './release-file.ts'

/** Files that are ended in one write. */
const sliceSize = 100

/**
 * Ends files whose time is over. They are gone for readers already; this gives back what they hold. A periodic job;
 * resolves with how many there were.
 */
export async function expireFiles(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  signal?: AbortSignal,
): Promise<number> {
  for (let total = 0; ;) {
    signal?.throwIfAborted()
    const at = clock.now()
    const ended = await db.write(async (tx) => {
      let count = 0
      for (const file of await listExpired(tx, { now: at, limit: sliceSize })) {
        const [released] = await releaseFiles(tx, [file], at)
        if (released === undefined) continue
        count++
        await recordAudit(tx, {
          id: newId(),
          at,
          accountId: file.account_id,
          actor: { kind: 'machine', id: null },
          action: 'file.expired',
          target: file.id,
          detail: { cid: file.cid },
        })
      }
      return count
    })
    total += ended
    if (ended < sliceSize) return total
  }
}
