import type { Caller } from '../caller.ts'
import { Breath } from '../db/breath.ts'
import { formatCid, parseCid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { sumTrafficBy, sumTrafficByDay, type TrafficDimension, type TrafficFilter } from './queries.ts'

const dayMs = 86_400_000
/** Days when nobody says since when. */
const usualDays = 30
/** Days of one question. */
const maxDays = 1_100
/** Days that are summed by one statement. */
const sliceDays = 7

/** What is asked, as both families of routes say it; empty text counts as left out. */
export interface AnalyticsQuery {
  readonly gateway_domain?: string | undefined
  /** Midnights in UTC; the day of the end is included. */
  readonly start_date?: number | undefined
  readonly end_date?: number | undefined
  readonly cid?: string | undefined
  readonly file_name?: string | undefined
  readonly user_agent?: string | undefined
  readonly country?: string | undefined
  readonly region?: string | undefined
  readonly referer?: string | undefined
  readonly http_status_code?: number | '' | undefined
  readonly sort_order?: 'asc' | 'desc' | '' | undefined
  readonly sort_by?: 'requests' | 'bandwidth' | undefined
  readonly limit?: number | undefined
}

type ReadServices = Pick<Services, 'db' | 'clock'>

/** What was asked for most, by a dimension. Throws `invalid_request` for days that are none. */
export async function readTop(
  { db, clock }: ReadServices,
  caller: Pick<Caller, 'accountId'>,
  { by = 'cid', ...query }: AnalyticsQuery & { readonly by?: TrafficDimension | undefined },
): Promise<{ value: string; requests: number; bandwidth: number }[]> {
  const filter = readFilter(caller, query, clock.now())
  const sums = new Map<string, { value: string; requests: number; bandwidth: number }>()
  for await (const slice of slices(filter)) {
    for (const { value, requests, bytes } of await sumTrafficBy(db.read, slice, by)) {
      const sum = sums.get(value) ?? { value, requests: 0, bandwidth: 0 }
      sums.set(value, { value, requests: sum.requests + requests, bandwidth: sum.bandwidth + bytes })
    }
  }
  return sorted([...sums.values()], query).slice(0, query.limit ?? 100)
}

/** Requests and bytes by day or week, those without a request too. Throws `invalid_request` for days that are none. */
export async function readSeries(
  { db, clock }: ReadServices,
  caller: Pick<Caller, 'accountId'>,
  { by = 'day', ...query }: AnalyticsQuery & { readonly by?: 'day' | 'week' | undefined },
): Promise<{ start: number; requests: number; bandwidth: number }[]> {
  const filter = readFilter(caller, query, clock.now())
  const periods = new Map<number, { start: number; requests: number; bandwidth: number }>()
  for (let day = filter.from; day < filter.to; day += dayMs) {
    const start = startOf(day, by)
    periods.set(start, { start, requests: 0, bandwidth: 0 })
  }
  for await (const slice of slices(filter)) {
    for (const { day, requests, bytes } of await sumTrafficByDay(db.read, slice)) {
      const period = periods.get(startOf(day, by))
      if (period === undefined) continue
      period.requests += requests
      period.bandwidth += bytes
    }
  }
  const all = [...periods.values()]
  // In the order of time, unless an order of size is asked for.
  if (query.sort_by !== undefined) return sorted(all, query).slice(0, query.limit)
  const inOrder = query.sort_order === 'desc' ? all.toReversed() : all
  return inOrder.slice(0, query.limit)
}

/** The Monday of a week (ISO 8601); 1970 began on a Thursday. */
function startOf(day: number, by: 'day' | 'week'): number {
  return by === 'day' ? day : day - ((Math.floor(day / dayMs) + 3) % 7) * dayMs
}

function sorted<Sum extends { requests: number; bandwidth: number }>(
  sums: Sum[],
  { sort_by: by = 'requests', sort_order: order }: AnalyticsQuery,
): Sum[] {
  const sign = order === 'asc' ? 1 : -1
  return sums.sort((a, b) => sign * (a[by] - b[by]))
}

/** A few days at a time, so that other requests get their turn however much there is. */
async function* slices(filter: TrafficFilter): AsyncGenerator<TrafficFilter> {
  const breath = new Breath()
  for (let { from } = filter; from < filter.to; from += sliceDays * dayMs) {
    if (breath.isDue()) await breath.take()
    yield { ...filter, from, to: Math.min(filter.to, from + sliceDays * dayMs) }
  }
}

function readFilter({ accountId }: Pick<Caller, 'accountId'>, query: AnalyticsQuery, now: number): TrafficFilter {
  const today = Math.floor(now / dayMs) * dayMs
  const last = query.end_date ?? today
  const from = query.start_date ?? last - (usualDays - 1) * dayMs
  if (from > last) throw new AppError('invalid_request', 'start_date: must not be after end_date')
  if ((last - from) / dayMs >= maxDays) {
    throw new AppError('invalid_request', `start_date: at most ${maxDays} days can be asked for at once`)
  }
  const equals = Object.fromEntries(
    (['file_name', 'user_agent', 'country', 'region', 'referer'] as const).flatMap((name) => {
      const value = query[name]
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
  return {
    accountId,
    from,
    to: last + dayMs,
    host: textOf(query.gateway_domain)?.toLowerCase(),
    cids: spellingsOf(textOf(query.cid)),
    status: query.http_status_code === '' ? undefined : query.http_status_code,
    equals,
  }
}

function textOf(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

/** Files carry their CID as it was sent, and a request may have another spelling of it. */
function spellingsOf(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined
  const { multihash, codec } = parseCid(text)
  const isOld = codec === 0x70 && multihash.length === 34
  const versions = isOld ? ([0, 1] as const) : ([1] as const)
  return [text, ...versions.map((version) => formatCid({ version, multihash, codec }))]
}
