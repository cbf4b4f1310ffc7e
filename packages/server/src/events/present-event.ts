import type { EventRow } from './queries.ts'

/**
 * The body of a webhook and of a live event, to the letter (reference of Pinata's wire, webhooks): what is signed must
 * be the same each time it is sent.
 */
export function eventPayload(event: Pick<EventRow, 'kind' | 'at' | 'account_id' | 'data'>): string {
  // Microseconds, as Pinata sends them.
  const timestamp = new Date(event.at).toISOString().replace('Z', '000Z')
  const head = JSON.stringify({ event_type: event.kind, timestamp, workspace_id: event.account_id })
  return `${head.slice(0, -1)},"data":${event.data}}`
}
