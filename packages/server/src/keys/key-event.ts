import type { EventKind } from '@pinyon/contract/event-kinds.ts'
import type { NewEvent } from '../events/record-event.ts'

/** What is told of a key that was made, regenerated or revoked: which one, never its secret. */
export function keyEvent(
  key: { id: string; account_id: string; name: string; public_part: string; expires_at?: number | null },
  kind: Extract<EventKind, `key.${string}`>,
  at: number,
): NewEvent {
  const { id, account_id: accountId, name, public_part: publicPart, expires_at: expiresAt } = key
  const expires = expiresAt == null ? null : new Date(expiresAt).toISOString()
  return { accountId, kind, at, data: { object: { id, name, key: publicPart, expires_at: expires } } }
}
