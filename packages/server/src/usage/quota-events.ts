import type { Db } from '../db/database.ts'
import { recordEvent } from '../events/record-event.ts'
import type { AccountRoom } from './queries.ts'
import { deleteQuotaRefusal, insertQuotaRefusal } from './queries.ts'

/** From this share of the quota on it is near. */
const nearShare = 0.8

/**
 * Tells that the quota is near, or reached, when `bytes` more make the account cross that mark: once for each crossing.
 * `room` is what was locked before they were added. Part of the write that adds them.
 */
export async function recordQuotaCrossing(
  tx: Db,
  accountId: string,
  { room, bytes, at }: { room: Pick<AccountRoom, 'quota_bytes' | 'used_bytes'>; bytes: number; at: number },
): Promise<void> {
  const { quota_bytes: limit, used_bytes: before } = room
  if (limit === null) return
  const after = before + bytes
  const near = limit * nearShare
  if (before < near && after >= near) {
    const data = { limitBytes: limit, usedBytes: after }
    await recordEvent(tx, { accountId, kind: 'quota.near', at, data: { object: data } })
  }
  if (after >= limit) await recordQuotaReached(tx, accountId, { limitBytes: limit, usedBytes: after, at })
}

/** Tells that the quota is reached, because it is full or something was refused for it: once until less is used or the quota is another. */
export async function recordQuotaReached(
  tx: Db,
  accountId: string,
  { limitBytes, usedBytes, at }: { limitBytes: number; usedBytes: number; at: number },
): Promise<void> {
  if (!(await insertQuotaRefusal(tx, { account: accountId, limitBytes, at }))) return
  await recordEvent(tx, { accountId, kind: 'quota.reached', at, data: { object: { limitBytes, usedBytes } } })
}

/** Less is used: the next time that the quota is reached is told again. */
export async function forgetQuotaReached(tx: Db, accountId: string): Promise<void> {
  await deleteQuotaRefusal(tx, { account: accountId })
}
