import type { Caller } from '../caller.ts'
import { insertEvents } from '../events/queries.ts'
import { enqueue } from '../jobs/queue.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { attemptDelivery } from './deliver-webhook.ts'
import { deliverJob } from './fan-out.ts'
import { getWebhook } from './manage-webhooks.ts'
import {
  type DeliveryRow,
  type DeliveryWithEvent,
  findDelivery,
  insertDeliveries,
  listDeliveries,
  updateDelivery,
} from './queries.ts'

/** A page of what was and is to be sent to a webhook, latest first. Throws `not_found`. */
export async function pageDeliveries(
  { db }: Pick<Services, 'db'>,
  caller: Caller,
  webhookId: string,
  {
    state,
    limit = 100,
    pageToken,
  }: { state?: string | undefined; limit?: number | undefined; pageToken?: string | undefined },
): Promise<{ deliveries: DeliveryWithEvent[]; nextPageToken: string | null }> {
  await getWebhook(db.read, caller, webhookId)
  const rows = await listDeliveries(db.read, { webhookId, state, before: pageToken, limit: limit + 1 })
  const deliveries = rows.slice(0, limit)
  return { deliveries, nextPageToken: rows.length > limit ? (deliveries.at(-1)?.delivery.id ?? null) : null }
}

/** Has an event sent again, as the first attempt of a new day. Throws `not_found`, `conflict` when it is disabled. */
export async function resendDelivery(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  caller: Caller,
  { id, deliveryId }: { id: string; deliveryId: string },
): Promise<DeliveryWithEvent> {
  const now = clock.now()
  return db.write(async (tx) => {
    const webhook = await getWebhook(tx, caller, id)
    const found = await findDelivery(tx, { webhookId: id, id: deliveryId })
    if (found === undefined) throw new AppError('not_found', 'There is no such delivery of this webhook')
    if (webhook.disabled_at !== null) {
      throw new AppError('conflict', 'This webhook is disabled. Make it active again first.')
    }
    const again = { state: 'pending', attempts: 0, first_attempt_at: null, next_attempt_at: now }
    await updateDelivery(tx, deliveryId, again)
    await enqueue(tx, { kind: deliverJob, subject: id, owner: webhook.account_id }, now)
    return { ...found, delivery: { ...found.delivery, ...again } }
  })
}

/** Sends a test event once, at once, also to a webhook that is disabled. Throws `not_found`. */
export async function testWebhook(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'valueKey' | 'dialPolicy'>,
  caller: Caller,
  id: string,
  signal: AbortSignal,
): Promise<DeliveryWithEvent> {
  const { db, clock, newId, dialPolicy: policy } = services
  const webhook = await getWebhook(db.read, caller, id)
  const now = clock.now()
  const event = {
    id: newId(),
    account_id: caller.accountId,
    kind: 'webhook.test',
    at: now,
    data: JSON.stringify({ object: { webhook_id: id, message: 'This is a test.' } }),
  }
  const sent = await attemptDelivery({ ...services, policy }, webhook, { event }, signal)
  const delivery: DeliveryRow = {
    id: newId(),
    webhook_id: id,
    event_id: event.id,
    state: sent.error === null ? 'delivered' : 'failed',
    attempts: 1,
    created_at: now,
    first_attempt_at: now,
    last_attempt_at: now,
    next_attempt_at: null,
    status: sent.status,
    error: sent.error,
    duration_ms: sent.durationMs,
  }
  await db.write(async (tx) => {
    // It may have been deleted meanwhile.
    await getWebhook(tx, caller, id)
    await insertEvents(tx, [{ ...event, key_id: null, group_id: null, position: null }])
    await insertDeliveries(tx, [delivery])
  })
  return { delivery, event }
}
