import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { UsageSearch } from '../paths.ts'
import { client } from './client.ts'

/** Requests and bandwidth of one day or week. */
export type Period = AnswerOf<typeof routes.analyticsTimeSeries>['data']['time_periods'][number]

/** How far back each choice goes, in days. */
const spans = { week: 7, month: 30, quarter: 91, year: 365 } as const

/** What is asked of the API for a choice; the day it ends is today, in UTC. */
function rangeOf({ span = 'month' }: UsageSearch): { start_date: string; end_date: string } {
  const day = (back: number) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10)
  return { start_date: day(spans[span] - 1), end_date: day(0) }
}

/** What the API is asked for; it adds up by day or week, and days make months. */
export function seriesAsked(search: UsageSearch) {
  return { ...rangeOf(search), date_interval: search.by === 'week' ? 'week' : 'day' }
}

/** Requests and bandwidth by day, week or month. */
export function seriesQuery(search: UsageSearch) {
  const query = seriesAsked(search)
  return queryOptions({
    queryKey: ['usage', 'series', query],
    queryFn: async ({ signal }) => (await client.call(routes.analyticsTimeSeries, { query, signal })).data,
    select: (series) => (search.by === 'month' ? { ...series, time_periods: byMonth(series.time_periods) } : series),
    placeholderData: keepPreviousData,
  })
}

/** Days of the same month as one period, which begins with the first of them that was asked for. */
function byMonth(days: readonly Period[]): Period[] {
  const months = Map.groupBy(days, ({ period_start_time: day }) => day.slice(0, 7))
  return [...months.values()].map((month) => ({
    period_start_time: month[0]?.period_start_time ?? '',
    requests: month.reduce((sum, { requests }) => sum + requests, 0),
    bandwidth: month.reduce((sum, { bandwidth }) => sum + bandwidth, 0),
  }))
}

/** What was asked for most. */
export function topQuery(search: UsageSearch) {
  const query = { ...rangeOf(search), by: search.top ?? 'file_name', sort_by: 'requests', limit: 20 }
  return queryOptions({
    queryKey: ['usage', 'top', query],
    queryFn: async ({ signal }) => (await client.call(routes.analyticsTop, { query, signal })).data,
    placeholderData: keepPreviousData,
  })
}

/** What anybody may have written into the address; what makes no sense there is passed over. */
export function readUsageSearch({ span, by, top, show }: Readonly<Record<string, unknown>>): UsageSearch {
  const knownSpan = (['week', 'quarter', 'year'] as const).find((each) => each === span)
  const knownTop = (['cid', 'referer', 'user_agent'] as const).find((each) => each === top)
  return {
    ...(knownSpan === undefined ? {} : { span: knownSpan }),
    ...(by === 'week' || by === 'month' ? { by } : {}),
    ...(knownTop === undefined ? {} : { top: knownTop }),
    ...(show === 'bandwidth' ? { show } : {}),
  }
}
