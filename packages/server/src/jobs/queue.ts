import { randomInt } from 'node:crypto'
import type { Db } from '../db/database.ts'
import { systemClock } from '../lib/clock.ts'
import { createIdSource } from '../lib/ids.ts'
import {
  again,
  claimDue,
  type ClaimedRow,
  extend,
  findDue,
  lockHeld,
  remove,
  shorten,
  startOver,
  upsert,
} from './queries.ts'

/** What there is to do later. */
export interface NewJob {
  readonly kind: string
  /** What it concerns: at most one job of a kind waits for it. */
  readonly subject: string
  /** Anything JSON; the last one given counts. */
  readonly payload?: unknown
  /** Not before this time, in milliseconds; at once without it. */
  readonly runAt?: number
  /** Whose it is, for kinds whose queue is fair to owners (`JobHandler.lanes`): an account. */
  readonly owner?: string
}

/**
 * Which jobs of a kind a worker takes, and in which order: `due` all of them, by the time they are due. In queues that
 * are fair to owners `new` takes those that were never tried, one of each owner in turn, `newest` the one of them that
 * came last, whoever owns it, and `retry` those that were tried, again one of each owner in turn.
 */
export type Lane = 'due' | 'new' | 'newest' | 'retry'

/** A job as its handler gets it. */
export interface Job {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly payload: unknown
  /** 1 the first time. */
  readonly attempt: number
  /** Fencing number: whoever holds a later one has taken the job over. */
  readonly lease: number
  /** How it was taken. */
  readonly lane: Lane
}

/**
 * Adds a job in the transaction that makes it necessary. One that waits already for the same subject is brought
 * forward instead; one that runs will run once more, at the time asked for.
 */
export async function enqueue(
  tx: Db,
  { kind, subject, payload = {}, runAt, owner }: NewJob,
  now: number,
): Promise<void> {
  await upsert(tx, {
    id: newId(),
    kind,
    subject,
    payload: JSON.stringify(payload),
    run_at: runAt ?? now,
    created_at: now,
    owner: owner ?? null,
  })
}

/** Takes up to `limit` due jobs of a kind whose jobs have no owner for this worker, until `leaseUntil`. */
export async function claim(
  tx: Db,
  request: { kind: string; now: number; leaseUntil: number; limit: number },
): Promise<Job[]> {
  return (await claimDue(tx, request)).map((row) => jobOf(row, 'due'))
}

/** Whether a job of this kind is due, without taking it. */
export async function hasDue(db: Db, kind: string, now: number): Promise<boolean> {
  return (await findDue(db, { kind, now })).length > 0
}

/**
 * Has jobs of a kind that are held run again soon, for a process that starts and is the only one to run them: who held
 * them is gone. A job that ended its process waits longer each time.
 */
export async function shortenLeases(tx: Db, kind: string, now: number): Promise<void> {
  await shorten(tx, { kind, now })
}

/** Keeps the job for longer. False when somebody else has taken it over. */
export async function extendLease(tx: Db, job: Job, leaseUntil: number): Promise<boolean> {
  return (await extend.changes(tx, { id: job.id, lease: job.lease, lease_until: leaseUntil })) === 1
}

/**
 * Throws `LeaseLost` unless the job is still this worker's, and keeps others from taking it until the write ends: for
 * handlers whose effect must not happen twice.
 */
export async function requireLease(tx: Db, job: Job): Promise<void> {
  const [held] = await lockHeld(tx, { id: job.id, lease: job.lease })
  if (held === undefined) throw new LeaseLost(job)
}

/** Another worker has taken the job over, because this one did not extend its lease in time. */
export class LeaseLost extends Error {
  constructor(job: Job) {
    super(`The lease of job ${job.kind} ${job.subject} was lost`)
    this.name = 'LeaseLost'
  }
}

/** Ends the job, or lets it wait for the time at which it was asked for again. A second time it changes nothing. */
export async function finish(tx: Db, job: Job): Promise<void> {
  if ((await remove.changes(tx, { id: job.id, lease: job.lease })) === 1) return
  await startOver(tx, { id: job.id, lease: job.lease })
}

/** Lets the job wait until `runAt` and count its attempts anew, or until it was asked for if that is sooner. */
export async function finishUntil(tx: Db, job: Job, runAt: number): Promise<void> {
  await again(tx, { id: job.id, lease: job.lease, run_at: runAt, attempts: 0, last_error: null })
}

/** Lets the job wait for another attempt; `error` says why, when it failed. */
export async function retryAt(tx: Db, job: Job, runAt: number, error: string | null): Promise<void> {
  await again(tx, { id: job.id, lease: job.lease, run_at: runAt, attempts: job.attempt, last_error: error })
}

/** Gives the job back as if it had not been taken. */
export async function giveBack(tx: Db, job: Job, now: number): Promise<void> {
  await again(tx, { id: job.id, lease: job.lease, run_at: now, attempts: job.attempt - 1, last_error: null })
}

/** How long to wait after the given attempt: doubling from a second to an hour, by a random part less. */
export function backOffMs(attempt: number): number {
  const full = Math.min(1_000 * 2 ** (attempt - 1), 3_600_000)
  return full - randomInt(Math.floor(full / 4))
}

/** A row of the queue as the handler gets it. */
export function jobOf(row: ClaimedRow, lane: Lane): Job {
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    payload: JSON.parse(row.payload),
    attempt: row.attempts,
    lease: row.lease,
    lane,
  }
}

const newId = createIdSource(systemClock)
