import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import { enqueue } from '../jobs/queue.ts'
import { findFetchOfFile, lockFetch } from './fetch-queries.ts'

/** The kind of the job that fetches; its subject is the id of the fetch. */
export const fetchJob = 'fetch-pin'

/** How long a fetch is tried before it is given up, unless the operator says otherwise. */
export const fetchDeadlineMs = 24 * 3_600_000

interface QueueFetch {
  /** For a new fetch. */
  readonly id: string
  readonly accountId: string
  readonly fileId: string
  readonly root: Cid
  /** Multiaddrs as they were sent. */
  readonly origins: readonly string[]
  readonly now: number
  /** How long it is tried; `fetchDeadlineMs` unless told. */
  readonly deadlineMs?: number
}

/**
 * Has the content of a file fetched: the account's fetch of that root gets one more waiting file, or a fetch begins.
 * Part of the transaction that inserts the file, after it. One that had failed begins anew.
 */
export async function queueFetch(
  tx: Db,
  { id, accountId, fileId, root, origins, now, deadlineMs = fetchDeadlineMs }: QueueFetch,
): Promise<{ fetchId: string; state: string }> {
  const [fetch] = await upsertFetch(tx, {
    id,
    account: accountId,
    multihash: root.multihash,
    codec: root.codec,
    cid: formatCid(root),
    now,
    deadline: now + deadlineMs,
  })
  if (fetch === undefined) throw new Error('A fetch that was inserted is not there')
  await insertRequest(tx, { file: fileId, fetch: fetch.id, origins: JSON.stringify(origins) })
  await enqueue(tx, { kind: fetchJob, subject: fetch.id, owner: accountId }, now)
  return { fetchId: fetch.id, state: fetch.state }
}

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
    .returning(['id', 'state']),
)

const insertRequest = statement((tx, param: Placeholder<{ file: string; fetch: string; origins: string }>) =>
  tx.insertInto('requests').values({ file_id: param('file'), fetch_id: param('fetch'), origins: param('origins') }),
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
  tx.updateTable('pins').set({ state: 'releasing' }).where('id', '=', param('id')).where('state', '=', 'staging'),
)
