import { type Insertable, type RawBuilder, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { insertMany } from '../db/insert-many.ts'
import type { FetchTable } from '../db/pin-tables.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { enqueue, enqueueNew } from '../jobs/queue.ts'
import { findFetchOfFile, lockFetch } from './fetch-queries.ts'
import type { FetchProgress } from './queries.ts'

/** The kind of the job that fetches; its subject is the id of the fetch. */
export const fetchJob = 'fetch-pin'

/** What is to be fetched for whom. */
interface FetchWish {
  readonly accountId: string
  readonly root: Cid
  readonly now: number
  readonly deadlineMs: number
  /** For a new fetch. */
  readonly newId: () => string
}

/** A fetch as it is when a file begins to wait for it. */
export interface QueuedFetch extends Omit<FetchProgress, 'file_id' | 'origins'> {
  readonly id: string
}

/**
 * Has contents fetched, each for a file that asks for it by `insertRequests` in the same write: the account's fetch of
 * that root gets one more waiting file, or a fetch begins. One that had failed begins anew. The fetch of each wish.
 */
export async function queueFetches(tx: Db, wishes: readonly FetchWish[]): Promise<QueuedFetch[]> {
  const rows = new Map<string, NewFetchRow>()
  const keys = wishes.map(({ accountId, root }) => `${accountId} ${root.codec} ${multihashKey(root.multihash)}`)
  for (const [i, wish] of wishes.entries()) {
    const key = keys[i] ?? ''
    if (!rows.has(key)) rows.set(key, newFetch(wish))
  }
  const inserted = new Set((await insertNewFetches(tx, [...rows.values()])).map(({ id }) => id))
  const fetches = new Map<string, QueuedFetch>()
  const [first] = wishes
  if (first === undefined) return []
  const fresh = [...rows.values()].filter(({ id }) => inserted.has(id))
  await enqueueNew(
    tx,
    fetchJob,
    fresh.map(({ id, account_id }) => ({ subject: id, owner: account_id })),
    first.now,
  )
  for (const [key, row] of rows) {
    if (inserted.has(row.id)) fetches.set(key, { ...row, next_attempt_at: null, reason: null })
    else fetches.set(key, await joinFetch(tx, row))
  }
  return keys.map((key) => fetches.get(key)!) // each key has a row
}

type NewFetchRow = Insertable<FetchTable> & Pick<QueuedFetch, 'attempts' | 'number_of_blocks' | 'size_bytes'>

function newFetch({ accountId, root, now, deadlineMs, newId }: FetchWish): NewFetchRow {
  return {
    id: newId(),
    account_id: accountId,
    multihash: root.multihash,
    codec: root.codec,
    cid: formatCid(root),
    state: 'queued',
    created_at: now,
    deadline_at: now + deadlineMs,
    attempts: 0,
    number_of_blocks: 0,
    size_bytes: 0,
  }
}

/** One that was there already. */
async function joinFetch(tx: Db, row: NewFetchRow): Promise<QueuedFetch> {
  const { id, account_id: account, multihash, codec, cid, created_at: now, deadline_at: deadline } = row
  const [fetch] = await upsertFetch(tx, { id, account, multihash, codec, cid, now, deadline })
  if (fetch === undefined) throw new Error('A fetch that was inserted is not there')
  await enqueue(tx, { kind: fetchJob, subject: fetch.id, owner: account }, now)
  return fetch
}

const insertNewFetches = insertMany(
  'fetches',
  [
    'id',
    'account_id',
    'multihash',
    'codec',
    'cid',
    'state',
    'created_at',
    'deadline_at',
    'attempts',
    'number_of_blocks',
    'size_bytes',
  ],
  { onConflict: 'nothing', returning: ['id'] },
)

/** Says which fetches files ask for. */
export const insertRequests = insertMany('requests', ['file_id', 'fetch_id', 'origins'])

/**
 * The file waits no longer, whatever state its fetch is in. With the last one the fetch ends: its job goes, an attempt
 * that runs notices, and what it had fetched is collected. Part of the caller's transaction.
 */
export async function withdrawRequest(tx: Db, { fileId }: { fileId: string }): Promise<void> {
  const fetchId = await findFetchOfFile(tx, fileId)
  if (fetchId === undefined) return
  // Locked first, so that of two that withdraw the last two requests the second sees what the first did.
  await lockFetch(tx, fetchId)
  const [request] = await deleteRequest(tx, { file: fileId })
  if (request === undefined) return
  const [ended] = await deleteFetchWithoutRequests(tx, { fetch: request.fetch_id })
  if (ended === undefined) return
  await deleteJob(tx, { kind: fetchJob, subject: request.fetch_id })
  if (ended.staging_id !== null) await giveUpStaging(tx, { id: ended.staging_id })
}

type NewFetch = {
  id: string
  account: string
  multihash: Uint8Array
  codec: number
  cid: string
  now: number
  deadline: number
}

/** What a fetch that had failed begins with; others go on as they are. */
function anew<Value>(value: RawBuilder<unknown>, column: string): RawBuilder<Value> {
  return sql<Value>`case when fetches.state = 'failed' then ${value} else ${sql.ref(`fetches.${column}`)} end`
}

const upsertFetch = statement((tx, param: Placeholder<NewFetch>) =>
  tx
    .insertInto('fetches')
    .values({
      id: param('id'),
      account_id: param('account'),
      multihash: param('multihash'),
      codec: param('codec'),
      cid: param('cid'),
      state: 'queued',
      created_at: param('now'),
      deadline_at: param('deadline'),
      attempts: 0,
      number_of_blocks: 0,
      size_bytes: 0,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'multihash', 'codec']).doUpdateSet((eb) => ({
        state: anew<string>(sql`'queued'`, 'state'),
        created_at: anew<number>(sql`excluded.created_at`, 'created_at'),
        attempts: anew<number>(sql`0`, 'attempts'),
        reason: anew<string | null>(sql`null`, 'reason'),
        detail: anew<string | null>(sql`null`, 'detail'),
        tried: anew<string | null>(sql`null`, 'tried'),
        deadline_at: eb.ref('excluded.deadline_at'),
      })),
    )
    .returning(['id', 'state', 'number_of_blocks', 'size_bytes', 'attempts', 'next_attempt_at', 'reason']),
)

const deleteRequest = statement((tx, param: Placeholder<{ file: string }>) =>
  tx.deleteFrom('requests').where('file_id', '=', param('file')).returning('fetch_id'),
)

const deleteFetchWithoutRequests = statement((tx, param: Placeholder<{ fetch: string }>) =>
  tx
    .deleteFrom('fetches')
    .where('id', '=', param('fetch'))
    .where((eb) =>
      eb.not(eb.exists(tx.selectFrom('requests').select('file_id').where('fetch_id', '=', param('fetch')))),
    )
    .returning('staging_id'),
)

const deleteJob = statement((tx, param: Placeholder<{ kind: string; subject: string }>) =>
  tx.deleteFrom('jobs').where('kind', '=', param('kind')).where('subject', '=', param('subject')),
)

const giveUpStaging = statement((tx, param: Placeholder<{ id: string }>) =>
  tx
    .updateTable('pins')
    .set({ state: 'releasing' })
    .where('id', '=', param('id'))
    .where('state', '=', sql.lit('staging')),
)
