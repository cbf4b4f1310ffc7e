import { noteEgressChange } from '../accounts/queries.ts'
import type { Db } from '../db/database.ts'
import { recordEvent } from '../events/record-event.ts'
import { addEgress, type EgressOwner, findEgress } from './queries.ts'

/** Bytes that were served for an owner in a month. */
export interface Egress extends EgressOwner {
  readonly month: number
  readonly bytes: number
}

/** From this share of the quota on it is near. */
const nearShare = 0.8

/**
 * Adds to what was served in a write, and tells accounts whose quota is near or reached by it. True when somebody has now
 * served all that they may. Owners that are gone are passed over.
 */
export async function recordEgress(tx: Db, served: readonly Egress[], at: number): Promise<boolean> {
  let isReached = false
  // In one order, or two processes would wait for each other.
  for (const each of served.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))) {
    const owner = await findEgress(tx, each)
    if (owner === undefined) continue
    const after = await addEgress(tx, each)
    const { quota_bytes: limit } = owner
    if (limit === null) continue
    const before = after - each.bytes
    const near = limit * nearShare
    if (before < near && after >= near) await recordEgressEvent(tx, 'quota.near', { ...each, limit, used: after, at })
    if (before < limit && after >= limit) {
      await recordEgressEvent(tx, 'quota.reached', { ...each, limit, used: after, at })
      isReached = true
    }
  }
  if (isReached) await noteEgressChange(tx)
  return isReached
}

/** Tells an account of a quota of egress, its own or that of one of its gateways. */
async function recordEgressEvent(
  tx: Db,
  kind: 'quota.near' | 'quota.reached',
  {
    accountId,
    gatewayId,
    month,
    limit,
    used,
    at,
  }: EgressOwner & { month: number; limit: number; used: number; at: number },
): Promise<void> {
  const object = {
    of: 'egress',
    month: new Date(month).toISOString().slice(0, 7),
    gatewayId: gatewayId === '' ? null : gatewayId,
    limitBytes: limit,
    usedBytes: used,
  }
  await recordEvent(tx, { accountId, kind, at, data: { object } })
}

function keyOf({ accountId, gatewayId, month }: Egress): string {
  return `${accountId} ${gatewayId} ${month}`
}
