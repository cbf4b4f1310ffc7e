import type { Services } from '../services.ts'
import { countDayRows, deleteOldDays, findOldHour, moveHourToDay } from './queries.ts'

const dayMs = 86_400_000
/** Hours are told apart for so long. */
const hoursKeptMs = 2 * dayMs
/** Rows of a day of an account from which on less is told apart. */
const rowsADay = { detail: 2_000, cid: 5_000 } as const

/** Makes days of hours that are over, hour by hour, and forgets days that are too old. A periodic job, safe to repeat. */
export async function rollUpTraffic(
  { db, clock, config }: Pick<Services, 'db' | 'clock' | 'config'>,
  signal: AbortSignal,
): Promise<void> {
  const now = clock.now()
  for (;;) {
    signal.throwIfAborted()
    const hour = await findOldHour(db.read, now - hoursKeptMs)
    if (hour === undefined) break
    const { account_id: accountId, at } = hour
    const day = Math.floor(at / dayMs) * dayMs
    await db.write(async (tx) => {
      const count = await countDayRows(tx, { accountId, day })
      const folds = count >= rowsADay.cid ? 'all' : count >= rowsADay.detail ? 'detail' : 'nothing'
      await moveHourToDay(tx, { accountId, at, day, folds })
    })
  }
  for (let count = 1; count > 0;) {
    signal.throwIfAborted()
    count = await db.write((tx) => deleteOldDays(tx, { before: now - config.analyticsKeptMs }))
  }
}
