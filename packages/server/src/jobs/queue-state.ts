import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

/** Jobs of one kind, as they stand. */
export interface KindState {
  readonly kind: string
  readonly waiting: number
  readonly running: number
  /** Those whose last attempt failed. */
  readonly failing: number
  readonly overdue: number
  /** When the one that waits longest was due. */
  readonly due_since: number | null
  readonly last_error: string | null
}

/** What a source of jobs holds (`JobSource`), `mostJobs` at most. */
export type WaitingElsewhere = Pick<KindState, 'kind' | 'waiting' | 'overdue' | 'due_since'>

/** Looked at in one question: more would hold others up. */
export const mostJobs = 100_000

/**
 * How many jobs of each kind wait, run and fail, of the first `mostJobs`, and with them what waits elsewhere. A lease
 * that is over does not run.
 */
export async function listKindStates(
  db: Db,
  { now, overdueBefore }: { readonly now: number; readonly overdueBefore: number },
  elsewhere: readonly WaitingElsewhere[],
): Promise<KindState[]> {
  const runs = sql<boolean>`(lease_until is not null and lease_until > ${now})`
  const count = (of: ReturnType<typeof sql>) => sql<number>`sum(case when ${of} then 1 else 0 end)`
  const kinds = await db
    .selectFrom((from) => from.selectFrom('jobs').selectAll().limit(mostJobs).as('some'))
    .select([
      'kind',
      count(sql`not ${runs}`).as('waiting'),
      count(runs).as('running'),
      count(sql`last_error is not null`).as('failing'),
      count(sql`not ${runs} and run_at <= ${overdueBefore}`).as('overdue'),
      sql<number | null>`min(case when not ${runs} and run_at <= ${now} then run_at end)`.as('due_since'),
      sql<string | null>`max(last_error)`.as('last_error'),
    ])
    .groupBy('kind')
    .execute()
  const states = new Map(kinds.map((state) => [state.kind, state]))
  for (const { kind, ...more } of elsewhere) {
    if (more.waiting > 0) states.set(kind, addWaiting(states.get(kind) ?? { kind, ...noJobs }, more))
  }
  return [...states.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1))
}

function addWaiting(state: KindState, more: Omit<WaitingElsewhere, 'kind'>): KindState {
  const since = [state.due_since, more.due_since].filter((at) => at !== null)
  return {
    ...state,
    waiting: state.waiting + more.waiting,
    overdue: state.overdue + more.overdue,
    due_since: since.length === 0 ? null : Math.min(...since),
  }
}

const noJobs = { waiting: 0, running: 0, failing: 0, overdue: 0, due_since: null, last_error: null }
