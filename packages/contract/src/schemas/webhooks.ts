import { z } from 'zod'
import { eventKindNames } from '../event-kinds.ts'
import { Id, Name, Time, wholeNumber } from './common.ts'

/** Where events are sent to: an address of the web without user and password in it. */
const WebhookUrl = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://' })
  .max(2_048)
  .refine((text) => URL.canParse(text) && new URL(text).username === '' && new URL(text).password === '', {
    message: 'must not carry a user or a password',
  })

const Kinds = z
  .array(z.enum(eventKindNames))
  .min(1, 'names no kind: leave it out, or send null, for all of them')
  .max(eventKindNames.length)

/** A webhook: an address, and which kinds of events are sent there. */
export const Webhook = z
  .object({
    id: z.string(),
    url: z.string(),
    name: z.string(),
    kinds: z.array(z.string()).nullable().meta({ description: 'Null: every kind.' }),
    state: z.enum(['active', 'disabled']),
    disabledReason: z.string().nullable(),
    createdAt: Time,
    updatedAt: Time,
    lastSuccessAt: Time.nullable(),
    failingSince: Time.nullable().meta({ description: 'Since when nothing was accepted there.' }),
    previousSecretUntil: Time.nullable().meta({
      description: 'Until when messages are signed with the secret before this one, too.',
    }),
  })
  .meta({ id: 'Webhook' })

/** The only answer that ever carries the secret. */
export const CreatedWebhook = z
  .object({ webhook: Webhook, secret: z.string() })
  .meta({ id: 'CreatedWebhook', description: 'Shown once: write the secret down.' })

/** Body of creation. */
export const CreateWebhook = z
  .object({ url: WebhookUrl, name: Name.optional(), kinds: Kinds.nullish() })
  .meta({ id: 'CreateWebhook' })

/** Body of a change; what is left out stays. */
export const UpdateWebhook = z
  .object({
    url: WebhookUrl.optional(),
    name: Name.optional(),
    kinds: Kinds.nullish(),
    enabled: z.boolean().optional().meta({ description: '`true` makes a disabled one active again.' }),
  })
  .meta({ id: 'UpdateWebhook' })

/** Body of a rotation. */
export const RotateWebhookSecret = z
  .object({
    overlapSeconds: z.number().int().min(0).max(604_800).optional().meta({
      description: 'For so long messages are signed with the old secret, too; a day without it, at most a week.',
    }),
  })
  .meta({ id: 'RotateWebhookSecret' })

/** All webhooks of an account. */
export const WebhookList = z.object({ webhooks: z.array(Webhook) })

/** One event on its way to one webhook. */
export const WebhookDelivery = z
  .object({
    id: z.string(),
    eventId: z.string(),
    kind: z.string(),
    state: z.enum(['pending', 'delivered', 'failed']),
    attempts: z.number(),
    createdAt: Time,
    lastAttemptAt: Time.nullable(),
    nextAttemptAt: Time.nullable(),
    status: z.number().nullable().meta({ description: 'What the other side answered the last time.' }),
    error: z.string().nullable(),
    durationMs: z.number().nullable(),
    payload: z.string().meta({ description: 'The body that is sent, to the letter.' }),
  })
  .meta({ id: 'WebhookDelivery' })

/** A page of deliveries, latest first. */
export const WebhookDeliveryPage = z.object({
  deliveries: z.array(WebhookDelivery),
  nextPageToken: z.string().nullable(),
})

/** Query of the delivery log. */
export const WebhookDeliveryQuery = z.object({
  state: z.enum(['pending', 'delivered', 'failed']).optional(),
  limit: wholeNumber(1, 1_000).optional(),
  pageToken: z.string().max(200).optional(),
})

/** A webhook by its id. */
export const WebhookParams = z.object({ id: Id })

/** A delivery of a webhook. */
export const DeliveryParams = z.object({ id: Id, deliveryId: Id })
