import type { Db } from '../db/database.ts'
import { eventPayload } from '../events/present-event.ts'
import type { DialPolicy } from '../ipfs/node/dial-policy.ts'
import type { RunAgain } from '../jobs/attempt.ts'
import { type Job, requireLease } from '../jobs/queue.ts'
import type { Services } from '../services.ts'
import {
  type DeliveryWithEvent,
  failPending,
  findNextAttempt,
  findWebhookToServe,
  listDue,
  updateDelivery,
  updateWebhook,
  type WebhookRow,
} from './queries.ts'
import { type SendBounds, type Sent, sendWebhook } from './send-webhook.ts'
import { type SignedWebhook, signedHeaders } from './sign-webhook.ts'
import { failpoint } from '../lib/failpoint.ts'

/** What is sent to one webhook at the same time. */
const parallel = 4
/** One turn of a webhook ends after so long, so that those of other accounts get theirs. */
const turnMs = 20_000
/** Seconds between the attempts: twelve within a day. */
const waitsSeconds = [5, 30, 120, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800]

/** What sending needs. */
export type DeliverServices = Pick<Services, 'db' | 'clock' | 'valueKey'> & {
  readonly policy: DialPolicy
  readonly bounds?: SendBounds
}

/**
 * One turn of a webhook: sends what is due, a few at the same time, and writes down how each went. What was not
 * accepted is tried again later and later for a day. When nothing at all was accepted in that day, the webhook is
 * disabled, with the reason. The job's lease is held against each result, so that of several processes one delivers.
 */
export async function deliverWebhook(
  services: DeliverServices,
  job: Job,
  signal: AbortSignal,
): Promise<RunAgain | void> {
  const { db, clock } = services
  const until = performance.now() + turnMs
  for (;;) {
    const webhook = await findWebhookToServe(db.read, job.subject)
    if (webhook === undefined || webhook.disabled_at !== null) return
    const due = await listDue(db.read, { webhookId: webhook.id, now: clock.now(), limit: parallel })
    if (due.length === 0) {
      const runAt = await findNextAttempt(db.read, webhook.id)
      return runAt === undefined ? undefined : { runAt }
    }
    // Who stood still past the lease sends nothing on waking: somebody else does.
    await db.write((tx) => requireLease(tx, job))
    const sent = await Promise.all(due.map((each) => attemptDelivery(services, webhook, each, signal)))
    failpoint('webhook-sent')
    // What was cut off by the end of the process counts as not tried.
    signal.throwIfAborted()
    await db.write(async (tx) => {
      await requireLease(tx, job)
      for (const [i, each] of due.entries()) await settleDelivery(tx, webhook, each, sent[i]!, clock.now()) // one for each
    })
    if (performance.now() > until) return { runAt: clock.now() }
  }
}

/** Sends an event to a webhook once. Never throws. */
export function attemptDelivery(
  { clock, valueKey, policy, bounds }: DeliverServices,
  webhook: SignedWebhook & Pick<WebhookRow, 'url'>,
  { event }: Pick<DeliveryWithEvent, 'event'>,
  signal: AbortSignal,
): Promise<Sent> {
  const payload = eventPayload(event)
  const headers = signedHeaders(valueKey, webhook, { eventId: event.id, at: clock.now(), payload })
  return sendWebhook(webhook.url, { headers, payload }, { policy, signal, ...(bounds === undefined ? {} : { bounds }) })
}

async function settleDelivery(
  tx: Db,
  webhook: WebhookRow,
  { delivery }: DeliveryWithEvent,
  sent: Sent,
  now: number,
): Promise<void> {
  const attempts = delivery.attempts + 1
  const tried = {
    attempts,
    first_attempt_at: delivery.first_attempt_at ?? now,
    last_attempt_at: now,
    status: sent.status,
    error: sent.error,
    duration_ms: sent.durationMs,
  }
  if (sent.error === null) {
    await updateDelivery(tx, delivery.id, { ...tried, state: 'delivered', next_attempt_at: null })
    await updateWebhook(tx, webhook.id, { last_success_at: now, failing_since: null })
    return
  }
  const wait = waitsSeconds[attempts - 1]
  if (sent.status === 410) return disable(tx, webhook, now, 'It answered 410: it wants no more events.')
  if (wait !== undefined) {
    await updateDelivery(tx, delivery.id, { ...tried, next_attempt_at: now + wait * 1000 })
    if (webhook.failing_since === null) await updateWebhook(tx, webhook.id, { failing_since: now })
    return
  }
  await updateDelivery(tx, delivery.id, { ...tried, state: 'failed', next_attempt_at: null })
  const isDead = webhook.last_success_at === null || webhook.last_success_at < tried.first_attempt_at
  if (isDead) await disable(tx, webhook, now, `Nothing was accepted for a day. The last time: ${sent.error}`)
}

async function disable(tx: Db, { id }: WebhookRow, now: number, reason: string): Promise<void> {
  await updateWebhook(tx, id, { disabled_at: now, disabled_reason: reason, updated_at: now })
  await failPending(tx, id, 'The webhook was disabled.')
}
