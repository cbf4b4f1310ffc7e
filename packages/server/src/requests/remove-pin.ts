import { psaStatuses } from '@pinyon/contract/schemas/psa.ts'
import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { changePinCounts, pinStatuses } from '../files/pin-counts.ts'
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
  const line = { id: newId(), at: clock.now() }
  return db.write((tx) => endPinOf(tx, caller, id, line))
}

/**
 * The same as part of a write; `line` is the id of its line in the audit log and the time. Where statuses are given, a
 * pin that is in none of them any more is left alone: throws `conflict`, and then nothing of the write may stay.
 */
export async function endPinOf(
  tx: Db,
  caller: Caller,
  id: string,
  line: { readonly id: string; readonly at: number },
  statuses?: readonly number[],
): Promise<FileRow> {
  const pin = await getPinRow(tx, caller, id)
  const status = await endPin(tx, pin, line.at)
  if (status === undefined) throw noSuchPin()
  if (statuses !== undefined && !statuses.includes(status)) {
    const word = psaStatuses[status] ?? 'something else'
    throw new AppError('conflict', `It is ${word} by now, which was not meant, and stays as it is.`)
  }
  await recordRemoval(tx, caller, pin, line)
  return pin
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
    if ((await endWaiting(tx, pin)) === undefined) throw noSuchPin()
    await recordRemoval(tx, caller, pin, change)
  })
}

/** Ends a pin in the caller's write. The status that it had, or undefined when it is ended already. */
export async function endPin(tx: Db, pin: FileRow, now: number): Promise<number | undefined> {
  const status = await endWaiting(tx, pin)
  if (status !== undefined) return status
  // It may have come to hold its content since it was read.
  const held = pin.state === 'held' ? pin : await findPin(tx, { account: pin.account_id, id: pin.id })
  const isEnded = held !== undefined && (await releaseFiles(tx, [held], now)).length === 1
  return isEnded ? pinStatuses.pinned : undefined
}

async function endWaiting(
  tx: Db,
  { id, account_id, state, created_at: createdAt }: FileRow,
): Promise<number | undefined> {
  if (state === 'held') return undefined
  await withdrawRequest(tx, { fileId: id })
  const status = await deleteWaitingPin(tx, id)
  if (status === undefined) return undefined
  await changePinCounts(tx, account_id, [{ status, createdAt, pins: -1 }])
  return status
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
