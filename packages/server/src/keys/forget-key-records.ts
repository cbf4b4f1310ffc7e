import type { Services } from '../services.ts'
import { deleteOverCounts } from './rate-queries.ts'
import { deleteKeyRecords } from './record-queries.ts'
import { dayMs } from './use-days.ts'

/** How long uses by day and refusals are kept: a year, and the month that it is compared with. */
const keptDays = 400

/** Forgets what is told of keys once it is old, and requests counted for limits. A periodic job. */
export async function forgetKeyRecords({ db, clock }: Pick<Services, 'db' | 'clock'>): Promise<void> {
  const at = clock.now() - keptDays * dayMs
  await db.write(async (tx) => {
    await deleteKeyRecords(tx, { at, day: Math.floor(at / dayMs) })
    await deleteOverCounts(tx, clock.now())
  })
}
