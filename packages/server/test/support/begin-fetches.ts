import type { Services } from '../../src/services.ts'
import { queuedPins } from '../../src/requests/queued-pins.ts'

/** Has the fetch of every pin that waits for its turn begin, as the worker does that takes its job. */
export async function beginFetches({ db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>): Promise<void> {
  const source = queuedPins({ deadlineMs: 86_400_000, newId })
  await db.write((tx) => source.beginLast(tx, Infinity, clock.now()))
}
