import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { pinStatuses } from '../files/pin-counts.ts'
import { changePinStatus } from '../files/pin-status.ts'
import { enqueue } from '../jobs/queue.ts'
import type { Services } from '../services.ts'
import { requireRoom } from '../usage/quota.ts'
import { findFetchOfFile, lockFetch, updateFetch } from './fetch-queries.ts'
import { fetchJob } from './queue-fetch.ts'
import { getPinRow } from './remove-pin.ts'

/**
 * Has a pin of the account tried now. One that failed is queued anew, with its whole time before it; one that waits has
 * its next attempt at once; one that is pinned stays so. Throws `not_found`, `quota_reached`, `public_content_refused`.
 */
export async function retryPin(
  { db, clock, config }: Pick<Services, 'db' | 'clock' | 'config'>,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  id: string,
): Promise<void> {
  const options = { now: clock.now(), deadlineMs: config.pinning.deadlineMs }
  await db.write((tx) => retryPinOf(tx, caller, id, options))
}

/** The same as part of a write. */
export async function retryPinOf(
  tx: Db,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  id: string,
  { now, deadlineMs }: { readonly now: number; readonly deadlineMs: number },
): Promise<void> {
  const { accountId } = caller
  // The order of locks: account, fetch, job, file.
  await requireRoom(tx, { accountId, isPublic: true, bytes: 1 })
  const pin = await getPinRow(tx, caller, id)
  const fetchId = await findFetchOfFile(tx, id)
  const fetch = fetchId === undefined ? undefined : await lockFetch(tx, fetchId)
  if (fetch === undefined) return
  if (fetch.state === 'failed') {
    const anew = { state: 'queued', attempts: 0, created_at: now, reason: null, detail: null, tried: null }
    await updateFetch(tx, fetch.id, { ...anew, deadline_at: now + deadlineMs })
  }
  await enqueue(tx, { kind: fetchJob, subject: fetch.id, owner: accountId }, now)
  if (pin.pin_status !== pinStatuses.failed) return
  await changePinStatus(tx, [pin], fetch.state === 'fetching' ? 'pinning' : 'queued', now)
}
