import type { EventKind } from '@pinyon/contract/event-kinds.ts'
import type { Db } from '../db/database.ts'
import { systemClock } from '../lib/clock.ts'
import { createIdSource } from '../lib/ids.ts'
import { findListenedUntil, insertEvents } from './queries.ts'

/** Something that happened in an account. */
export interface NewEvent {
  readonly accountId: string
  readonly kind: EventKind
  readonly at: number
  /** JSON, never a secret: `data` of what is sent (reference of Pinata's wire, webhooks). */
  readonly data: object
  /** Which key made the file that it is about, and the file's group: who may see only its own sees these alone. */
  readonly keyId?: string | null
  readonly groupId?: string | null
}

/**
 * Puts an event into the outbox when somebody listens to the account, in the transaction of what it tells of: it is told
 * exactly if that is durable. Telling is done later and elsewhere, so that nobody waits for it.
 */
export async function recordEvent(tx: Db, event: NewEvent): Promise<void> {
  if (await isHeard(tx, event)) await recordEvents(tx, [event])
}

/**
 * Whether somebody listens to the account's events now: it has a webhook, or its live events were followed within the
 * time for which events are kept. Most have neither, and their writes are spared the rows.
 */
export async function isHeard(tx: Db, { accountId, at }: Pick<NewEvent, 'accountId' | 'at'>): Promise<boolean> {
  return (await findListenedUntil(tx, accountId)) > at
}

/** Puts several into the outbox, in this order, of accounts that `isHeard` told of. */
export async function recordEvents(tx: Db, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  await insertEvents(
    tx,
    events.map(({ accountId, kind, at, data, keyId, groupId }) => ({
      id: nextEventId(),
      account_id: accountId,
      kind,
      at,
      key_id: keyId ?? null,
      group_id: groupId ?? null,
      data: JSON.stringify(data),
      position: null,
    })),
  )
}

/**
 * The id of an event, greater than those of all that this process recorded before. By the machine's clock: two events
 * of one time must still be told apart.
 */
export const nextEventId = createIdSource(systemClock)
