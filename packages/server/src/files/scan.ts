import type { Db } from '../db/database.ts'
import type { Condition, IndexRange } from './filters/conditions.ts'
import type { FileScope } from './filters/file-filter.ts'
import type { Order } from './list-queries.ts'
import type { ScanBudget } from './scan-budget.ts'

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
  readonly pace: Pace
}

/** How a scan goes on. */
export interface Pace {
  /** Entries of the first slice, and the most that any slice has. */
  readonly first: number
  readonly largest: number
  /** How long a slice should take. */
  readonly sliceMs: number
  /** How many entries are looked through before other ways of finding the matches are weighed. */
  readonly patience: number
}
