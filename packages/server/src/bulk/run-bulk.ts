import { nothingGranted } from '@pinyon/contract/permissions.ts'
import type { Caller } from '../caller.ts'
import type { Job } from '../jobs/queue.ts'
import { findKeyById } from '../keys/queries.ts'
import type { PinServices } from '../requests/pin-by-cid.ts'
import type { Services } from '../services.ts'
import { AlreadyDone, type BulkWork, doItem } from './bulk-work.ts'
import { findItems, type Searched } from './find-items.ts'
import {
  type BulkItemRow,
  type BulkRow,
  endItem,
  findBulk,
  insertItems,
  listItems,
  lockBulk,
  updateBulk,
} from './queries.ts'
import { failureOf } from './start-bulk.ts'

/** Items that are looked up at once, and how many of them are worked on at the same time. */
const sliceSize = 160
const together = 16

type Needs = PinServices & Pick<Services, 'keyCache'>

/**
 * Goes on with a bulk operation until it has ended: first the files of its filter are written down, then each item is
 * worked on. Killed anywhere it goes on where it was: the note that an item is done is part of the write that does it.
 */
export async function runBulk(services: Needs, { subject }: Job, signal: AbortSignal): Promise<void> {
  const { db, clock } = services
  for (;;) {
    signal.throwIfAborted()
    const bulk = await findBulk(db.read, subject)
    if (bulk === undefined || (bulk.state !== 'collecting' && bulk.state !== 'running')) return
    const caller = await findStarter(services, bulk)
    if (caller === undefined) {
      const message = 'The key that started it does not work any more.'
      await db.write((tx) => updateBulk(tx, bulk.id, { state: 'cancelled', finished_at: clock.now(), message }))
      return
    }
    if (bulk.state === 'collecting') await collectPage(services, caller, bulk, signal)
    else if (!(await workOnSlice(services, caller, bulk, signal))) {
      await db.write((tx) => finish(tx, bulk.id, clock.now()))
      return
    }
  }
}

/** Who started it, with what their key may see now; undefined when the key, or the account, has ended. */
async function findStarter({ db, clock, keyCache }: Needs, bulk: BulkRow): Promise<Caller | undefined> {
  const { account_id: accountId, created_by_key: keyId, created_by_user: userId } = bulk
  const origin = { requestId: bulk.id, address: null, agent: null }
  if (keyId === null) {
    const user = userId === null ? {} : { user: { id: userId, email: '', role: 'member', sessionId: '' } }
    return { accountId, granted: nothingGranted, ...user, origin }
  }
  const row = await findKeyById(db.read, accountId, keyId)
  const key = row === undefined ? undefined : await keyCache.find(row.public_part)
  if (key === undefined || key.accountDisabledAt !== null) return undefined
  const now = clock.now()
  const hasEnded = [key, ...key.above].some(
    ({ revokedAt, expiresAt }) => revokedAt !== null || (expiresAt !== null && expiresAt <= now),
  )
  if (hasEnded) return undefined
  const { id, name, publicPart, granted, bounds, reach } = key
  return { accountId, granted, key: { id, name, publicPart }, bounds, reach, origin }
}

/** Writes down a page of what the filter finds, and where the next one begins. */
async function collectPage(services: Needs, caller: Caller, bulk: BulkRow, signal: AbortSignal): Promise<void> {
  const { searched } = inputOf(bulk)
  if (searched === undefined) throw new Error('there is nothing to collect')
  const { ids, nextPageToken } = await findItems(services, caller, searched, {
    limit: 500,
    pageToken: bulk.page_token ?? undefined,
    signal,
    createdTo: bulk.created_at,
    deadlineMs: 60_000,
  })
  await services.db.write(async (tx) => {
    const now = await lockBulk(tx, bulk.id)
    // Cancelled, or collected by somebody who took the job over.
    if (now?.state !== 'collecting' || now.page_token !== bulk.page_token) return
    await insertItems(tx, bulk.id, ids, now.total)
    const state = nextPageToken === null ? 'running' : 'collecting'
    await updateBulk(tx, bulk.id, { total: now.total + ids.length, page_token: nextPageToken, state })
  })
}

/** Works on the next items. False when there are none left. */
async function workOnSlice(services: Needs, caller: Caller, bulk: BulkRow, signal: AbortSignal): Promise<boolean> {
  const waiting = await listItems(services.db.read, { bulkId: bulk.id, state: 'waiting', after: -1, limit: sliceSize })
  const { work } = inputOf(bulk)
  for (let at = 0; at < waiting.length; at += together) {
    signal.throwIfAborted()
    const some = waiting.slice(at, at + together)
    await Promise.all(some.map((row) => workOnItem(services, caller, { work, row, signal })))
  }
  return waiting.length > 0
}

async function workOnItem(
  services: Needs,
  caller: Caller,
  { work, row, signal }: { work: BulkWork; row: BulkItemRow; signal: AbortSignal },
): Promise<void> {
  const { db } = services
  const end = (tx: Parameters<typeof endItem>[0], outcome: Parameters<typeof endItem>[3]) =>
    endItem(tx, row.bulk_id, row.number, outcome)
  try {
    await doItem(services, caller, { work, item: row.item, signal }, (act) =>
      db.write(async (tx) => {
        const fileId = await act(tx)
        // Last, since every item of the operation waits for its counters; then nothing of the write stays.
        const outcome = { state: 'done', file_id: fileId, reason: null, message: null } as const
        if (!(await end(tx, outcome))) throw new AlreadyDone()
      }),
    )
  } catch (error) {
    if (error instanceof AlreadyDone) return
    const failure = failureOf(error)
    await db.write((tx) => end(tx, failure))
  }
}

async function finish(tx: Parameters<typeof lockBulk>[0], id: string, at: number): Promise<void> {
  const bulk = await lockBulk(tx, id)
  if (bulk?.state === 'running') await updateBulk(tx, id, { state: 'done', finished_at: at })
}

function inputOf({ input }: BulkRow): { work: BulkWork; searched?: Searched } {
  return JSON.parse(input) // written by `startBulk`
}
