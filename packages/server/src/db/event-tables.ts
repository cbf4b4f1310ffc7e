import type { Generated } from 'kysely'

// Part of the tables of schema.ts: what is told to whom.

/** The outbox: what happened, written with what it tells of. */
export interface EventTable {
  id: string
  account_id: string
  kind: string
  at: number
  /** Which key made the file that it is about, and the file's group. */
  key_id: string | null
  group_id: string | null
  /** JSON: `data` of what is sent. */
  data: string
  /** Its place in the one order in which all are told; null until it has one. */
  position: number | null
}

/** One row: the last position given. Whoever gives positions locks it. */
export interface EventRelayTable {
  one: number
  position: number
}

/** Accounts that were told that this quota is reached, until they use less. */
export interface QuotaRefusalTable {
  account_id: string
  limit_bytes: number
  at: number
}

/** An address to which events of an account are sent. Its secret is in no table: see keys/value-key.ts. */
export interface WebhookTable {
  id: string
  account_id: string
  url: string
  name: string
  /** JSON: a list of kinds of events; null is all. */
  kinds: string | null
  /** It gets events with ids after this one: those from before it was made, or made active again, are not its own. */
  since_event: string
  created_at: number
  updated_at: number
  disabled_at: number | null
  /** In words, when it was not its owner who disabled it. */
  disabled_reason: string | null
  /** Since when nothing was accepted there. */
  failing_since: number | null
  last_success_at: number | null
  /** How often its secret was made anew; the secret before signs too until `previous_until`. */
  secret_number: Generated<number>
  previous_until: number | null
}

/** One event on its way to one webhook. */
export interface WebhookDeliveryTable {
  id: string
  webhook_id: string
  event_id: string
  /** `pending`, `delivered`, `failed`. */
  state: string
  attempts: number
  created_at: number
  first_attempt_at: number | null
  last_attempt_at: number | null
  /** Null once it is over. */
  next_attempt_at: number | null
  /** What was answered last; null when nothing was, and why in `error`. */
  status: number | null
  error: string | null
  duration_ms: number | null
}
