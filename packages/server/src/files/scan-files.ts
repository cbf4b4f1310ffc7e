import type { Db } from '../db/database.ts'
import { dialectOf } from '../db/runner.ts'
import { chooseRange } from './choose-range.ts'
import { type Condition, conditionsOf, type IndexRange } from './filters/conditions.ts'
import type { FileScope } from './filters/file-filter.ts'
import { findAllMatches } from './find-all-matches.ts'
import { findBoundary, hasExpired, notExpired, type Entries, type Order, type Stretch } from './list-queries.ts'
import { ScanBudget } from './scan-budget.ts'

/** A list being looked through: the entries of one index in order, and what each file must meet beside being there. */
export interface Scan {
  readonly db: Db
  readonly scope: FileScope
  readonly order: Order
  readonly range: IndexRange
  /** Everything that is asked of a file, expiry included. */
  readonly conditions: readonly Condition[]
  /** What an entry does not meet by being in the range. */
  readonly open: readonly Condition[]
  /** Every entry is a match. */
  readonly isExact: boolean
  readonly budget: ScanBudget
}

/** How many entries are looked through before other ways of finding the matches are weighed. */
const patience = 2_000

/** How a scan goes on each database: entries of the first slice, how long a slice should take, and bounds on its size. */
const paces = {
  // The event loop stands still meanwhile.
  sqlite: { first: 256, sliceMs: 8, largest: 40_000 },
  // The loop is free; a slice costs two round trips.
  postgres: { first: 1_024, sliceMs: 25, largest: 100_000 },
} as const

/** Reads what a scope asks and chooses the index to walk. Throws `invalid_request` for a pattern that is none. */
export async function openScan(
  db: Db,
  scope: FileScope,
  options: { order: Order; now: number; signal?: AbortSignal | undefined; deadlineMs?: number | undefined },
): Promise<Scan> {
  const asked = conditionsOf(db, scope)
  const range = await chooseRange(db, scope, asked)
  const unmet = asked.filter((condition) => condition.range !== range || !range.isExact)
  const expiry = (await hasExpired(db, options.now)) ? [notExpired(options.now)] : []
  const open = [...unmet, ...expiry]
  const budget = new ScanBudget(
    unmet.map(({ name }) => name),
    options.signal,
    options.deadlineMs,
  )
  const { order } = options
  // Key-values do not know the state of their file, so their entries are only candidates.
  const isExact = open.length === 0 && range.table === 'files'
  return { db, scope, order, range, conditions: [...asked, ...expiry], open, isExact, budget }
}

/** The entries of a scan within a stretch. */
export function entriesOf({ scope, range }: Scan, stretch: Stretch): Entries {
  return { scope, range, stretch }
}

/** A stretch that has been bounded and its number of entries; or the ids of all matches that remain, in order. */
export type Slice = { readonly stretch: Stretch; readonly count: number } | { readonly rest: readonly string[] }

/**
 * Cuts what is behind `after` into slices that take a few milliseconds each, together with what the receiver does
 * before it asks for the next. When matches turn out to be rare, they may all be found at once by another index: that
 * is then the last slice. `atMost` bounds the entries of the next slice. Throws as `ScanBudget.check`.
 */
export async function* slicesOf(
  scan: Scan,
  after: string | null,
  atMost: () => number = () => Infinity,
): AsyncGenerator<Slice> {
  const pace = paces[dialectOf(scan.db)]
  const others = scan.isExact ? undefined : findAllMatches(scan)
  let size: number = pace.first
  let seen = 0
  for (;;) {
    const turn = await scan.budget.takeTurn()
    try {
      const started = performance.now()
      const limit = Math.min(size, atMost())
      const { count, last } = await findBoundary(
        scan.db,
        entriesOf(scan, { order: scan.order, after, until: null }),
        limit,
      )
      if (last !== null) yield { stretch: { order: scan.order, after, until: last }, count }
      if (count < limit || last === null) return
      after = last
      seen += count
      const perMs = count / (performance.now() - started)
      size = Math.round(Math.min(Math.max(perMs * pace.sliceMs, 64), size * 8, pace.largest))
    } finally {
      turn.end()
    }
    if (others === undefined || seen < patience) continue
    const step = await others.next()
    if (step.done === true || step.value === undefined) continue
    yield { rest: behind(step.value, after, scan.order) }
    return
  }
}

function behind(ids: readonly string[], after: string, order: Order): string[] {
  const sorted = ids.filter((id) => (order === 'desc' ? id < after : id > after)).sort()
  return order === 'desc' ? sorted.reverse() : sorted
}
