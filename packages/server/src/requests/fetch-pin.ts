import { setTimeout as wait } from 'node:timers/promises'
import { changePinStatus } from '../files/pin-status.ts'
import { pinStatuses } from '../files/pin-counts.ts'
import { parseCid } from '../ipfs/cid.ts'
import type { BlockMemory } from '../ipfs/want-room.ts'
import type { RunAgain } from '../jobs/attempt.ts'
import { finish, type Job, requireLease } from '../jobs/queue.ts'
import { AppError } from '../lib/errors.ts'
import { findPublicPin, markReleasing } from '../pins/queries.ts'
import type { Services } from '../services.ts'
import {
  type Attempted,
  attemptFetch,
  DeadlinePassed,
  type FetchServices,
  NotOurs,
  SliceEnded,
} from './attempt-fetch.ts'
import { failFetch } from './fail-fetch.ts'
import {
  deleteFetch,
  type FetchRow,
  findOrigins,
  hasRequests,
  listRequested,
  lockFetch,
  updateFetch,
} from './fetch-queries.ts'
import { hadNobodyToAsk, readSetback, type Setback } from './fetch-reason.ts'
import { type FetchTimes, pauseMs } from './fetch-times.ts'
import { settleFetch } from './settle-fetch.ts'

/** Files whose status one write changes. */
const sliceFiles = 256

interface FetchPinOptions {
  readonly memory: BlockMemory
  readonly times: FetchTimes
}

/**
 * The job that brings the content of a fetch here: one attempt, after which its files are pinned or have failed, or it
 * is tried again. Safe to repeat, and changes nothing once another worker has taken it over.
 */
export async function fetchPin(
  services: FetchServices & Pick<Services, 'log'>,
  job: Job,
  { signal, ...options }: FetchPinOptions & { signal: AbortSignal },
): Promise<RunAgain | void> {
  const fetch = await beginAttempt(services, job)
  if (fetch === undefined) return
  const root = parseCid(fetch.cid)
  const denied = services.denials.find(root.multihash)
  if (denied !== undefined) {
    const setback = { reason: 'taken-down', detail: takenDown(denied.reason), isFinal: true } as const
    return failFetch(services, { job, fetch, setback, tried: fetch.tried })
  }
  // What got pinned meanwhile, by whomever, is public: it is used at once.
  const [isPublic] = await findPublicPin(services.db.read, { multihash: root.multihash, codec: root.codec })
  if (isPublic !== undefined && (await settleFetch(services, { job, fetch, root })) !== 'absent') return
  const { clock } = services
  if (clock.now() >= fetch.deadline_at) return giveUp(services, { job, fetch })
  const origins = await findOrigins(services.db.read, fetch.id)
  const slot = { since: performance.now(), times: options.times, signal }
  await using attempted = await attemptFetch(services, { job, fetch, root, origins, signal, ...options })
  if (attempted.content !== undefined) {
    return await settleAttempt(services, { job, fetch, attempted, origins, slot })
  }
  if (signal.aborted && attempted.error === signal.reason) {
    await noteEnd(services, { job, fetch, attempted, change: { attempts: fetch.attempts - 1 } })
    throw signal.reason
  }
  return await endAttempt(services, { job, fetch, attempted, origins, slot })
}

function takenDown(reason: string): string {
  return `The operator of this server has taken this content down: ${reason}`
}

/** Marks the fetch and its files as under way. Undefined when there is nothing to do. */
async function beginAttempt({ db, clock }: Pick<Services, 'db' | 'clock'>, job: Job): Promise<FetchRow | undefined> {
  for (;;) {
    const begun = await db.write(async (tx) => {
      const fetch = await lockFetch(tx, job.subject)
      await requireLease(tx, job)
      if (fetch === undefined || fetch.state === 'failed') return undefined
      if (!(await hasRequests(tx, fetch.id))) {
        if (fetch.staging_id !== null) await markReleasing(tx, fetch.staging_id)
        await deleteFetch(tx, fetch.id)
        await finish(tx, job)
        return undefined
      }
      const queued = await listRequested(tx, { fetch: fetch.id, status: pinStatuses.queued, limit: sliceFiles })
      const isLast = queued.length < sliceFiles
      const change = { state: 'fetching', attempts: fetch.attempts + 1, next_attempt_at: null }
      if (isLast) await updateFetch(tx, fetch.id, change)
      await changePinStatus(tx, queued, 'pinning', clock.now())
      return { fetch: { ...fetch, ...change }, isLast }
    })
    if (begun === undefined || begun.isLast) return begun?.fetch
  }
}

interface Ended {
  readonly job: Job
  readonly fetch: FetchRow
  readonly attempted: Attempted
  readonly origins: readonly string[]
  readonly slot: Slot
}

/** The slot that an attempt takes up. */
interface Slot {
  readonly since: number
  readonly times: FetchTimes
  readonly signal: AbortSignal
}

async function settleAttempt(services: FetchServices, ended: Ended): Promise<RunAgain | void> {
  const { job, fetch, attempted } = ended
  try {
    const { content } = attempted
    const settled = await settleFetch(services, { job, fetch, root: parseCid(fetch.cid), content })
    return settled === 'absent' ? { runAt: services.clock.now() } : undefined
  } catch (error) {
    // Something that the content relied on was taken away meanwhile, or the storage is in trouble.
    if (!(error instanceof AppError)) throw error
    return endAttempt(services, { ...ended, attempted: { ...attempted, error } })
  }
}

async function endAttempt(
  services: FetchServices & Pick<Services, 'log'>,
  { job, fetch, attempted, origins, slot }: Ended,
): Promise<RunAgain | void> {
  const { clock, node, log } = services
  const { error, isMoving, tried } = attempted
  if (error instanceof NotOurs) return
  if (error instanceof SliceEnded) {
    await noteEnd(services, { job, fetch, attempted, change: { attempts: fetch.attempts - 1 } })
    // Before everything else of this account that is tried again: it is being fetched.
    return { runAt: 0 }
  }
  if (error instanceof DeadlinePassed) return giveUp(services, { job, fetch, tried })
  const setback = readSetback(error, { node, tried, origins })
  if (setback.reason === 'internal') log.error({ fetch: fetch.id, err: error }, 'an attempt to fetch a pin had a fault')
  if (setback.isFinal) return failFetch(services, { job, fetch, setback, tried: JSON.stringify(tried) })
  const attempts = isMoving ? 1 : fetch.attempts
  const now = clock.now()
  // The last attempt is at the deadline.
  const runAt = Math.min(now + pauseMs(attempts, Math.random()), Math.max(now, fetch.deadline_at))
  const { reason, detail } = setback
  await noteEnd(services, { job, fetch, attempted, change: { attempts, next_attempt_at: runAt, reason, detail } })
  if (!isMoving) await keepSlot(slot, hadNobodyToAsk(error, tried))
  return { runAt }
}

/** Has an attempt that brought nothing keep its slot until its least time is over. */
async function keepSlot({ since, times, signal }: Slot, hadNobody: boolean): Promise<void> {
  const left = since + (hadNobody ? times.unaskedMs : times.leastMs) - performance.now()
  // A process that closes is not kept waiting.
  if (left > 0) await wait(left, undefined, { signal }).catch(() => undefined)
}

/** Writes down what an attempt came to. Changes nothing when the job is not this worker's any more. */
async function noteEnd(
  { db }: Pick<Services, 'db'>,
  { job, fetch, attempted, change }: Pick<Ended, 'job' | 'fetch' | 'attempted'> & { change: Partial<FetchRow> },
): Promise<void> {
  const { blocks, bytes, lastBlockAt, tried } = attempted
  await db.write(async (tx) => {
    if ((await lockFetch(tx, fetch.id)) === undefined) return
    await requireLease(tx, job)
    const progress = { number_of_blocks: blocks, size_bytes: bytes, last_block_at: lastBlockAt }
    await updateFetch(tx, fetch.id, { ...progress, tried: JSON.stringify(tried), ...change })
  })
}

/** The time is over: what held it up last is the reason. */
async function giveUp(
  services: Pick<Services, 'db' | 'clock'>,
  { job, fetch, tried }: { job: Job; fetch: FetchRow; tried?: Attempted['tried'] },
): Promise<void> {
  const hours = Math.max(1, Math.round((fetch.deadline_at - fetch.created_at) / 3_600_000))
  const last = readLast(fetch)
  const setback = { ...last, detail: `Given up after ${hours} h. ${last.detail} Pin it again to have it tried again.` }
  await failFetch(services, { job, fetch, setback, tried: tried === undefined ? fetch.tried : JSON.stringify(tried) })
}

function readLast({ reason, detail }: FetchRow): Setback {
  if (reason === null || detail === null) {
    return { reason: 'out-of-time', detail: 'Not all of the content arrived in this time.', isFinal: true }
  }
  // Written by this file.
  return { reason: reason as Setback['reason'], detail, isFinal: true }
}
