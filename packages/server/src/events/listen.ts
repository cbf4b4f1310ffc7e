import { setTimeout } from 'node:timers/promises'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { extendListenedUntil, findDatabaseTime, findListenedUntil, hasOlderTransaction } from './queries.ts'

/** What `events_until` is while the account has a webhook: no time is later. */
export const forever = Number.MAX_SAFE_INTEGER

/** What is this near is not written again. */
const marginMs = 3_600_000
/** Writes end well before this. */
const patienceMs = 20_000
const lookMs = 10

type Listening = Pick<Services, 'db' | 'clock' | 'config' | 'eventFeed'>

/**
 * Has the account's events recorded: while they are kept from now on, or `forever`. When this resolves, every write that
 * is not durable yet records them. True: they were recorded before too. Throws `unavailable` when a write of before does
 * not end.
 */
export async function listen(services: Listening, accountId: string, until?: number): Promise<boolean> {
  const { db, clock, config, eventFeed } = services
  const now = clock.now()
  const wanted = until ?? now + config.eventsKeptMs
  const before = await findListenedUntil(db.read, accountId)
  if (before < wanted - marginMs) {
    await db.write((tx) => extendListenedUntil(tx, accountId, wanted))
    if (before <= now) eventFeed.tellListening()
  }
  // With SQLite writes come one after another. With PostgreSQL one may have looked before, and end after.
  if (db.dialect === 'postgres') await waitForOlder(db)
  return before > now
}

async function waitForOlder(db: Services['db']): Promise<void> {
  const at = await findDatabaseTime(db.read)
  const began = performance.now()
  while (await hasOlderTransaction(db.read, at)) {
    if (performance.now() - began > patienceMs) {
      throw new AppError('unavailable', 'Writes that began before take too long. Try again.', { retryAfterSeconds: 10 })
    }
    await setTimeout(lookMs)
  }
}
