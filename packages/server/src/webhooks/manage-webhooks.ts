import { type EventKind, eventKindNames, eventKinds } from '@pinyon/contract/event-kinds.ts'
import { allows, describeAsked } from '@pinyon/contract/permissions.ts'
import { isIP } from 'node:net'
import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { forever, listen } from '../events/listen.ts'
import { extendListenedUntil } from '../events/queries.ts'
import { nextEventId } from '../events/record-event.ts'
import type { DialPolicy } from '../ipfs/node/dial-policy.ts'
import { enqueue } from '../jobs/queue.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { lockAccounts } from '../usage/queries.ts'
import { deliverJob } from './fan-out.ts'
import {
  deleteWebhook,
  failPending,
  findWebhook,
  insertWebhook,
  listWebhooks,
  lockWebhook,
  updateWebhook,
  type WebhookRow,
} from './queries.ts'
import { webhookSecret } from './sign-webhook.ts'

/** Webhooks that an account may have. */
const maxWebhooks = 50

/** What a webhook is made of, and what of it may be changed. */
export interface WebhookChange {
  readonly url?: string | undefined
  readonly name?: string | undefined
  /** Null: all kinds. */
  readonly kinds?: readonly EventKind[] | null | undefined
  readonly enabled?: boolean | undefined
}

type ManageServices = Pick<Services, 'db' | 'clock' | 'newId' | 'dialPolicy' | 'config' | 'eventFeed'>

/**
 * Makes a webhook, and gives the one sight of its secret. Throws `invalid_request` for an address that may not be
 * dialled, `scope_missing` for kinds that the caller itself may not see, `conflict` when there are too many.
 */
export async function createWebhook(
  services: ManageServices & Pick<Services, 'valueKey'>,
  caller: Caller,
  { url, name = '', kinds = null }: WebhookChange & { readonly url: string },
): Promise<{ webhook: WebhookRow; secret: string }> {
  const { db, clock, newId } = services
  requireKinds(caller, kinds)
  requireDialable(services.dialPolicy, url)
  const now = clock.now()
  const webhook: WebhookRow = {
    id: newId(),
    account_id: caller.accountId,
    url,
    name,
    kinds: kinds === null ? null : JSON.stringify(kinds),
    since_event: nextEventId(),
    created_at: now,
    updated_at: now,
    disabled_at: null,
    disabled_reason: null,
    failing_since: null,
    last_success_at: null,
    secret_number: 0,
    previous_until: null,
  }
  await listen(services, caller.accountId, forever)
  await db.write(async (tx) => {
    // Or those that count at the same time would each find room for one more.
    await lockAccounts(tx, [caller.accountId])
    // Again, as the last webhook may have gone meanwhile.
    await extendListenedUntil(tx, caller.accountId, forever)
    if ((await listWebhooks(tx, caller.accountId)).length >= maxWebhooks) {
      throw new AppError('conflict', `An account may have at most ${maxWebhooks} webhooks. Delete one first.`)
    }
    await insertWebhook(tx, webhook)
    await recordChange(tx, services, caller, webhook, 'webhook.created')
  })
  return { webhook, secret: webhookSecret(services.valueKey, webhook) }
}

/** Changes a webhook. Made active again, it begins with the events of then. Throws as `createWebhook`, and `not_found`. */
export async function changeWebhook(
  services: ManageServices,
  caller: Caller,
  id: string,
  { url, name, kinds, enabled }: WebhookChange,
): Promise<WebhookRow> {
  const { db, clock } = services
  const now = clock.now()
  const since = nextEventId()
  if (enabled === true) {
    await getWebhook(db.read, caller, id)
    await listen(services, caller.accountId, forever)
  }
  return db.write(async (tx) => {
    if (enabled === true) await extendListenedUntil(tx, caller.accountId, forever)
    await lockWebhook(tx, id)
    const before = await getWebhook(tx, caller, id)
    const change = {
      updated_at: now,
      ...(url === undefined ? {} : { url }),
      ...(name === undefined ? {} : { name }),
      ...(kinds === undefined ? {} : { kinds: kinds === null ? null : JSON.stringify(kinds) }),
      ...enabling(before, enabled, { now, since }),
    }
    const after = { ...before, ...change }
    // Whoever may change where it leads gets what it sends.
    requireKinds(caller, kindsOf(after))
    if (url !== undefined) requireDialable(services.dialPolicy, url)
    await updateWebhook(tx, id, change)
    if (enabled === false) await failPending(tx, id, 'The webhook was disabled.')
    if (after.disabled_at === null) {
      await enqueue(tx, { kind: deliverJob, subject: id, owner: caller.accountId }, now)
    }
    await recordChange(tx, services, caller, after, 'webhook.changed')
    return after
  })
}

/**
 * Gives a webhook a new secret, shown in this answer alone. Messages are signed with the old one too for so many seconds,
 * so that whoever checks them can change over; with 0 the old one signs nothing any more. Throws `not_found`.
 */
export async function rotateWebhookSecret(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'valueKey'>,
  caller: Caller,
  { id, overlapSeconds }: { id: string; overlapSeconds: number },
): Promise<{ webhook: WebhookRow; secret: string }> {
  const now = services.clock.now()
  const webhook = await services.db.write(async (tx) => {
    // Two at once would else both be given the same secret as new.
    await lockWebhook(tx, id)
    const before = await getWebhook(tx, caller, id)
    const change = {
      updated_at: now,
      secret_number: before.secret_number + 1,
      previous_until: overlapSeconds === 0 ? null : now + overlapSeconds * 1_000,
    }
    await updateWebhook(tx, id, change)
    const after = { ...before, ...change }
    await recordChange(tx, services, caller, after, 'webhook.secretRotated')
    return after
  })
  return { webhook, secret: webhookSecret(services.valueKey, webhook) }
}

/** Ends a webhook; what it was still to get is not sent. Throws `not_found`. */
export async function removeWebhook(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  id: string,
): Promise<void> {
  await services.db.write(async (tx) => {
    const webhook = await getWebhook(tx, caller, id)
    await deleteWebhook(tx, { accountId: caller.accountId, id })
    await recordChange(tx, services, caller, webhook, 'webhook.deleted')
  })
}

/** A webhook of the account. Throws `not_found`. */
export async function getWebhook(db: Db, { accountId }: Pick<Caller, 'accountId'>, id: string): Promise<WebhookRow> {
  const webhook = await findWebhook(db, { accountId, id })
  if (webhook === undefined) throw new AppError('not_found', 'There is no such webhook in this account')
  return webhook
}

/** The kinds that a webhook gets; null is all. */
export function kindsOf({ kinds }: Pick<WebhookRow, 'kinds'>): readonly EventKind[] | null {
  return kinds === null ? null : (JSON.parse(kinds) as EventKind[]) // written by us, from what the schema had checked
}

function enabling(
  before: WebhookRow,
  enabled: boolean | undefined,
  { now, since }: { now: number; since: string },
): Partial<Pick<WebhookRow, 'disabled_at' | 'disabled_reason' | 'failing_since' | 'since_event'>> {
  if (enabled === undefined || enabled === (before.disabled_at === null)) return {}
  return enabled
    ? { disabled_at: null, disabled_reason: null, failing_since: null, since_event: since }
    : { disabled_at: now, disabled_reason: null }
}

function requireKinds({ granted }: Pick<Caller, 'granted'>, kinds: readonly EventKind[] | null): void {
  for (const kind of kinds ?? eventKindNames) {
    if (allows(granted, eventKinds[kind])) continue
    throw new AppError(
      'scope_missing',
      `This key may not see events of the kind ${kind}: that needs ${describeAsked(eventKinds[kind])}. Name only kinds that it may see.`,
    )
  }
}

/** Refuses at once what can never be dialled; names are looked at when they are dialled. */
function requireDialable(policy: DialPolicy, url: string): void {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  const reason = isIP(host) === 0 ? undefined : policy.reasonAgainst(host, { namedBy: 'caller', provesItself: false })
  if (reason !== undefined) throw new AppError('invalid_request', `url: ${reason}`)
}

async function recordChange(
  tx: Db,
  { clock, newId }: Pick<Services, 'clock' | 'newId'>,
  caller: Caller,
  webhook: WebhookRow,
  action: `webhook.${string}`,
): Promise<void> {
  await recordAudit(tx, {
    id: newId(),
    at: clock.now(),
    accountId: caller.accountId,
    actor: actorOf(caller),
    action,
    target: webhook.id,
    origin: caller.origin,
    // The address may hold a token in its path: the host is enough.
    detail: { host: new URL(webhook.url).host, kinds: kindsOf(webhook), disabled: webhook.disabled_at !== null },
  })
}
