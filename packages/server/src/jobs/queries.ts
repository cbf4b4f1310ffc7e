import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { forUpdateSkipLocked } from '../db/for-update.ts'
import { statement } from '../db/statement.ts'
import type { Placeholder } from '../db/statement.ts'

/** What taking a job gives. */
export interface ClaimedRow {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly payload: string
  readonly attempts: number
  readonly lease: number
}

type InsertedJob = {
  id: string
  kind: string
  subject: string
  payload: string
  run_at: number
  created_at: number
  owner: string | null
}

/** Adds a job, or has the one that is there run sooner, or once more. */
export const upsert = statement((tx, param: Placeholder<InsertedJob>) =>
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

/** One job that could be taken, when there is any. */
export const findDue = statement((db, param: Placeholder<{ kind: string; now: number }>) => dueRows(db, param).limit(1))

/** Takes jobs without owner that are due, first come first. */
export const claimDue = statement(
  (tx, param: Placeholder<{ kind: string; now: number; leaseUntil: number; limit: number }>) =>
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

/** The job, when it is held under this lease; PostgreSQL locks it until the write ends. */
export const lockHeld = statement((tx, param: Placeholder<Held>, dialect) => {
  const query = tx.selectFrom('jobs').select('id').where('id', '=', param('id')).where('lease', '=', param('lease'))
  return dialect === 'postgres' ? query.forUpdate() : query
})

/** Moves the end of a lease that is held. */
export const extend = statement((tx, param: Placeholder<Held & { lease_until: number }>) =>
  tx
    .updateTable('jobs')
    .set({ lease_until: param('lease_until') })
    .where('id', '=', param('id'))
    .where('lease', '=', param('lease'))
    .where('lease_until', 'is not', null),
)

/** Has leases end a second from now, or twice, four times ... as long after each attempt; none later than it would have. */
export const shorten = statement((tx, param: Placeholder<{ kind: string; now: number }>, dialect) => {
  const least = sql.raw(dialect === 'postgres' ? 'least' : 'min')
  return tx
    .updateTable('jobs')
    .set({
      lease_until: sql<number>`${least}(lease_until, cast(${param('now')} as bigint) + 1000 * (1 << cast(${least}(attempts - 1, 6) as integer)))`,
    })
    .where('kind', '=', param('kind'))
    .where('lease_until', 'is not', null)
    .where('attempts', '>', 0)
})

/** Ends a job that is held and was not asked for again. */
export const remove = statement((tx, param: Placeholder<Held>) =>
  tx
    .deleteFrom('jobs')
    .where('id', '=', param('id'))
    .where('lease', '=', param('lease'))
    .where('lease_until', 'is not', null)
    .where('again_at', 'is', null),
)

/** Has a job that is held wait for the time at which it was asked for again. */
export const startOver = statement((tx, param: Placeholder<Held>) =>
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

/** Gives a job that is held back, to be run then, or sooner where it was asked for. */
export const again = statement(
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
