import { randomInt } from 'node:crypto'
import type { Db } from '../db/database.ts'
import { forUpdateSkipLocked } from '../db/for-update.ts'
import { insertMany } from '../db/insert-many.ts'
import { statement } from '../db/statement.ts'
import type { Placeholder } from '../db/statement.ts'
import { systemClock } from '../lib/clock.ts'
import { createIdSource } from '../lib/ids.ts'

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

/** As `enqueue`, for jobs of one kind with an owner that concern what is new, so that none of them waits already. */
export async function enqueueNew(
  tx: Db,
  kind: string,
  jobs: readonly { readonly subject: string; readonly owner: string }[],
  now: number,
): Promise<void> {
  await insertJobs(
    tx,
    jobs.map(({ subject, owner }) => ({
      id: newId(),
      kind,
      subject,
      payload: '{}',
      run_at: now,
      created_at: now,
      owner,
      attempts: 0,
      lease: 0,
    })),
  )
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

/** What taking a job gives. */
export interface ClaimedRow {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly payload: string
  readonly attempts: number
  readonly lease: number
}

const newId = createIdSource(systemClock)

const insertJobs = insertMany('jobs', [
  'id',
  'kind',
  'subject',
  'payload',
  'run_at',
  'created_at',
  'owner',
  'attempts',
  'lease',
])

type InsertedJob = {
  id: string
  kind: string
  subject: string
  payload: string
  run_at: number
  created_at: number
  owner: string | null
}

const upsert = statement((tx, param: Placeholder<InsertedJob>) =>
  tx
    .insertInto('jobs')
    .values({
      id: param('id'),
      kind: param('kind'),
      subject: param('subject'),
      payload: param('payload'),
      run_at: param('run_at'),
      created_at: param('created_at'),
      owner: param('owner'),
      attempts: 0,
      lease: 0,
    })
    .onConflict((conflict) =>
      conflict.columns(['kind', 'subject']).doUpdateSet((eb) => ({
        payload: eb.ref('excluded.payload'),
        attempts: eb.case().when('jobs.lease_until', 'is', null).then(0).else(eb.ref('jobs.attempts')).end(),
        run_at: eb
          .case()
          .when(eb.and([eb('jobs.lease_until', 'is', null), eb('excluded.run_at', '<', eb.ref('jobs.run_at'))]))
          .then(eb.ref('excluded.run_at'))
          .else(eb.ref('jobs.run_at'))
          .end(),
        again_at: eb
          .case()
          .when('jobs.lease_until', 'is', null)
          .then(null)
          .when(eb.and([eb('jobs.again_at', 'is not', null), eb('jobs.again_at', '<', eb.ref('excluded.run_at'))]))
          .then(eb.ref('jobs.again_at'))
          .else(eb.ref('excluded.run_at'))
          .end(),
      })),
    ),
)

const dueRows = (tx: Db, param: Placeholder<{ kind: string; now: number }>) =>
  tx
    .selectFrom('jobs')
    .select('id')
    .where('kind', '=', param('kind'))
    .where('run_at', '<=', param('now'))
    // As the index of these has it; those with an owner are taken by lanes.
    .where('owner', 'is', null)
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', param('now'))]))
    .orderBy('run_at')

const findDue = statement((db, param: Placeholder<{ kind: string; now: number }>) => dueRows(db, param).limit(1))

const claimDue = statement((tx, param: Placeholder<{ kind: string; now: number; leaseUntil: number; limit: number }>) =>
  tx
    .with('due', (db) =>
      dueRows(db as Db, param)
        .limit(param('limit'))
        .$call(forUpdateSkipLocked(tx)),
    ) // the same tables, inside the clause
    .updateTable('jobs')
    .set((eb) => ({
      lease: eb('lease', '+', 1),
      attempts: eb('attempts', '+', 1),
      lease_until: param('leaseUntil'),
    }))
    .where('id', 'in', (eb) => eb.selectFrom('due').select('id'))
    .returning(['id', 'kind', 'subject', 'payload', 'attempts', 'lease']),
)

type Held = { id: string; lease: number }

const lockHeld = statement((tx, param: Placeholder<Held>, dialect) => {
  const query = tx.selectFrom('jobs').select('id').where('id', '=', param('id')).where('lease', '=', param('lease'))
  return dialect === 'postgres' ? query.forUpdate() : query
})

const extend = statement((tx, param: Placeholder<Held & { lease_until: number }>) =>
  tx
    .updateTable('jobs')
    .set({ lease_until: param('lease_until') })
    .where('id', '=', param('id'))
    .where('lease', '=', param('lease'))
    .where('lease_until', 'is not', null),
)

const remove = statement((tx, param: Placeholder<Held>) =>
  tx
    .deleteFrom('jobs')
    .where('id', '=', param('id'))
    .where('lease', '=', param('lease'))
    .where('lease_until', 'is not', null)
    .where('again_at', 'is', null),
)

const startOver = statement((tx, param: Placeholder<Held>) =>
  tx
    .updateTable('jobs')
    .set((eb) => ({
      run_at: eb.fn.coalesce('again_at', 'run_at'),
      again_at: null,
      lease_until: null,
      attempts: 0,
      last_error: null,
    }))
    .where('id', '=', param('id'))
    .where('lease', '=', param('lease'))
    .where('lease_until', 'is not', null),
)

const again = statement(
  (tx, param: Placeholder<Held & { run_at: number; attempts: number; last_error: string | null }>) =>
    tx
      .updateTable('jobs')
      .set((eb) => ({
        run_at: eb
          .case()
          .when(eb.and([eb('again_at', 'is not', null), eb('again_at', '<', param('run_at'))]))
          .then(eb.ref('again_at').$notNull())
          .else(param('run_at'))
          .end(),
        attempts: eb.case().when('again_at', 'is', null).then(param('attempts')).else(0).end(),
        again_at: null,
        lease_until: null,
        last_error: param('last_error'),
      }))
      .where('id', '=', param('id'))
      .where('lease', '=', param('lease'))
      .where('lease_until', 'is not', null),
)
