import type { Services } from '../services.ts'
import { AppError } from '../lib/errors.ts'
import { monthOf, nextMonthOf } from './month.ts'
import { type EgressOwner, findEgress } from './queries.ts'

/** What the gateway served this month, and how much it may. */
export interface EgressNow {
  /** Such as `2026-11`. */
  readonly month: string
  readonly usedBytes: number
  readonly quotaBytes: number | null
  /** When it is counted from nothing again. */
  readonly resetsAt: number
}

/** What was served for an account, or by one of its gateways, in this month. Throws `not_found`. */
export async function getEgress({ db, clock }: Pick<Services, 'db' | 'clock'>, owner: EgressOwner): Promise<EgressNow> {
  const now = clock.now()
  const month = monthOf(now)
  const found = await findEgress(db.read, { ...owner, month })
  if (found === undefined) throw new AppError('not_found', 'There is no such gateway in this account')
  return {
    month: new Date(month).toISOString().slice(0, 7),
    usedBytes: found.used_bytes,
    quotaBytes: found.quota_bytes,
    resetsAt: nextMonthOf(now),
  }
}
