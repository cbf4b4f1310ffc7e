import type { Db } from '../db/database.ts'
import { type Condition, type IndexRange, wholeList } from './filters/conditions.ts'
import type { FileScope } from './filters/file-filter.ts'
import { countEntries } from './list-queries.ts'

/** Ranges are told apart by size up to this many entries; what counting costs is some tenths of a millisecond. */
const countedTo = 2_000

/**
 * The index that a list walks: of the conditions that have one in the order of files the one with the fewest entries,
 * as counted and not as estimated. Among large ones the first counts.
 */
export async function chooseRange(db: Db, scope: FileScope, conditions: readonly Condition[]): Promise<IndexRange> {
  const ranges = conditions.flatMap(({ range }) => (range?.isOrdered === true ? [range] : []))
  const [first, ...others] = ranges
  if (first === undefined) return wholeList(scope)
  if (others.length === 0) return first
  let best = { range: first, entries: Infinity }
  for (const range of ranges) {
    const entries = await countEntries(db, scope, range, countedTo)
    if (entries < best.entries && entries < countedTo) best = { range, entries }
    if (entries === 0) break
  }
  return best.range
}
