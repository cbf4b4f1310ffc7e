import type { Services } from '../services.ts'
import { deleteOldEvents, findLastPosition } from './queries.ts'

/** Events that are kept at most, whatever their age. */
const maxEvents = 1_000_000
const sliceSize = 500

/** Forgets events that are too old, with what was sent of them. A periodic job. */
export async function expireEvents(
  { db, clock, config }: Pick<Services, 'db' | 'clock' | 'config'>,
  signal: AbortSignal,
): Promise<void> {
  const before = clock.now() - config.eventsKeptMs
  const position = (await findLastPosition(db.read)) - maxEvents
  for (;;) {
    signal.throwIfAborted()
    const count = await db.write((tx) => deleteOldEvents(tx, { before, position, limit: sliceSize }))
    if (count < sliceSize) return
  }
}
