import type { Caller } from '../caller.ts'
import type { Services } from '../services.ts'
import { countByStatus } from './count-pins.ts'
import { withFetches } from './get-pin.ts'
import { pageAtOnce } from './page-at-once.ts'
import type { PinFilter } from './pin-filter.ts'
import type { PinRequest } from './pin-request.ts'
import { countTimes, openPinWalk, type PinWalk, takeTimes, type TimeRange, type WalkOptions } from './pin-walk.ts'
import { listPinsMadeAt } from './queries.ts'

/** What a list of pins is asked for. */
export interface ListPins extends WalkOptions {
  readonly filter: PinFilter
  readonly range: TimeRange
  readonly limit: number
}

/** All times there are. */
export const allTimes: TimeRange = { low: 0, high: Number.MAX_SAFE_INTEGER }

/**
 * The latest pins of the account that match, and how many match in all. The count equals the number of pins shown only
 * when none is left beyond them, whatever comes and goes meanwhile: clients stop by it. Throws `filter_too_wide`.
 */
export async function listPins(
  { db }: Pick<Services, 'db'>,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  { filter, range, limit, ...options }: ListPins,
): Promise<{ pins: PinRequest[]; count: number }> {
  const { accountId, reach } = caller
  const page =
    reach === undefined && options.sliceSize === undefined
      ? await pageAtOnce(db.read, accountId, filter, range, limit)
      : undefined
  if (page !== undefined) return { pins: await withFetches(db.read, page.files), count: page.count }
  const walk = await openPinWalk(db.read, caller, filter, options)
  const times = await takeTimes(db.read, walk, range, { limit })
  const last = times.length < limit ? undefined : times.at(-1)
  // Not before the page was taken: what is counted lies beyond it.
  const [files, rest] = await Promise.all([
    listPinsMadeAt(db.read, accountId, times),
    last === undefined ? 0 : countPins(db.read, walk, filter, { low: range.low, high: last }),
  ])
  return { pins: await withFetches(db.read, files), count: files.length + rest }
}

/** How many pins match: by the kept counts where nothing but statuses and times is asked. */
export function countPins(
  db: Services['db']['read'],
  walk: PinWalk,
  filter: PinFilter,
  range: TimeRange,
): Promise<number> {
  const { contents, name, meta = [], job } = filter
  const isByStatus =
    contents === undefined && name === undefined && meta.length === 0 && job === undefined && walk.reach === undefined
  return isByStatus ? countByStatus(db, walk.accountId, filter.statuses, range) : countTimes(db, walk, range)
}
