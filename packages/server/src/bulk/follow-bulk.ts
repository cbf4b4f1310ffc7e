import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import {
  type BulkItemRow,
  type BulkRow,
  deleteBulk,
  deleteItems,
  findBulk,
  listBulks,
  listForgotten,
  listItems,
  listNames,
  lockBulk,
  updateBulk,
} from './queries.ts'

/** How long what has ended is kept, and what was never accepted. */
const keptMs = 7 * 86_400_000
const stagedMs = 86_400_000

/** The account's latest operations. A key that does not see all files sees those that it started. */
export function listBulkOperations({ db }: Pick<Services, 'db'>, caller: Caller): Promise<BulkRow[]> {
  return listBulks(db.read, caller.accountId, caller.reach === undefined ? undefined : caller.key?.id, 100)
}

/** One of them. Throws `not_found`. */
export async function getBulk({ db }: Pick<Services, 'db'>, caller: Caller, id: string): Promise<BulkRow> {
  return requireOwn(caller, await findBulk(db.read, id))
}

/** A page of what became of its items. Throws `not_found`, `invalid_request` for a token that is none. */
export async function pageResults(
  { db }: Pick<Services, 'db'>,
  caller: Caller,
  id: string,
  page: { state?: string | undefined; limit: number; pageToken?: string | undefined },
): Promise<{ bulk: BulkRow; rows: BulkItemRow[]; nextPageToken: string | null }> {
  const bulk = await getBulk({ db }, caller, id)
  const { state, limit, pageToken = '-1' } = page
  if (!/^(-1|\d{1,9})$/.test(pageToken)) {
    throw new AppError('invalid_request', 'pageToken: not a token of this list. Use nextPageToken of the page before.')
  }
  const found = await listItems(db.read, { bulkId: id, state, after: Number(pageToken), limit: limit + 1 })
  const rows = found.slice(0, limit)
  const last = found.length > limit ? rows.at(-1) : undefined
  return { bulk, rows, nextPageToken: last === undefined ? null : String(last.number) }
}

/** The names of the files and pins that items stand for, of those that the caller may see; some have none. */
export async function findItemNames(
  { db }: Pick<Services, 'db'>,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  items: readonly BulkItemRow[],
): Promise<Map<string, string>> {
  const ids = [...new Set(items.map(({ item }) => item))]
  const rows = await listNames(db.read, caller, ids)
  return new Map(rows.flatMap(({ id, name }) => (name === null ? [] : [[id, name]])))
}

/** Ends an operation: what is done stays done, what waits is left alone. Once it has ended nothing changes. Throws `not_found`. */
export async function cancelBulk(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  caller: Caller,
  id: string,
): Promise<BulkRow> {
  const at = clock.now()
  return db.write(async (tx: Db) => {
    const bulk = requireOwn(caller, await lockBulk(tx, id))
    if (bulk.state !== 'collecting' && bulk.state !== 'running') return bulk
    const change = { state: 'cancelled', finished_at: at, message: 'It was cancelled.' }
    await updateBulk(tx, id, change)
    return { ...bulk, ...change }
  })
}

/** Removes operations a week after their end, and those that were never accepted. A periodic job. */
export async function forgetBulks({ db, clock }: Pick<Services, 'db' | 'clock'>, signal: AbortSignal): Promise<void> {
  const now = clock.now()
  for (const { id } of await listForgotten(db.read, { ended: now - keptMs, staged: now - stagedMs })) {
    for (let removed = 1; removed > 0;) {
      signal.throwIfAborted()
      removed = await db.write((tx) => deleteItems(tx, id, 1_000))
    }
    await db.write((tx) => deleteBulk(tx, id))
  }
}

function requireOwn(caller: Caller, bulk: BulkRow | undefined): BulkRow {
  const isOwn = bulk?.account_id === caller.accountId && bulk.state !== 'staging'
  const isReached = caller.reach === undefined || bulk?.created_by_key === caller.key?.id
  if (bulk !== undefined && isOwn && isReached) return bulk
  throw new AppError('not_found', 'There is no such bulk operation in this account')
}
