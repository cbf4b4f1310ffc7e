import { type Insertable, type Selectable, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { forUpdate } from '../db/for-update.ts'
import { insertMany } from '../db/insert-many.ts'
import type { WebhookDeliveryTable, WebhookTable } from '../db/event-tables.ts'
import type { EventRow } from '../events/queries.ts'

/** A webhook as it stands in the table. */
export type WebhookRow = Selectable<WebhookTable>

/** A delivery as it stands in the table. */
export type DeliveryRow = Selectable<WebhookDeliveryTable>

/** A delivery with the event that it carries. */
export interface DeliveryWithEvent {
  readonly delivery: DeliveryRow
  readonly event: Pick<EventRow, 'id' | 'kind' | 'at' | 'account_id' | 'data'>
}

/** Adds a webhook. */
export async function insertWebhook(tx: Db, row: Insertable<WebhookTable>): Promise<void> {
  await tx.insertInto('webhooks').values(row).execute()
}

/** All webhooks of an account, oldest first. */
export function listWebhooks(db: Db, accountId: string): Promise<WebhookRow[]> {
  return db.selectFrom('webhooks').selectAll().where('account_id', '=', accountId).orderBy('id').execute()
}

/** Webhooks of these accounts that are not disabled. */
export async function listActiveWebhooks(db: Db, accountIds: readonly string[]): Promise<WebhookRow[]> {
  if (accountIds.length === 0) return []
  return db
    .selectFrom('webhooks')
    .selectAll()
    .where('account_id', 'in', accountIds)
    .where('disabled_at', 'is', null)
    .execute()
}

/** A webhook of the account. */
export function findWebhook(
  db: Db,
  { accountId, id }: { accountId: string; id: string },
): Promise<WebhookRow | undefined> {
  return db
    .selectFrom('webhooks')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
}

/** Has others that would change a webhook wait until the write ends. */
export async function lockWebhook(tx: Db, id: string): Promise<void> {
  await tx.selectFrom('webhooks').select('id').where('id', '=', id).$call(forUpdate(tx)).execute()
}

/** A webhook whose account is not disabled, whoever it belongs to. */
export function findWebhookToServe(db: Db, id: string): Promise<WebhookRow | undefined> {
  return db
    .selectFrom('webhooks')
    .innerJoin('accounts', 'accounts.id', 'webhooks.account_id')
    .selectAll('webhooks')
    .where('webhooks.id', '=', id)
    .where('accounts.disabled_at', 'is', null)
    .executeTakeFirst()
}

/** Changes a webhook. */
export async function updateWebhook(
  tx: Db,
  id: string,
  change: Partial<Omit<WebhookRow, 'id' | 'account_id' | 'created_at'>>,
): Promise<void> {
  await tx.updateTable('webhooks').set(change).where('id', '=', id).execute()
}

/** Removes a webhook with its deliveries. False when there is none. */
export async function deleteWebhook(tx: Db, { accountId, id }: { accountId: string; id: string }): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('webhooks')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return deleted.numDeletedRows === 1n
}

/** Adds deliveries. */
export const insertDeliveries = insertMany('webhook_deliveries', [
  'id',
  'webhook_id',
  'event_id',
  'state',
  'attempts',
  'created_at',
  'first_attempt_at',
  'last_attempt_at',
  'next_attempt_at',
  'status',
  'error',
  'duration_ms',
])

const withEvent = (db: Db) =>
  db
    .selectFrom('webhook_deliveries as delivery')
    .innerJoin('events', 'events.id', 'delivery.event_id')
    .selectAll('delivery')
    .select(['events.kind', 'events.at', 'events.account_id', 'events.data'])

type Joined = DeliveryRow & Pick<EventRow, 'kind' | 'at' | 'account_id' | 'data'>

function split({ kind, at, account_id, data, ...delivery }: Joined): DeliveryWithEvent {
  return { delivery, event: { id: delivery.event_id, kind, at, account_id, data } }
}

/** Deliveries of a webhook, latest first, from before `before`. */
export async function listDeliveries(
  db: Db,
  {
    webhookId,
    state,
    before,
    limit,
  }: { webhookId: string; state?: string | undefined; before?: string | undefined; limit: number },
): Promise<DeliveryWithEvent[]> {
  let query = withEvent(db).where('webhook_id', '=', webhookId).orderBy('delivery.id', 'desc').limit(limit)
  if (state !== undefined) query = query.where('state', '=', state)
  if (before !== undefined) query = query.where('delivery.id', '<', before)
  return (await query.execute()).map(split)
}

/** A delivery of a webhook. */
export async function findDelivery(
  db: Db,
  { webhookId, id }: { webhookId: string; id: string },
): Promise<DeliveryWithEvent | undefined> {
  const row = await withEvent(db).where('delivery.id', '=', id).where('webhook_id', '=', webhookId).executeTakeFirst()
  return row === undefined ? undefined : split(row)
}

/** Deliveries of a webhook that are due, those that wait longest first. */
export async function listDue(
  db: Db,
  { webhookId, now, limit }: { webhookId: string; now: number; limit: number },
): Promise<DeliveryWithEvent[]> {
  const rows = await withEvent(db)
    .where('webhook_id', '=', webhookId)
    .where('state', '=', sql.lit('pending'))
    .where('next_attempt_at', '<=', now)
    .orderBy('next_attempt_at')
    .orderBy('delivery.id')
    .limit(limit)
    .execute()
  return rows.map(split)
}

/** When a delivery of the webhook is due next; undefined when none is. */
export async function findNextAttempt(db: Db, webhookId: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('webhook_deliveries')
    .select('next_attempt_at')
    .where('webhook_id', '=', webhookId)
    .where('state', '=', sql.lit('pending'))
    .orderBy('next_attempt_at')
    .limit(1)
    .executeTakeFirst()
  return row?.next_attempt_at ?? undefined
}

/** Changes a delivery. */
export async function updateDelivery(
  tx: Db,
  id: string,
  change: Partial<Omit<DeliveryRow, 'id' | 'webhook_id' | 'event_id'>>,
): Promise<void> {
  await tx.updateTable('webhook_deliveries').set(change).where('id', '=', id).execute()
}

/** Gives up what a webhook was still to get. */
export async function failPending(tx: Db, webhookId: string, error: string): Promise<void> {
  await tx
    .updateTable('webhook_deliveries')
    .set({ state: 'failed', next_attempt_at: null, error })
    .where('webhook_id', '=', webhookId)
    .where('state', '=', sql.lit('pending'))
    .execute()
}
