import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { forUpdate } from '../db/for-update.ts'
import type { FetchTable } from '../db/pin-tables.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import type { Job } from '../jobs/queue.ts'
import { readOrigins } from './queries.ts'

/** A fetch as it stands in the table. */
export type FetchRow = Selectable<FetchTable>

/**
 * A fetch; undefined when it has ended or was withdrawn. Nobody else changes it until the write ends. Order of locks:
 * account, fetch, job, pin, file.
 */
export async function lockFetch(tx: Db, id: string): Promise<FetchRow | undefined> {
  const [row] = await selectLocked(tx, { id })
  return row
}

const selectLocked = statement((tx, param: Placeholder<{ id: string }>) =>
  tx.selectFrom('fetches').selectAll().where('id', '=', param('id')).$call(forUpdate(tx)),
)

/** Changes a fetch that is locked. */
export async function updateFetch(tx: Db, id: string, change: Partial<Omit<FetchRow, 'id'>>): Promise<void> {
  await tx.updateTable('fetches').set(change).where('id', '=', id).execute()
}

/** Forgets a fetch that no request waits for. */
export async function deleteFetch(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('fetches').where('id', '=', id).execute()
}

/** How far an attempt has come. False when the fetch was withdrawn, or the job is not this worker's any more. */
export async function updateProgress(
  tx: Db,
  { id, job, ...progress }: { id: string; job: Job; blocks: number; bytes: number; lastBlockAt: number | null },
): Promise<boolean> {
  return (await writeProgress.changes(tx, { id, job: job.id, lease: job.lease, ...progress })) === 1
}

type Progress = { id: string; job: string; lease: number; blocks: number; bytes: number; lastBlockAt: number | null }

const heldBy = (db: Db, param: Placeholder<{ job: string; lease: number }>) =>
  db.selectFrom('jobs').select('jobs.id').where('jobs.id', '=', param('job')).where('lease', '=', param('lease'))

const writeProgress = statement((tx, param: Placeholder<Progress>) =>
  tx
    .updateTable('fetches')
    .set({ number_of_blocks: param('blocks'), size_bytes: param('bytes'), last_block_at: param('lastBlockAt') })
    .where('id', '=', param('id'))
    .where((eb) => eb.exists(heldBy(tx, param))),
)

/** Whether the fetch is still wanted and the job still this worker's. */
export async function isStillOurs(db: Db, { id, job }: { id: string; job: Job }): Promise<boolean> {
  return (await selectOurs(db, { id, job: job.id, lease: job.lease })).length === 1
}

const selectOurs = statement((db, param: Placeholder<{ id: string; job: string; lease: number }>) =>
  db
    .selectFrom('fetches')
    .select('id')
    .where('id', '=', param('id'))
    .where((eb) => eb.exists(heldBy(db, param))),
)

/** Writes down which staging holds what was fetched. False as for `updateProgress`. */
export async function keepStaging(
  tx: Db,
  { id, job, pinId }: { id: string; job: Job; pinId: string },
): Promise<boolean> {
  return (await setStaging.changes(tx, { id, job: job.id, lease: job.lease, pinId })) === 1
}

const setStaging = statement((tx, param: Placeholder<{ id: string; job: string; lease: number; pinId: string }>) =>
  tx
    .updateTable('fetches')
    .set({ staging_id: param('pinId') })
    .where('id', '=', param('id'))
    .where((eb) => eb.exists(heldBy(tx, param))),
)

/** Requests whose origins count: those that came last. */
const originRequests = 50

/** The addresses that the latest requests of a fetch named, each once. */
export async function findOrigins(db: Db, fetchId: string): Promise<string[]> {
  const rows = await selectOrigins(db, { fetch: fetchId, limit: originRequests })
  return [...new Set(rows.flatMap(({ origins }) => readOrigins(origins)))]
}

const selectOrigins = statement((db, param: Placeholder<{ fetch: string; limit: number }>) =>
  db
    .selectFrom('requests')
    .select('origins')
    .where('fetch_id', '=', param('fetch'))
    .orderBy('file_id', 'desc')
    .limit(param('limit')),
)

const requested = (db: Db, param: Placeholder<{ fetch: string }>) =>
  db
    .selectFrom('requests')
    .innerJoin('files', 'files.id', 'requests.file_id')
    .select(['files.id', 'files.account_id', 'files.network', 'files.created_at', 'files.pin_status'])
    .where('requests.fetch_id', '=', param('fetch'))

/** Some files of a fetch with this status. */
export const listRequested = statement((db, param: Placeholder<{ fetch: string; status: number; limit: number }>) =>
  requested(db, param).where('files.pin_status', '=', param('status')).limit(param('limit')),
)

/** Some files of a fetch that wait: queued or pinning. */
export const listWaiting = statement((db, param: Placeholder<{ fetch: string; limit: number }>) =>
  requested(db, param)
    .where((eb) => eb.or([eb('files.pin_status', '=', sql.lit(0)), eb('files.pin_status', '=', sql.lit(1))]))
    .limit(param('limit')),
)

/** The fetch that a file asks for, if it asks for one. */
export async function findFetchOfFile(db: Db, fileId: string): Promise<string | undefined> {
  const [row] = await selectFetchOfFile(db, { file: fileId })
  return row?.fetch_id
}

const selectFetchOfFile = statement((db, param: Placeholder<{ file: string }>) =>
  db.selectFrom('requests').select('fetch_id').where('file_id', '=', param('file')),
)

/** Whether anybody asks for a fetch. */
export async function hasRequests(db: Db, fetchId: string): Promise<boolean> {
  return (await selectRequest(db, { fetch: fetchId })).length > 0
}

const selectRequest = statement((db, param: Placeholder<{ fetch: string }>) =>
  db.selectFrom('requests').select('file_id').where('fetch_id', '=', param('fetch')).limit(sql.lit(1)),
)

/** These files ask for nothing any more. */
export async function deleteRequests(tx: Db, fileIds: readonly string[]): Promise<void> {
  if (fileIds.length > 0) await tx.deleteFrom('requests').where('file_id', 'in', fileIds).execute()
}

/** Whether all that wait for a fetch were asked for with keys that see a part of the account's files only. */
export async function isForReachesOnly(db: Db, fetchId: string): Promise<boolean> {
  const [whole] = await selectUnbound(db, { fetch: fetchId })
  return whole === undefined
}

const selectUnbound = statement((db, param: Placeholder<{ fetch: string }>) =>
  db
    .selectFrom('requests')
    .innerJoin('files', 'files.id', 'requests.file_id')
    .leftJoin('keys', 'keys.id', 'files.created_by_key')
    .select('files.id')
    .where('requests.fetch_id', '=', param('fetch'))
    .where('files.own_1', 'is', null)
    .where((eb) => eb.or([eb('keys.bounds', 'is', null), eb('keys.bounds', 'not like', sql.lit('%"groups":[%'))]))
    .limit(sql.lit(1)),
)
