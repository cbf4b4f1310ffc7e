import { Nothing } from '../schemas/common.ts'
import type { Route } from '../route.ts'

/** Largest JSON body: what the hosted service takes for pinJSONToIPFS. */
export const jsonLimitBytes = 10 * 1024 * 1024

/** Largest JSON body that any installation takes where content or many items stand in it; each says how much it does. */
export const largestJsonBytes = 64 * 1024 * 1024

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
