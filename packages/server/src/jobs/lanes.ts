import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { forUpdateSkipLocked } from '../db/for-update.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import { type Job, jobOf, type Lane } from './queue.ts'

/** Owners that one claim looks at. Where more have nothing due, the next claim goes on behind them. */
const ownersAtOnce = 64

/**
 * What waits somewhere else until a worker has room for it, so that whoever asks for something writes no job. Owners of
 * both have their turns together. All but `hasAny` are part of the write that takes the jobs.
 */
export interface JobSource {
  /** Whether anything waits. */
  hasAny(db: Db): Promise<boolean>
  /** The first owner behind this one for whom something waits. */
  nextOwner(tx: Db, after: string): Promise<string | undefined>
  /** Makes a job, due now, of what waits longest for the owner. False when nothing does. */
  begin(tx: Db, owner: string, now: number): Promise<boolean>
  /** Makes jobs, due now, of what came last, whoever owns it. */
  beginLast(tx: Db, limit: number, now: number): Promise<void>
}

/** What waits longest may have been asked for before, so that no job comes of it: so often it goes on with the next. */
const mostBegun = 16

interface Claim {
  readonly kind: string
  readonly now: number
  readonly leaseUntil: number
  readonly limit: number
}

/**
 * Takes due jobs of the owners behind `after`, one of each and going round, until there are `limit` or no more. `after`
 * of the answer is where the next claim begins. An owner's own jobs go by the time they are due. However many jobs an
 * owner has, whoever else has one waits for one of them at most.
 */
export async function claimInTurn(
  tx: Db,
  lane: 'new' | 'retry',
  { kind, now, leaseUntil, limit, after }: Claim & { after: string },
  source?: JobSource,
): Promise<{ jobs: Job[]; after: string }> {
  const { next, take } = lanes[lane]
  const nextOfBoth = async (behind: string) => {
    const [found] = await next(tx, { kind, after: behind })
    const waiting = await source?.nextOwner(tx, behind)
    const owners = [found?.owner, waiting].filter((owner) => typeof owner === 'string')
    return owners.sort()[0]
  }
  const takeOne = async (of: string) => {
    for (let begun = 0; ; begun++) {
      const [row] = await take(tx, { kind, owner: of, now, leaseUntil })
      if (row !== undefined || source === undefined || begun === mostBegun) return row
      if (!(await source.begin(tx, of, now))) return undefined
    }
  }
  const jobs: Job[] = []
  let owner = after
  let isWholeRound = owner === ''
  let tookSome = false
  for (let i = 0; i < ownersAtOnce && jobs.length < limit; i++) {
    const found = await nextOfBoth(owner)
    if (found === undefined) {
      if (isWholeRound && !tookSome) break
      isWholeRound = true
      tookSome = false
      owner = ''
      continue
    }
    owner = found
    const row = await takeOne(owner)
    if (row === undefined) continue
    tookSome = true
    jobs.push(jobOf(row, lane))
  }
  return { jobs, after: owner }
}

/** Takes the jobs that came last of those that were never tried, whoever owns them. */
export async function claimNewest(tx: Db, claim: Claim, source?: JobSource): Promise<Job[]> {
  await source?.beginLast(tx, claim.limit, claim.now)
  return (await takeNewest(tx, { ...claim })).map((row) => jobOf(row, 'newest'))
}

/** Whether a lane has a job that is due, without taking it. */
export async function hasDueIn(db: Db, lane: Exclude<Lane, 'due'>, kind: string, now: number): Promise<boolean> {
  const find = lane === 'retry' ? findRetry : findNew
  return (await find(db, { kind, now })).length > 0
}

// Spelled out, not bound, or the indexes of each lane would not be used. A job that was never tried has no lease.
const isNew = sql<boolean>`owner is not null and attempts = 0`
const isRetry = sql<boolean>`owner is not null and attempts > 0`

const free = (tx: Db, param: Placeholder<{ kind: string; now: number }>) =>
  tx
    .selectFrom('jobs')
    .select('id')
    .where('kind', '=', param('kind'))
    .where('run_at', '<=', param('now'))
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', param('now'))]))

const findNew = statement((db, param: Placeholder<{ kind: string; now: number }>) =>
  free(db, param).where(isNew).limit(sql.lit(1)),
)

const findRetry = statement((db, param: Placeholder<{ kind: string; now: number }>) =>
  free(db, param).where(isRetry).limit(sql.lit(1)),
)

const nextOwner = (condition: typeof isNew) =>
  statement((db, param: Placeholder<{ kind: string; after: string }>) =>
    db
      .selectFrom('jobs')
      .select('owner')
      .where('kind', '=', param('kind'))
      .where(condition)
      .where('owner', '>', param('after'))
      .orderBy('owner')
      .limit(sql.lit(1)),
  )

type Take = { kind: string; owner: string; now: number; leaseUntil: number }

const takeOf = (condition: typeof isNew) =>
  statement((tx, param: Placeholder<Take>) =>
    taking(
      tx,
      param,
      free(tx, param).where(condition).where('owner', '=', param('owner')).orderBy('run_at').limit(sql.lit(1)),
    ),
  )

const takeNewest = statement(
  (tx, param: Placeholder<{ kind: string; now: number; leaseUntil: number; limit: number }>) =>
    taking(tx, param, free(tx, param).where(isNew).orderBy('run_at', 'desc').limit(param('limit'))),
)

function taking(tx: Db, param: Placeholder<{ leaseUntil: number }>, due: ReturnType<typeof free>) {
  return tx
    .with('due', () => due.$call(forUpdateSkipLocked(tx)))
    .updateTable('jobs')
    .set((eb) => ({ lease: eb('lease', '+', 1), attempts: eb('attempts', '+', 1), lease_until: param('leaseUntil') }))
    .where('id', 'in', (eb) => eb.selectFrom('due').select('id'))
    .returning(['id', 'kind', 'subject', 'payload', 'attempts', 'lease'])
}

const lanes = {
  new: { next: nextOwner(isNew), take: takeOf(isNew) },
  retry: { next: nextOwner(isRetry), take: takeOf(isRetry) },
}
