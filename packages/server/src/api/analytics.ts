import { routes } from '@pinyon/contract/routes.ts'
import { readSeries, readTop } from '../analytics/read-analytics.ts'
import { door, type Door } from '../http/door.ts'

/** What the gateway served of the account's public files. */
export const analyticsDoors: readonly Door[] = [
  door(routes.analyticsTop, async ({ services, caller, query }) => ({
    data: await readTop(services, caller, query),
  })),
  door(routes.analyticsTimeSeries, async ({ services, caller, query: { by, date_interval: interval, ...query } }) => {
    const periods = await readSeries(services, caller, { ...query, by: interval ?? by })
    return {
      data: {
        total_requests: periods.reduce((sum, { requests }) => sum + requests, 0),
        total_bandwidth: periods.reduce((sum, { bandwidth }) => sum + bandwidth, 0),
        time_periods: periods.map(({ start, requests, bandwidth }) => ({
          period_start_time: new Date(start).toISOString().slice(0, 10),
          requests,
          bandwidth,
        })),
      },
    }
  }),
]
