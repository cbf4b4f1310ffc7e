import type { Services } from '../services.ts'
import { forgetUpload } from './end-upload.ts'
import { listExpiredUploads } from './queries.ts'

/** Uploads that are forgotten in one write. */
const sliceSize = 100

/** Gives up uploads that waited too long for their next bytes. A periodic job; resolves with how many there were. */
export async function expireUploads(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  signal?: AbortSignal,
): Promise<number> {
  for (let total = 0; ;) {
    signal?.throwIfAborted()
    const now = clock.now()
    const ended = await db.write(async (tx) => {
      const expired = await listExpiredUploads(tx, { now, limit: sliceSize })
      for (const { id } of expired) await forgetUpload(tx, id)
      return expired.length
    })
    total += ended
    if (ended < sliceSize) return total
  }
}
