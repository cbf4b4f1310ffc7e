import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { changePinCounts } from '../files/pin-counts.ts'
import { deleteWaitingPin } from '../files/pin-status.ts'
import type { FileRow } from '../files/queries.ts'
import { releaseFiles } from '../files/release-file.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { findPin } from './queries.ts'
import { withdrawRequest } from './queue-fetch.ts'

/**
 * Ends a pin of the account, whatever its status. What is being fetched for nobody else is cancelled; content that is
 * held stays as long as something else holds it, and the pin stays as history. Gives the pin as it was. Throws
 * `not_found`, also the second time.
 */
export async function removePin(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  id: string,
): Promise<FileRow> {
  const change = { id: newId(), at: clock.now() }
  return db.write(async (tx) => {
    const pin = await getPinRow(tx, caller, id)
    if (!(await endPin(tx, pin, change.at))) throw noSuchPin()
    await recordRemoval(tx, caller, pin, change)
    return pin
  })
}

/**
 * Ends a pin that waits, is fetched or has failed. Throws `not_found`, also for one that is held: its file is deleted
 * as files are.
 */
export async function cancelPin(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  id: string,
): Promise<void> {
  const change = { id: newId(), at: clock.now() }
  await db.write(async (tx) => {
    const pin = await getPinRow(tx, caller, id)
    if (!(await endWaiting(tx, pin))) throw noSuchPin()
    await recordRemoval(tx, caller, pin, change)
  })
}

/** Ends a pin in the caller's write. False when it is ended already. */
export async function endPin(tx: Db, pin: FileRow, now: number): Promise<boolean> {
  if (await endWaiting(tx, pin)) return true
  // It may have come to hold its content since it was read.
  const held = pin.state === 'held' ? pin : await findPin(tx, { account: pin.account_id, id: pin.id })
  return held !== undefined && (await releaseFiles(tx, [held], now)).length === 1
}

async function endWaiting(tx: Db, { id, account_id, state, created_at: createdAt }: FileRow): Promise<boolean> {
  if (state === 'held') return false
  await withdrawRequest(tx, { fileId: id })
  const status = await deleteWaitingPin(tx, id)
  if (status === undefined) return false
  await changePinCounts(tx, account_id, [{ status, createdAt, pins: -1 }])
  return true
}

/** A pin of the account. Throws `not_found`. */
export async function getPinRow(
  db: Db,
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  id: string,
): Promise<FileRow> {
  const pin = await findPin(db, { account: accountId, id, reach })
  if (pin === undefined) throw noSuchPin()
  return pin
}

/** The same words for what never was, what is gone, and what belongs to somebody else. */
export function noSuchPin(): AppError {
  return new AppError('not_found', 'There is no such pin in this account')
}

/** Says in the audit log that a pin ended. Part of the write that ends it. */
export async function recordRemoval(
  tx: Db,
  caller: Caller,
  { id: target, cid }: FileRow,
  { id, at }: { id: string; at: number },
): Promise<void> {
  await recordAudit(tx, {
    id,
    at,
    accountId: caller.accountId,
    actor: actorOf(caller),
    action: 'file.deleted',
    target,
    origin: caller.origin,
    detail: { cid, network: 'public' },
  })
}
