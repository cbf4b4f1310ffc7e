import type { Route } from './route.ts'

/** What a newcomer wants first stands first. */
const order = [
  'Authentication',
  'Files',
  'Groups',
  'Bulk',
  'Pinning',
  'Pinning service',
  'Data',
  'API keys',
  'API keys (legacy)',
  'Webhooks',
  'Names',
  'Gateways',
  'Analytics',
  'Account',
  'Sessions',
]

/** The headings of the reference, in its order; headings that are not named in it come last. */
export function tagsOf(rows: readonly Route[]): string[] {
  const tags = [...new Set(rows.map((row) => row.tag))]
  return [...order.filter((tag) => tags.includes(tag)), ...tags.filter((tag) => !order.includes(tag))]
}
