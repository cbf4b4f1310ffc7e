import type { RunAgain } from '../jobs/attempt.ts'
import { enqueue, type Job } from '../jobs/queue.ts'
import type { Services } from '../services.ts'
import { tellJob } from './name-jobs.ts'
import { signRecord } from './publish-name.ts'
import { extendRecord, lockNameToServe, updateName } from './queries.ts'
import { openSeed } from './seal-seed.ts'

/** Those of disabled accounts are looked at again after so long. */
const laterMs = 3_600_000

/**
 * The job of one name: signs its record anew when half of its time is over, with the same value and number and a later
 * end, so that it holds as long as the name is here. It ends with the name. Throws `conflict` when the key cannot be read:
 * then it is tried again.
 */
export async function renewName(
  { db, clock, valueKey }: Pick<Services, 'db' | 'clock' | 'valueKey'>,
  { subject: id }: Job,
): Promise<RunAgain | void> {
  return db.write(async (tx) => {
    const row = await lockNameToServe(tx, id)
    if (row === undefined) return undefined
    const now = clock.now()
    if (row.value === null || row.renew_at === null) return undefined
    if (row.isDisabled) return { runAt: now + laterMs }
    if (row.renew_at > now) return { runAt: row.renew_at }
    const { value, sequence, ttl_ms } = row
    const signed = signRecord(openSeed(valueKey, row), { ...row, value }, now)
    await updateName(tx, id, { ...signed, told_at: null, tell_error: null })
    await extendRecord(tx, { nameId: id, sequence, valid_until: signed.valid_until, ttl_ms })
    await enqueue(tx, { kind: tellJob, subject: id, owner: row.account_id }, now)
    return { runAt: signed.renew_at }
  })
}
