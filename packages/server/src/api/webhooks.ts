import { routes } from '@pinyon/contract/routes.ts'
import type { Webhook, WebhookDelivery } from '@pinyon/contract/schemas/webhooks.ts'
import type { z } from 'zod'
import { eventPayload } from '../events/present-event.ts'
import { door, type Door } from '../http/door.ts'
import { pageDeliveries, resendDelivery, testWebhook } from '../webhooks/deliveries.ts'
import {
  changeWebhook,
  createWebhook,
  getWebhook,
  kindsOf,
  removeWebhook,
  rotateWebhookSecret,
} from '../webhooks/manage-webhooks.ts'
import { type DeliveryWithEvent, listWebhooks, type WebhookRow } from '../webhooks/queries.ts'
import { presentTime } from './present-time.ts'

/** A day: those who check signatures get the new secret meanwhile. */
const defaultOverlapSeconds = 86_400

/** Webhooks and what was sent to them. */
export const webhookDoors: readonly Door[] = [
  door(routes.webhooksCreate, async ({ services, caller, body }) => {
    const { webhook, secret } = await createWebhook(services, caller, body)
    return { webhook: presentWebhook(webhook), secret }
  }),
  door(routes.webhooksList, async ({ services, caller }) => ({
    webhooks: (await listWebhooks(services.db.read, caller.accountId)).map(presentWebhook),
  })),
  door(routes.webhooksGet, async ({ services, caller, params }) =>
    presentWebhook(await getWebhook(services.db.read, caller, params.id)),
  ),
  door(routes.webhooksUpdate, async ({ services, caller, params, body }) =>
    presentWebhook(await changeWebhook(services, caller, params.id, body)),
  ),
  door(routes.webhooksRotateSecret, async ({ services, caller, params, body }) => {
    const { overlapSeconds = defaultOverlapSeconds } = body
    const { webhook, secret } = await rotateWebhookSecret(services, caller, { id: params.id, overlapSeconds })
    return { webhook: presentWebhook(webhook), secret }
  }),
  door(routes.webhooksDelete, async ({ services, caller, params }) => {
    await removeWebhook(services, caller, params.id)
    return {}
  }),
  door(routes.webhooksTest, async ({ services, caller, params, request }) =>
    presentDelivery(await testWebhook(services, caller, params.id, request.signal)),
  ),
  door(routes.webhooksDeliveries, async ({ services, caller, params, query }) => {
    const { deliveries, nextPageToken } = await pageDeliveries(services, caller, params.id, query)
    return { deliveries: deliveries.map(presentDelivery), nextPageToken }
  }),
  door(routes.webhooksResend, async ({ services, caller, params }) =>
    presentDelivery(await resendDelivery(services, caller, params)),
  ),
]

function presentWebhook(row: WebhookRow): z.infer<typeof Webhook> {
  const kinds = kindsOf(row)
  return {
    id: row.id,
    url: row.url,
    name: row.name,
    kinds: kinds === null ? null : [...kinds],
    state: row.disabled_at === null ? 'active' : 'disabled',
    disabledReason: row.disabled_reason,
    createdAt: presentTime(row.created_at),
    updatedAt: presentTime(row.updated_at),
    lastSuccessAt: presentTime(row.last_success_at),
    failingSince: presentTime(row.failing_since),
    previousSecretUntil: presentTime(row.previous_until),
  }
}

function presentDelivery({ delivery, event }: DeliveryWithEvent): z.infer<typeof WebhookDelivery> {
  return {
    id: delivery.id,
    eventId: event.id,
    kind: event.kind,
    // The table holds nothing else.
    state: delivery.state as 'pending' | 'delivered' | 'failed',
    attempts: delivery.attempts,
    createdAt: presentTime(delivery.created_at),
    lastAttemptAt: presentTime(delivery.last_attempt_at),
    nextAttemptAt: presentTime(delivery.next_attempt_at),
    status: delivery.status,
    error: delivery.error,
    durationMs: delivery.duration_ms,
    payload: eventPayload(event),
  }
}
