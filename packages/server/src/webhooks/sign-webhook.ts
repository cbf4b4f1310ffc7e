import { createHmac } from 'node:crypto'
import type { ValueKey } from '../keys/value-key.ts'

/** The secret of a webhook, as its owner is shown it once: `whsec_` and base64 (https://www.standardwebhooks.com). */
export function webhookSecret(valueKey: ValueKey, webhookId: string): string {
  return `whsec_${valueKey.derive('webhook', webhookId).toString('base64')}`
}

/** The headers of a message, signed (Standard Webhooks, "Signature scheme"). `at` in milliseconds. */
export function signedHeaders(
  valueKey: ValueKey,
  webhookId: string,
  { eventId, at, payload }: { eventId: string; at: number; payload: string },
): Record<string, string> {
  const id = `msg_${eventId}`
  const timestamp = String(Math.floor(at / 1000))
  const signature = createHmac('sha256', valueKey.derive('webhook', webhookId))
    .update(`${id}.${timestamp}.${payload}`)
    .digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}
