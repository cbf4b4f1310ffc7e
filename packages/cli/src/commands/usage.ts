import { ApiError, type AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { bytesText, safeText, table } from '../output.ts'

/** Options of `usage`. */
export interface UsageOptions {
  readonly from?: string
  readonly to?: string
  readonly by: string
  readonly top: string
  readonly limit: string
}

/** Says what the gateway served: by day or week, and what was asked for most. */
export async function usage(context: Context, { from, to, by, top, limit }: UsageOptions): Promise<void> {
  for (const day of [from, to]) {
    if (day !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(day))
      throw new UsageError(`"${day}" is not a day, such as 2026-02-01.`)
  }
  if (!/^[1-9]\d{0,2}$/.test(limit)) throw new UsageError('--limit wants a whole number from 1 to 999.')
  const range = { start_date: from, end_date: to }
  const client = await context.client()
  const { signal } = context
  const series = await client.call(routes.analyticsTimeSeries, { query: { ...range, by }, signal })
  const most = await client.call(routes.analyticsTop, { query: { ...range, by: top, limit }, signal })
  const egress = await readEgress(context)
  const { total_requests: requests, total_bandwidth: bandwidth, time_periods: periods } = series.data
  context.out.result({ ...series.data, top: most.data, egress }, () =>
    [
      table(
        [by === 'week' ? 'WEEK FROM' : 'DAY', 'REQUESTS', 'BANDWIDTH'],
        [
          ...periods.map((each) => [each.period_start_time, String(each.requests), bytesText(each.bandwidth)]),
          ['Total', String(requests), bytesText(bandwidth)],
        ],
      ),
      '',
      most.data.length === 0
        ? 'Nothing of yours was asked for at the gateway.'
        : table(
            ['REQUESTS', 'BANDWIDTH', top.toUpperCase().replace('_', ' ')],
            most.data.map((each) => [
              String(each.requests),
              bytesText(each.bandwidth),
              each.value === '' ? '(not known)' : safeText(each.value),
            ]),
          ),
      ...(egress === null ? [] : ['', egressText(egress)]),
    ].join('\n'),
  )
}

type Egress = AnswerOf<typeof routes.usageGet>['account']['egress']

/** Null for a key that may not ask. */
async function readEgress(context: Context): Promise<Egress | null> {
  try {
    const client = await context.client()
    return (await client.call(routes.usageGet, { signal: context.signal })).account.egress
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return null
    throw error
  }
}

function egressText({ month, usedBytes, quotaBytes }: Egress): string {
  const limit = quotaBytes === null ? 'no quota' : `of a quota of ${bytesText(quotaBytes)}`
  return `Served for this account in ${month} (UTC): ${bytesText(usedBytes)}, ${limit}.`
}
