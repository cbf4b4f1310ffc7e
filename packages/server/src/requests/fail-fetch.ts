import type { Db } from '../db/database.ts'
import { recordPinsFailed } from '../files/file-events.ts'
import { changePinStatus } from '../files/pin-status.ts'
import { finish, type Job, requireLease } from '../jobs/queue.ts'
import { markReleasing } from '../pins/queries.ts'
import type { Services } from '../services.ts'
import { deleteFetch, type FetchRow, hasRequests, listWaiting, lockFetch, updateFetch } from './fetch-queries.ts'
import type { Setback } from './fetch-reason.ts'

/** Files that one write fails. */
const sliceFiles = 256

/**
 * Gives a fetch up: every file that waits for it fails, slice by slice, and what was fetched is collected. The last
 * write ends the job. Throws `LeaseLost` as `settleFetch` does.
 */
export async function failFetch(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  { job, fetch: { id }, setback, tried }: { job: Job; fetch: FetchRow; setback: Setback; tried: string | null },
): Promise<void> {
  for (let isOver = false; !isOver;) {
    isOver = await db.write(async (tx) => {
      const fetch = await lockFetch(tx, id)
      await requireLease(tx, job)
      if (fetch === undefined) return true
      const files = await listWaiting(tx, { fetch: id, limit: sliceFiles })
      const at = clock.now()
      const failed = await changePinStatus(tx, files, 'failed', at)
      await recordPinsFailed(
        tx,
        failed.map((file) => file.id),
        { reason: setback.reason, detail: setback.detail, at },
      )
      if (files.length === sliceFiles) return false
      await endFailed(tx, { fetch, job, setback, tried })
      return true
    })
  }
}

/** The end of a fetch whose files have all failed. Part of the caller's write, which has locked it and its job. */
export async function endFailed(
  tx: Db,
  { fetch, job, setback, tried }: { fetch: FetchRow; job: Job; setback: Setback; tried?: string | null },
): Promise<void> {
  const { id, staging_id: stagingId } = fetch
  const ended = { staging_id: null, number_of_blocks: 0, size_bytes: 0, next_attempt_at: null }
  const { reason, detail } = setback
  await updateFetch(tx, id, { ...ended, state: 'failed', reason, detail, ...(tried === undefined ? {} : { tried }) })
  if (stagingId !== null) await markReleasing(tx, stagingId)
  if (!(await hasRequests(tx, id))) await deleteFetch(tx, id)
  await finish(tx, job)
}
