import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Caller } from '../caller.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { findTotals, type Totals } from '../usage/queries.ts'
import { findExpiredTotals, findReachedTotals } from './queries.ts'

/** How many files the account has on a network and what they are charged: always the sum over its list. */
export async function getTotals(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  network: NetworkName,
): Promise<Totals> {
  const key = { account: accountId, network: networkNumbers[network], now: clock.now() }
  if (reach !== undefined) return findReachedTotals(db.read, { ...key, reach })
  const all = await findTotals(db.read, accountId, key.network)
  // Files whose time is over are gone from lists at once, and from the counters when the sweep has been there.
  const expired = await findExpiredTotals(db.read, key)
  return { files: Math.max(0, all.files - expired.files), bytes: Math.max(0, all.bytes - expired.bytes) }
}
