import type { Caller } from '../caller.ts'
import { enqueue } from '../jobs/queue.ts'
import { AppError } from '../lib/errors.ts'
import type { PinServices } from '../requests/pin-by-cid.ts'
import { AlreadyDone, type BulkWork, doItem } from './bulk-work.ts'
import { findItems, type Searched } from './find-items.ts'
import { type BulkItemRow, type BulkRow, insertBulk, insertItems, updateBulk } from './queries.ts'

/** Kind of the job that goes on with a bulk operation. */
export const bulkJob = 'bulk'

/** Items up to which an operation is done before it is answered. */
const atOnce = 100
/** Of these, how many at the same time; on SQLite they share a commit. */
const together = 16
/** Items that are written down in one write. */
const sliceSize = 1_000

/** What is asked for: items by themselves, or what a filter finds. */
export interface StartBulk {
  readonly work: BulkWork
  /** Undefined: those that are searched for. */
  readonly items: readonly string[] | undefined
  readonly searched?: Searched | undefined
  readonly signal: AbortSignal
}

/** Items that were done before the answer, with what became of each; or the operation that goes on. */
export type StartedBulk = { readonly results: BulkItemRow[] } | { readonly bulk: BulkRow }

/**
 * Does something with many files, or makes many pins: up to 100 before it resolves, more by a job that survives whatever
 * happens to this process. What is wrong with an item is told with it and stops nothing. Throws `invalid_request` for a
 * filter that cannot be.
 */
export async function startBulk(services: PinServices, caller: Caller, asked: StartBulk): Promise<StartedBulk> {
  const items = asked.items === undefined ? await findFew(services, caller, asked) : [...new Set(asked.items)]
  if (items === undefined || items.length > atOnce) return { bulk: await beginJob(services, caller, asked, items) }
  const results: BulkItemRow[] = []
  for (let at = 0; at < items.length; at += together) {
    const some = items.slice(at, at + together).map((item) => doAtOnce(services, caller, asked, item))
    results.push(...(await Promise.all(some)))
  }
  return { results: results.map((row, number) => ({ ...row, number })) }
}

/** What a filter finds when that is little; undefined when it is more. */
async function findFew(
  services: PinServices,
  caller: Caller,
  { searched, signal }: StartBulk,
): Promise<string[] | undefined> {
  if (searched === undefined) throw new Error('neither items nor a filter')
  const { ids, nextPageToken } = await findItems(services, caller, searched, { limit: atOnce, signal })
  return nextPageToken === null ? ids : undefined
}

async function doAtOnce(
  services: PinServices,
  caller: Caller,
  { work, signal }: StartBulk,
  item: string,
): Promise<BulkItemRow> {
  const row = { bulk_id: '', number: 0, item }
  try {
    let fileId: string | null = null
    await doItem(services, caller, { work, item, signal }, async (act) => {
      fileId = await services.db.write(act)
    })
    return { ...row, state: 'done', file_id: fileId, reason: null, message: null }
  } catch (error) {
    return { ...row, ...failureOf(error) }
  }
}

/** What is told of an item that failed. Throws what is no outcome for clients. */
export function failureOf(error: unknown): Pick<BulkItemRow, 'file_id' | 'reason' | 'message'> & { state: 'failed' } {
  if (error instanceof AlreadyDone || !(error instanceof AppError)) throw error
  return { state: 'failed', file_id: null, reason: error.code, message: error.message.slice(0, 1_000) }
}

async function beginJob(
  { db, clock, newId }: PinServices,
  caller: Caller,
  { work, searched }: StartBulk,
  items: readonly string[] | undefined,
): Promise<BulkRow> {
  const bulk: BulkRow = {
    id: newId(),
    account_id: caller.accountId,
    operation: work.operation,
    input: JSON.stringify({ work, searched }),
    page_token: null,
    state: 'staging',
    total: items?.length ?? 0,
    done: 0,
    failed: 0,
    message: null,
    created_by_key: caller.key?.id ?? null,
    created_by_user: caller.user?.id ?? null,
    created_at: clock.now(),
    finished_at: null,
  }
  await db.write((tx) => insertBulk(tx, bulk))
  for (let at = 0; at < (items?.length ?? 0); at += sliceSize) {
    const slice = items?.slice(at, at + sliceSize) ?? []
    await db.write((tx) => insertItems(tx, bulk.id, slice, at))
  }
  const state = items === undefined ? 'collecting' : 'running'
  await db.write(async (tx) => {
    await updateBulk(tx, bulk.id, { state })
    await enqueue(tx, { kind: bulkJob, subject: bulk.id }, clock.now())
  })
  return { ...bulk, state }
}
