import { z } from 'zod'
import { route, type Route } from '../route.ts'
import { AnalyticsSeries, AnalyticsSeriesQuery, AnalyticsTop, AnalyticsTopQuery } from '../schemas/analytics.ts'
import { defaults } from './defaults.ts'

const analytics = {
  ...defaults,
  dialect: 'v3',
  credentials: ['key', 'session'],
  cors: 'echo',
  tag: 'Analytics',
  resource: 'org:analytics:read',
} as const satisfies Partial<Route>

/** GET /v3/analytics/gateways/top. */
export const analyticsTop = route({
  ...analytics,
  id: 'analyticsTop',
  method: 'GET',
  path: '/v3/analytics/gateways/top',
  aliases: [{ path: '/v3/ipfs/gateway_analytics_top' }],
  scope: 'analytics.top',
  query: AnalyticsTopQuery,
  response: z.object({ data: AnalyticsTop }),
  summary: 'What the gateway is asked for most',
  description: 'Requests for your public files, by CID unless `by` says otherwise. Days are those of UTC.',
})

/** GET /v3/analytics/gateways/time_series. */
export const analyticsTimeSeries = route({
  ...analytics,
  id: 'analyticsTimeSeries',
  method: 'GET',
  path: '/v3/analytics/gateways/time_series',
  aliases: [{ path: '/v3/ipfs/gateway_analytics_time_series' }],
  scope: 'analytics.timeSeries',
  query: AnalyticsSeriesQuery,
  response: z.object({ data: AnalyticsSeries }),
  summary: 'Requests and bandwidth by day or week',
  description: 'Every day of the range, also those without a request. Weeks begin on Monday. Days are those of UTC.',
})
