import type { Services } from '../services.ts'
import { deleteForgotten } from './queries.ts'

/** Links that are forgotten in one write. */
const sliceSize = 500

/** Forgets links that ended long ago. A periodic job. */
export async function forgetLinks({ db, clock }: Pick<Services, 'db' | 'clock'>, signal?: AbortSignal): Promise<void> {
  for (let count = sliceSize; count === sliceSize;) {
    signal?.throwIfAborted()
    count = await db.write((tx) => deleteForgotten(tx, { now: clock.now(), limit: sliceSize }))
  }
}
