import { z } from 'zod'
import { wholeNumber } from './common.ts'

/** A day in UTC; an empty one counts as left out, since the SDKs send it so. */
const Day = z
  .string()
  .max(40)
  .transform((text, context) => {
    if (text === '') return undefined
    const match = /^(\d{4}-\d{2}-\d{2})(T.*)?$/.exec(text)
    const ms = match === null ? Number.NaN : Date.parse(`${match[1]}T00:00:00Z`)
    if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== match?.[1]) {
      context.addIssue({ code: 'custom', message: 'must be a day, such as 2026-02-01' })
      return z.NEVER
    }
    return ms
  })
  .meta({ format: 'date' })

const text = () => z.string().max(1_024).optional()

const filters = {
  gateway_domain: text(),
  start_date: Day.optional(),
  end_date: Day.optional().meta({ description: 'This day included; without it today.' }),
  cid: text(),
  file_name: text(),
  user_agent: text(),
  country: text(),
  region: text(),
  referer: text(),
  http_status_code: z.union([z.literal(''), wholeNumber(100, 599)]).optional(),
  sort_order: z
    .string()
    .transform((order) => order.toLowerCase())
    .pipe(z.enum(['asc', 'desc', '']))
    .optional(),
  limit: wholeNumber(1, 1_000).optional(),
}

/** By what the most asked is told. */
const analyticsDimensions = ['cid', 'country', 'region', 'user_agent', 'referer', 'file_name'] as const

/** Query of the top. */
export const AnalyticsTopQuery = z.object({
  ...filters,
  by: z.enum(analyticsDimensions).optional(),
  sort_by: z.enum(['requests', 'bandwidth']).optional(),
})

/** What was asked most. */
export const AnalyticsTop = z
  .array(z.object({ value: z.string(), requests: z.number(), bandwidth: z.number() }))
  .meta({ id: 'AnalyticsTop' })

/** Query of the time series: the SDKs send `by`, the documentation says `date_interval`. */
export const AnalyticsSeriesQuery = z.object({
  ...filters,
  by: z.enum(['day', 'week']).optional(),
  date_interval: z.enum(['day', 'week']).optional(),
  sort_by: z.enum(['requests', 'bandwidth']).optional(),
})

/** Requests and bytes by day or week. */
export const AnalyticsSeries = z
  .object({
    total_requests: z.number(),
    total_bandwidth: z.number(),
    time_periods: z.array(
      z.object({
        period_start_time: z.string().meta({ format: 'date' }),
        requests: z.number(),
        bandwidth: z.number(),
      }),
    ),
  })
  .meta({ id: 'AnalyticsSeries' })
