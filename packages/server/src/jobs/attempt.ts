import { setTimeout as wait } from 'node:timers/promises'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { backOffMs, extendLease, finish, finishUntil, giveBack, LeaseLost, retryAt } from './queue.ts'
import type { Job, Lane } from './queue.ts'
import type { JobSource } from './lanes.ts'

/** What is done for one kind of job. */
export interface JobHandler {
  /**
   * Does the job. It may be run twice, so it is safe to repeat. `signal` says that its time is over. With `RunAgain` it
   * waits for another attempt, which is no failure.
   */
  readonly run: (job: Job, signal: AbortSignal) => Promise<RunAgain | void>
  /** How many of this kind run at once in this process; 1 without it. */
  readonly concurrency?: number
  /** Makes its queue fair to owners, which each of its jobs has then: how many run at once in each lane. */
  readonly lanes?: Readonly<Record<Exclude<Lane, 'due'>, number>>
  /** Where new jobs of such a queue come from that are made no sooner than somebody takes them. */
  readonly source?: JobSource
  /** It loses nothing by being stopped, so it is told at once when the process closes. */
  readonly stopsAtOnce?: boolean
  /** How long one attempt may take; ten minutes without it, a day at most. */
  readonly deadlineMs?: number
  /** How many attempts there are before `giveUp`; 10 without it. A periodic job has no last one. */
  readonly attempts?: number
  /** The last resort: says to whoever waits that it will not happen. The job ends when this has run. */
  readonly giveUp?: (job: Job, error: unknown) => Promise<void>
  /** Makes it a periodic job: run at start, and this long after the end of each run. */
  readonly everyMs?: number
}

/** The job is not done: it is to run again, at this time. */
export interface RunAgain {
  readonly runAt: number
}

/** How long a claimed job is this worker's. A process that dies leaves its jobs to others after this time. */
export const LEASE_MS = 60_000
const EXTEND_MS = 15_000
const DEADLINE_MS = 600_000
/** Node fires a timer at once whose time does not fit 31 bits of milliseconds. */
const MAX_DEADLINE_MS = 86_400_000
/** How long an attempt that was told to stop is waited for. */
const STOP_MS = 5_000
/** Between two tries to write down the end of an attempt while the database is not available. */
const SETTLE_AGAIN_MS = 1_000
const ATTEMPTS = 10

/** The reason of `signal` when the process ends: the job goes back as if it had not been taken. */
export class Closing extends Error {
  constructor() {
    super('The process is closing')
    this.name = 'Closing'
  }
}

class DeadlinePassed extends Error {
  constructor(ms: number) {
    super(`It was not done within ${ms / 1_000} s`)
    this.name = 'DeadlinePassed'
  }
}

/**
 * Runs a claimed job once, keeping its lease meanwhile, and writes down how it went, as soon as the database is there
 * again where it was gone. Never throws: when that cannot be written, the lease runs out and the job is run again.
 */
export async function attemptJob(
  services: { db: Database; clock: Clock; log: Pick<Logger, 'warn' | 'error'> },
  job: Job,
  handler: JobHandler,
  closing: AbortSignal,
): Promise<void> {
  const { log } = services
  const named = { job: job.kind, subject: job.subject, attempt: job.attempt }
  const ended = await runHandler(services, job, handler, closing)
  const error = 'error' in ended ? ended.error : undefined
  if (error instanceof LeaseLost) return log.warn({ ...named, err: error }, 'another worker took the job over')
  if (error !== undefined && !(error instanceof Closing)) log.warn({ ...named, err: error }, 'a job failed')
  try {
    await settleSoon(services, job, handler, ended, closing)
  } catch (settleError) {
    log.error({ ...named, err: settleError }, 'the end of a job could not be written, so it will run again')
  }
}

/**
 * A database that was away for a moment must not keep a job waiting until its lease runs out, which only a process that
 * was killed leaves behind. After that time others may have it.
 */
async function settleSoon(...[services, job, handler, ended, closing]: [...Parameters<typeof settle>, AbortSignal]) {
  const until = performance.now() + LEASE_MS
  for (;;) {
    try {
      return await settle(services, job, handler, ended)
    } catch (error) {
      const isAway = error instanceof AppError && error.code === 'unavailable'
      if (!isAway || closing.aborted || performance.now() > until) throw error
      await wait(SETTLE_AGAIN_MS, undefined, { signal: closing }).catch(() => undefined)
    }
  }
}

async function settle(
  { db, clock }: { db: Database; clock: Clock },
  job: Job,
  handler: JobHandler,
  ended: Ended,
): Promise<void> {
  const { everyMs } = handler
  const now = clock.now()
  if ('again' in ended) {
    const { again } = ended
    if (again !== undefined) return db.write((tx) => retryAt(tx, job, again.runAt, null))
    return db.write((tx) => (everyMs === undefined ? finish(tx, job) : finishUntil(tx, job, now + everyMs)))
  }
  const { error } = ended
  if (error instanceof Closing) return db.write((tx) => giveBack(tx, job, now))
  if (everyMs === undefined && job.attempt >= (handler.attempts ?? ATTEMPTS)) {
    await handler.giveUp?.(job, error)
    return db.write((tx) => finish(tx, job))
  }
  const wait = Math.min(backOffMs(job.attempt), everyMs ?? Infinity)
  const reason = error instanceof Error ? error.message : 'It threw something that is not an error'
  return db.write((tx) => retryAt(tx, job, now + wait, reason.replaceAll('\0', '').toWellFormed().slice(0, 1_000)))
}

/** `again` is undefined when the job is done. */
type Ended = { readonly again: RunAgain | undefined } | { readonly error: unknown }

/** What came of it: what the handler asked for, what it threw, or why it was stopped. */
async function runHandler(
  { db, clock, log }: { db: Database; clock: Clock; log: Pick<Logger, 'warn'> },
  job: Job,
  handler: JobHandler,
  closing: AbortSignal,
): Promise<Ended> {
  const stop = new AbortController()
  const deadlineMs = Math.min(handler.deadlineMs ?? DEADLINE_MS, MAX_DEADLINE_MS)
  const deadline = setTimeout(() => stop.abort(new DeadlinePassed(deadlineMs)), deadlineMs)
  const extend = async () => {
    try {
      const held = await db.write((tx) => extendLease(tx, job, clock.now() + LEASE_MS))
      if (!held) stop.abort(new LeaseLost(job))
    } catch (error) {
      log.warn({ job: job.kind, subject: job.subject, err: error }, 'the lease of a job could not be extended')
    }
  }
  const extending = setInterval(() => void extend(), EXTEND_MS)
  const onClosing = () => stop.abort(closing.reason)
  closing.addEventListener('abort', onClosing)
  if (closing.aborted) onClosing()
  let stopped: NodeJS.Timeout | undefined
  try {
    const again = await new Promise<RunAgain | void>((resolve, reject) => {
      const onStop = () => {
        stopped = setTimeout(() => reject(new Error('It did not stop when told to')), STOP_MS)
      }
      if (stop.signal.aborted) onStop()
      else stop.signal.addEventListener('abort', onStop)
      handler.run(job, stop.signal).then(resolve, reject)
    })
    return { again: again ?? undefined }
  } catch (error) {
    // What a handler throws when it is told to stop is that it was told to stop.
    return { error: stop.signal.aborted ? stop.signal.reason : error }
  } finally {
    clearTimeout(deadline)
    clearInterval(extending)
    clearTimeout(stopped)
    closing.removeEventListener('abort', onClosing)
  }
}
