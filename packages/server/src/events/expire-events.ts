import type { Services } from '../services.ts'
import { forever } from './listen.ts'
import { deleteOldEvents, findLastPosition, settleListened } from './queries.ts'

/** Events that are kept at most, whatever their age. */
const maxEvents = 1_000_000
const sliceSize = 500

/**
 * Forgets events that are too old, with what was sent of them, and that accounts without a webhook have one. A periodic
 * job.
 */
export async function expireEvents(
  { db, clock, config }: Pick<Services, 'db' | 'clock' | 'config'>,
  signal: AbortSignal,
): Promise<void> {
  const now = clock.now()
  await db.write((tx) => settleListened(tx, { forever, until: now + config.eventsKeptMs }))
  const before = now - config.eventsKeptMs
  const position = (await findLastPosition(db.read)) - maxEvents
  for (;;) {
    signal.throwIfAborted()
    const count = await db.write((tx) => deleteOldEvents(tx, { before, position, limit: sliceSize }))
    if (count < sliceSize) return
  }
}
