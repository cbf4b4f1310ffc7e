import { createHmac } from 'node:crypto'
import type { ValueKey } from '../keys/value-key.ts'
import type { WebhookRow } from './queries.ts'

/** Of a webhook, what says how its messages are signed. */
export type SignedWebhook = Pick<WebhookRow, 'id' | 'secret_number' | 'previous_until'>

/** The secret of a webhook, as its owner is shown it once: `whsec_` and base64 (https://www.standardwebhooks.com). */
export function webhookSecret(
  valueKey: ValueKey,
  { id, secret_number: number }: Pick<SignedWebhook, 'id' | 'secret_number'>,
): string {
  return `whsec_${secretBytes(valueKey, id, number).toString('base64')}`
}

/**
 * The headers of a message, signed (Standard Webhooks, "Signature scheme"); while a secret is followed by another, with
 * both, the new one first, as the scheme has it for rotation. `at` in milliseconds.
 */
export function signedHeaders(
  valueKey: ValueKey,
  { id: webhookId, secret_number: number, previous_until: previousUntil }: SignedWebhook,
  { eventId, at, payload }: { eventId: string; at: number; payload: string },
): Record<string, string> {
  const id = `msg_${eventId}`
  const timestamp = String(Math.floor(at / 1000))
  const numbers = previousUntil !== null && at < previousUntil ? [number, number - 1] : [number]
  const signatures = numbers.map((each) => {
    const hmac = createHmac('sha256', secretBytes(valueKey, webhookId, each)).update(`${id}.${timestamp}.${payload}`)
    return `v1,${hmac.digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}

/** The first secret is that of the id alone: those that were shown before there were others stay good. */
function secretBytes(valueKey: ValueKey, id: string, number: number): Buffer {
  return valueKey.derive('webhook', number === 0 ? id : `${id}\0${number}`)
}
