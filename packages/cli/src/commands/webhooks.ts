import type { AnswerOf } from '@pinyon/contract/client.ts'
import { type EventKind, eventKindNames } from '@pinyon/contract/event-kinds.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { readDuration } from '../duration.ts'
import { UsageError } from '../exit.ts'
import { fields, safeText, table, timeText } from '../output.ts'
import { shorten } from '../text-width.ts'

/** Options of `webhooks create` and `update`. */
export interface WebhookOptions {
  readonly url?: string
  readonly name?: string
  readonly kind: readonly string[]
  readonly allKinds?: boolean
  readonly enable?: boolean
  readonly disable?: boolean
}

type Webhook = AnswerOf<typeof routes.webhooksGet>
type Delivery = AnswerOf<typeof routes.webhooksTest>

/** Makes a webhook and shows its secret once. */
export async function createWebhook(context: Context, url: string, options: WebhookOptions): Promise<void> {
  const client = await context.client()
  const { name } = options
  const body = { url, kinds: readKinds(options), ...(name === undefined ? {} : { name }) }
  const made = await client.call(routes.webhooksCreate, { body, signal: context.signal })
  context.out.result(made, () =>
    [
      'The secret is shown only now; write it down:',
      '',
      fields([
        ['Id', made.webhook.id],
        ['Secret', made.secret],
        ['Kinds', kindsText(made.webhook)],
      ]),
      '',
      `Try it: ./pinyon webhooks test ${made.webhook.id}`,
    ].join('\n'),
  )
}

/** Lists webhooks. */
export async function listWebhooks(context: Context): Promise<void> {
  const client = await context.client()
  const { webhooks } = await client.call(routes.webhooksList, { signal: context.signal })
  context.out.result(webhooks, () =>
    webhooks.length === 0
      ? 'No webhooks yet. Make one: ./pinyon webhooks create URL'
      : table(
          ['ID', 'NAME', 'STATE', 'LAST ACCEPTED', 'KINDS', 'URL'],
          webhooks.map((webhook) => [
            webhook.id,
            shorten(safeText(webhook.name === '' ? '-' : webhook.name), context.out.nameColumns),
            webhook.state === 'active' && webhook.failingSince !== null ? 'failing' : webhook.state,
            timeText(webhook.lastSuccessAt),
            kindsText(webhook),
            safeText(webhook.url),
          ]),
        ),
  )
}

/** Changes a webhook. */
export async function updateWebhook(context: Context, id: string, options: WebhookOptions): Promise<void> {
  const { url, name, enable, disable, allKinds } = options
  if (enable === true && disable === true) throw new UsageError('--enable and --disable say the opposite.')
  const kinds = readKinds(options)
  const body = {
    ...(url === undefined ? {} : { url }),
    ...(name === undefined ? {} : { name }),
    ...(kinds === null && allKinds !== true ? {} : { kinds }),
    ...(enable === true ? { enabled: true } : disable === true ? { enabled: false } : {}),
  }
  if (Object.keys(body).length === 0) throw new UsageError('Say what to change: --url, --name, --kind, --enable ...')
  const client = await context.client()
  const changed = await client.call(routes.webhooksUpdate, { params: { id }, body, signal: context.signal })
  context.out.result(changed, () => describe(changed))
}

/** Gives a webhook a new secret and shows it once. */
export async function rotateWebhook(
  context: Context,
  id: string,
  { overlap }: { readonly overlap?: string },
): Promise<void> {
  const client = await context.client()
  const body = overlap === undefined ? {} : { overlapSeconds: overlap === '0' ? 0 : readDuration(overlap) }
  const made = await client.call(routes.webhooksRotateSecret, { params: { id }, body, signal: context.signal })
  const until = made.webhook.previousSecretUntil
  context.out.result(made, () =>
    [
      'The new secret is shown only now; write it down:',
      '',
      fields([
        ['Id', made.webhook.id],
        ['Secret', made.secret],
        ['Old one signs too', until === null ? 'no more' : `until ${timeText(until)}`],
      ]),
    ].join('\n'),
  )
}

/** Ends a webhook. */
export async function deleteWebhook(context: Context, id: string): Promise<void> {
  const client = await context.client()
  await client.call(routes.webhooksDelete, { params: { id }, signal: context.signal })
  context.out.result({ deleted: id }, 'Deleted. Nothing more is sent there.')
}

/** Sends a test event. Fails when it was not accepted. */
export async function testWebhook(context: Context, id: string): Promise<void> {
  const client = await context.client()
  const sent = await client.call(routes.webhooksTest, { params: { id }, signal: context.signal })
  const words = sent.error ?? `Accepted with ${sent.status} after ${sent.durationMs} ms.`
  context.out.result(sent, safeText(words))
  if (sent.state === 'failed') process.exitCode = 1
}

/** Lists what was and is to be sent. */
export async function listDeliveries(
  context: Context,
  id: string,
  options: { readonly state?: string; readonly limit: string },
): Promise<void> {
  if (!/^[1-9]\d{0,8}$/.test(options.limit)) throw new UsageError('--limit wants a whole number from 1 on.')
  const client = await context.client()
  const deliveries: Delivery[] = []
  for (let pageToken: string | undefined; deliveries.length < Number(options.limit);) {
    const limit = Math.min(Number(options.limit) - deliveries.length, 1_000)
    const query = { state: options.state, limit, pageToken }
    const page = await client.call(routes.webhooksDeliveries, { params: { id }, query, signal: context.signal })
    deliveries.push(...page.deliveries)
    if (page.nextPageToken === null) break
    pageToken = page.nextPageToken
  }
  context.out.result(deliveries, () =>
    deliveries.length === 0
      ? 'Nothing was sent there yet.'
      : table(
          ['DELIVERY', 'KIND', 'STATE', 'ATTEMPTS', 'LAST', 'NEXT', 'ANSWER'],
          deliveries.map((each) => [
            each.id,
            each.kind,
            each.state,
            String(each.attempts),
            timeText(each.lastAttemptAt),
            timeText(each.nextAttemptAt),
            safeText(each.error ?? String(each.status ?? '-')),
          ]),
        ),
  )
}

/** Has an event sent again. */
export async function resendDelivery(context: Context, params: { id: string; deliveryId: string }): Promise<void> {
  const client = await context.client()
  const again = await client.call(routes.webhooksResend, { params, signal: context.signal })
  context.out.result(again, 'It is sent again.')
}

function readKinds({ kind, allKinds }: WebhookOptions): EventKind[] | null {
  if (kind.length > 0 && allKinds === true) throw new UsageError('--kind and --all-kinds say the opposite.')
  const kinds = eventKindNames.filter((name) => kind.includes(name))
  const unknown = kind.find((name) => !kinds.some((known) => known === name))
  if (unknown !== undefined) {
    throw new UsageError(`There is no kind of event "${unknown}". The kinds are ${eventKindNames.join(', ')}.`)
  }
  return kinds.length === 0 ? null : kinds
}

function kindsText({ kinds }: Webhook): string {
  return kinds === null ? 'all' : kinds.join(', ')
}

function describe(webhook: Webhook): string {
  return fields([
    ['Id', webhook.id],
    ['URL', safeText(webhook.url)],
    ['Name', safeText(webhook.name)],
    ['State', webhook.disabledReason === null ? webhook.state : `disabled: ${safeText(webhook.disabledReason)}`],
    ['Kinds', kindsText(webhook)],
  ])
}
