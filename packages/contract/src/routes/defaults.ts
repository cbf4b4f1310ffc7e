import { Nothing } from '../schemas/common.ts'
import type { Route } from '../route.ts'

/** Largest JSON body that is read in one go, while nothing else is answered. */
const jsonLimitBytes = 10 * 1024 * 1024

/** Largest JSON to be stored that any installation takes; each says how much it does. */
export const largestJsonBytes = 256 * 1024 * 1024

/** Largest upload in one request: ten times the hosted service's 25 GB. */
export const uploadLimitBytes = 250_000_000_000

/** What most rows have in common: no body, no parameters, no query. */
export const defaults = {
  bodyKind: 'none',
  bodyLimitBytes: jsonLimitBytes,
  params: Nothing,
  query: Nothing,
  body: Nothing,
  response: Nothing,
  rateClass: 'read',
} as const satisfies Partial<Route>
