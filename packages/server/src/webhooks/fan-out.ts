import { eventKinds } from '@pinyon/contract/event-kinds.ts'
import type { Db } from '../db/database.ts'
import type { EventRow } from '../events/queries.ts'
import { enqueue } from '../jobs/queue.ts'
import type { Services } from '../services.ts'
import { insertDeliveries, listActiveWebhooks, type WebhookRow } from './queries.ts'

/** The kind of job that sends to one webhook what is due; its subject is the webhook's id, its owner the account. */
export const deliverJob = 'deliver-webhook'

/**
 * Adds a delivery of each event for each webhook of its account that wants its kind, and a job for each of these
 * webhooks: part of the write that gives the events their places, so that none is left out and none comes twice.
 */
export async function fanOut(
  tx: Db,
  { clock, newId }: Pick<Services, 'clock' | 'newId'>,
  events: readonly EventRow[],
): Promise<void> {
  const now = clock.now()
  const webhooks = await listActiveWebhooks(tx, [...new Set(events.map((event) => event.account_id))])
  if (webhooks.length === 0) return
  const used = new Map<string, WebhookRow>()
  const deliveries = events.flatMap((event) =>
    webhooks
      .filter((webhook) => webhook.account_id === event.account_id && wants(webhook, event))
      .map((webhook) => {
        used.set(webhook.id, webhook)
        return {
          id: newId(),
          webhook_id: webhook.id,
          event_id: event.id,
          state: 'pending',
          attempts: 0,
          created_at: now,
          first_attempt_at: null,
          last_attempt_at: null,
          next_attempt_at: now,
          status: null,
          error: null,
          duration_ms: null,
        }
      }),
  )
  if (deliveries.length > 0) await insertDeliveries(tx, deliveries)
  for (const { id, account_id: owner } of used.values())
    await enqueue(tx, { kind: deliverJob, subject: id, owner }, now)
}

/** Test events and kinds that are no more go to nobody. */
function wants({ kinds, since_event: since }: WebhookRow, { id, kind }: EventRow): boolean {
  if (!Object.hasOwn(eventKinds, kind) || id < since) return false
  return kinds === null || (JSON.parse(kinds) as string[]).includes(kind) // written by us
}
