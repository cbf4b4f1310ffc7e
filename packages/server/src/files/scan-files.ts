import type { Db } from '../db/database.ts'
import { type Dialect, dialectOf } from '../db/runner.ts'
import { chooseRange } from './choose-range.ts'
import { conditionsOf } from './filters/conditions.ts'
import type { FileScope } from './filters/file-filter.ts'
import { findAllMatches } from './find-all-matches.ts'
import { findBoundary, hasExpired, notExpired, type Entries, type Order, type Stretch } from './list-queries.ts'
import type { Pace, Scan } from './scan.ts'
import { ScanBudget } from './scan-budget.ts'

const paces: Readonly<Record<Dialect, Pace>> = {
  // The event loop stands still meanwhile.
  sqlite: { first: 256, largest: 40_000, sliceMs: 8, patience: 2_000 },
  // The loop is free; a slice costs two round trips.
  postgres: { first: 256, largest: 100_000, sliceMs: 25, patience: 2_000 },
}

/** What a scan may be told beside what it looks for. */
export interface ScanOptions {
  /** Aborted when nobody waits for the answer. */
  readonly signal?: AbortSignal | undefined
  /** Instead of the usual five seconds. */
  readonly deadlineMs?: number | undefined
  /** Instead of the pace that suits the database. */
  readonly pace?: Pace | undefined
}

/** Reads what a scope asks and chooses the index to walk. Throws `invalid_request` for a pattern that is none. */
export async function openScan(
  db: Db,
  scope: FileScope,
  options: ScanOptions & { readonly order: Order; readonly now: number },
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
  // Key-values do not know the state of their file, so their entries are only candidates.
  const isExact = open.length === 0 && range.table === 'files'
  const { order, pace = paces[dialectOf(db)] } = options
  return { db, scope, order, range, conditions: [...asked, ...expiry], open, isExact, budget, pace }
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
  const { pace } = scan
  const others = scan.isExact ? undefined : findAllMatches(scan)
  let size = pace.first
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
      size = Math.round(Math.min(Math.max(perMs * pace.sliceMs, pace.first / 4, 1), size * 8, pace.largest))
    } finally {
      turn.end()
    }
    if (others === undefined || seen < pace.patience) continue
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
