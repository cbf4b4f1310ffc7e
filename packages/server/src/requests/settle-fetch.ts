import type { Db } from '../db/database.ts'
import { recordPinsFailed } from '../files/file-events.ts'
import { changePinStatus, markHeld, type PinnedByCid } from '../files/pin-status.ts'
import { pinStatuses } from '../files/pin-counts.ts'
import type { Cid } from '../ipfs/cid.ts'
import { finish, type Job, requireLease } from '../jobs/queue.ts'
import { AppError } from '../lib/errors.ts'
import { publishPin, retainPin } from '../pins/publish-pin.ts'
import { addHolders } from '../pins/queries.ts'
import { releaseHolder } from '../pins/release-pin.ts'
import type { Services } from '../services.ts'
import { type AccountRoom, lockAccountRoom } from '../usage/queries.ts'
import { recordQuotaCrossing, recordQuotaReached } from '../usage/quota-events.ts'
import { quotaReached, requirePublicAllowed } from '../usage/quota.ts'
import type { FetchedDag } from './attempt-fetch.ts'
import { endFailed } from './fail-fetch.ts'
import {
  deleteFetch,
  deleteRequests,
  type FetchRow,
  hasRequests,
  listRequested,
  listWaiting,
  lockFetch,
  updateFetch,
} from './fetch-queries.ts'

/** Files that one write settles: so few that others hardly wait. */
const sliceFiles = 256

/** `settled`: nobody waits any more. `absent`: no public pin of the root is there. `gone`: nobody asks any more. */
export type Settled = 'settled' | 'absent' | 'gone'

interface Settle {
  readonly job: Job
  readonly fetch: FetchRow
  readonly root: Cid
  /** What was fetched; without it only a public pin that is there already is used. */
  readonly content?: FetchedDag | undefined
}

/**
 * Gives the content to every file that waits for it, a slice in each write: the first publishes the pin, each charges
 * its files exactly as far as the quota goes, and the last ends the fetch and its job. Files that do not fit fail, and
 * so do all where public content is refused. Those that failed before are given it as well. Throws `LeaseLost` when the
 * job is not this worker's any more; then nothing was changed by that write.
 */
export async function settleFetch(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  settle: Settle,
): Promise<Settled> {
  let { content } = settle
  for (;;) {
    const slice = content
    const outcome = await services.db.write((tx) => settleSlice(tx, services, { ...settle, content: slice }))
    if (outcome !== 'more' && outcome !== 'more fail') return outcome
    // It is published now, and the next slices hold that pin.
    if (outcome === 'more') content = undefined
  }
}

async function settleSlice(
  tx: Db,
  { clock, newId }: Pick<Services, 'clock' | 'newId'>,
  { job, fetch: { id, account_id: accountId }, root, content }: Settle,
): Promise<Settled | 'more' | 'more fail'> {
  const room = await lockAccountRoom(tx, accountId)
  const fetch = await lockFetch(tx, id)
  await requireLease(tx, job)
  if (fetch === undefined || room === undefined) return 'gone'
  const waiting = await listWaiting(tx, { fetch: id, limit: sliceFiles })
  const failed = await listRequested(tx, { fetch: id, status: pinStatuses.failed, limit: sliceFiles })
  const files = [...waiting, ...failed].slice(0, sliceFiles)
  const now = clock.now()
  if (files.length === 0) {
    await endWith(tx, { fetch, job })
    return 'settled'
  }
  const held = await holdFiles(tx, { room, files, root, content, fetch, now, newId })
  if (held === 'absent') return 'absent'
  const refused = held.error
  const left = refused === undefined ? [] : waiting.filter((file) => !held.files.includes(file))
  if (refused !== undefined && (left.length > 0 || held.files.length === 0)) {
    const reason = refused.code === 'quota_reached' ? 'quota-reached' : 'public-refused'
    const setback = { reason, detail: refused.message, isFinal: true } as const
    const given = await changePinStatus(tx, left, 'failed', now)
    await recordPinsFailed(
      tx,
      given.map((file) => file.id),
      { ...setback, at: now },
    )
    if (refused.code === 'quota_reached' && room.quota_bytes !== null) {
      await recordQuotaReached(tx, accountId, { limitBytes: room.quota_bytes, usedBytes: room.used_bytes, at: now })
    }
    // Files that came meanwhile are looked at once more; they fail in the same way unless there is room by then.
    if ((await listWaiting(tx, { fetch: id, limit: 1 })).length > 0) return held.files.length > 0 ? 'more' : 'more fail'
    await endFailed(tx, { fetch: { ...fetch, staging_id: held.stagingId }, job, setback })
    return 'settled'
  }
  if (files.length < sliceFiles && !(await hasRequests(tx, id))) {
    await endWith(tx, { fetch, job })
    return 'settled'
  }
  return 'more'
}

async function endWith(tx: Db, { fetch, job }: { fetch: FetchRow; job: Job }): Promise<void> {
  await deleteFetch(tx, fetch.id)
  await finish(tx, job)
}

interface Hold {
  readonly room: AccountRoom
  readonly files: readonly PinnedByCid[]
  readonly root: Cid
  readonly content: FetchedDag | undefined
  readonly fetch: FetchRow
  readonly now: number
  readonly newId: () => string
}

interface Held {
  readonly files: readonly PinnedByCid[]
  /** Why the others do not hold it. */
  readonly error: AppError | undefined
  readonly stagingId: string | null
}

/** Makes as many of the files hold the pin as there is room for. */
async function holdFiles(tx: Db, hold: Hold): Promise<Held | 'absent'> {
  const { room, files, root, content, fetch, now } = hold
  const refusal = findRefusal(room)
  if (refusal !== undefined) return { files: [], error: refusal, stagingId: fetch.staging_id }
  const known = content ?? (await sizeOfPin(tx, root))
  if (known === undefined) return 'absent'
  const { sizeBytes } = known
  const freeBytes =
    room.quota_bytes === null ? Number.MAX_SAFE_INTEGER : room.quota_bytes - room.used_bytes - room.reserved_bytes
  const count = sizeBytes * files.length <= freeBytes ? files.length : Math.max(0, Math.floor(freeBytes / sizeBytes))
  const error = count < files.length ? quotaReached(room, sizeBytes) : undefined
  if (count === 0) return { files: [], error, stagingId: fetch.staging_id }
  const pin = await openPin(tx, hold)
  if (pin === undefined) return 'absent'
  if (count > 1) await addHolders(tx, { id: pin.pinId, holders: count - 1 })
  // What was staged is the pin now, or is given up.
  if (fetch.staging_id !== null) await updateFetch(tx, fetch.id, { staging_id: null })
  const held = await markHeld(tx, files.slice(0, count), pin, now)
  await recordQuotaCrossing(tx, fetch.account_id, { room, bytes: held.length * sizeBytes, at: now })
  await deleteRequests(
    tx,
    held.map(({ id }) => id),
  )
  for (let i = held.length; i < count; i++) await releaseHolder(tx, pin.pinId)
  return { files: held, error, stagingId: null }
}

/** The pin of the root, with one holder more; undefined when it is not there and nothing was fetched. */
async function openPin(tx: Db, { root, content, now, newId }: Hold) {
  if (content === undefined) return retainPin(tx, { root, network: 'public' })
  const { pinId } = await publishPin(tx, { ...content, root, network: 'public', createdAt: now, newId })
  const { sizeBytes, numberOfFiles, mimeType } = content
  return { pinId, sizeBytes, numberOfFiles, mimeType }
}

async function sizeOfPin(tx: Db, { multihash, codec }: Cid): Promise<{ sizeBytes: number } | undefined> {
  const row = await tx
    .selectFrom('pins')
    .select('size_bytes')
    .where('multihash', '=', multihash)
    .where('codec', '=', codec)
    .where('network', '=', 1)
    .where('state', '=', 'pinned')
    .executeTakeFirst()
  return row === undefined ? undefined : { sizeBytes: row.size_bytes }
}

function findRefusal(room: AccountRoom): AppError | undefined {
  try {
    requirePublicAllowed(room)
    return undefined
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}
