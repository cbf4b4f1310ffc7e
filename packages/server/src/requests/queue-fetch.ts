import { type RawBuilder, sql, type SqlBool } from 'kysely'
import type { Db } from '../db/database.ts'
import { insertMany } from '../db/insert-many.ts'
import { rowsStatement } from '../db/rows-statement.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { enqueue } from '../jobs/queue.ts'
import { findFetchOfFile, lockFetch } from './fetch-queries.ts'
import type { FetchProgress } from './queries.ts'

/** The kind of the job that fetches; its subject is the id of the fetch. */
export const fetchJob = 'fetch-pin'

/** What is to be fetched for whom. */
export interface FetchWish {
  readonly accountId: string
  readonly root: Cid
  /** When it was asked for, and how long it may take from then on, in milliseconds. */
  readonly createdAt: number
  readonly deadlineMs: number
  readonly now: number
  /** For a new fetch. */
  readonly newId: () => string
}

/** A fetch as it is when a file begins to wait for it. */
export interface QueuedFetch extends Omit<FetchProgress, 'file_id' | 'origins'> {
  readonly id: string
}

/**
 * The fetches that the account has of these roots already, each of which gets one more waiting file (by
 * `insertRequests` in the same write); one that had failed begins anew. Undefined where there is none.
 */
export async function joinFetches(tx: Db, wishes: readonly FetchWish[]): Promise<(QueuedFetch | undefined)[]> {
  const keyOf = (account: string, multihash: Uint8Array, codec: number) =>
    `${account} ${codec} ${multihashKey(multihash)}`
  const rows = await selectFetchesOf(
    tx,
    wishes.map(({ accountId: account, root: { multihash, codec } }) => ({ account, multihash, codec })),
  )
  const there = new Set(rows.map(({ account_id, multihash, codec }) => keyOf(account_id, multihash, codec)))
  const fetches = []
  for (const wish of wishes) {
    const { accountId, root } = wish
    const isThere = there.has(keyOf(accountId, root.multihash, root.codec))
    fetches.push(isThere ? await beginFetch(tx, wish) : undefined)
  }
  return fetches
}

/** Has a content fetched, for files that ask for it by `insertRequests` in the same write. As `joinFetches` where it is already. */
export async function beginFetch(
  tx: Db,
  { accountId: account, root: { multihash, codec }, root, createdAt, deadlineMs, now, newId }: FetchWish,
): Promise<QueuedFetch> {
  const deadline = createdAt + deadlineMs
  const cid = formatCid(root)
  const [fetch] = await upsertFetch(tx, { id: newId(), account, multihash, codec, cid, createdAt, deadline })
  if (fetch === undefined) throw new Error('A fetch that was inserted is not there')
  await enqueue(tx, { kind: fetchJob, subject: fetch.id, owner: account }, now)
  return fetch
}

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

type Wanted = { account: string; multihash: Uint8Array; codec: number }

const selectFetchesOf = rowsStatement<Wanted, { account_id: string; multihash: Uint8Array; codec: number }>(
  ['account', 'multihash', 'codec'],
  (tx, rows, dialect) => {
    const bytes = sql.raw(dialect === 'postgres' ? 'bytea' : 'blob')
    const wanted = rows.map(
      ({ account, multihash, codec }) =>
        sql`(cast(${account} as text), cast(${multihash} as ${bytes}), cast(${codec} as bigint))`,
    )
    return tx
      .selectFrom('fetches')
      .select(['account_id', 'multihash', 'codec'])
      .where(sql<SqlBool>`(account_id, multihash, codec) in (values ${sql.join(wanted)})`)
  },
)

type NewFetch = {
  id: string
  account: string
  multihash: Uint8Array
  codec: number
  cid: string
  createdAt: number
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
      created_at: param('createdAt'),
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
