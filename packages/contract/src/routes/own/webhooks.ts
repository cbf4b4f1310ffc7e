import { route } from '../../route.ts'
import { FollowEventsQuery } from '../../schemas/events.ts'
import {
  CreatedWebhook,
  CreateWebhook,
  DeliveryParams,
  RotateWebhookSecret,
  UpdateWebhook,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookDeliveryQuery,
  WebhookList,
  WebhookParams,
} from '../../schemas/webhooks.ts'
import { base, own } from './defaults.ts'

const webhooks = { ...own, tag: 'Webhooks' } as const
const read = { ...webhooks, resource: 'org:read' } as const
const write = { ...webhooks, resource: 'org:write', rateClass: 'write' } as const

/** POST /pinyon/v1/webhooks. */
export const webhooksCreate = route({
  ...write,
  id: 'webhooksCreate',
  showsSecret: true,
  method: 'POST',
  path: `${base}/webhooks`,
  scope: 'webhooks.create',
  bodyKind: 'json',
  body: CreateWebhook,
  response: CreatedWebhook,
  summary: 'Make a webhook',
  description:
    'Events are sent there as Standard Webhooks (https://www.standardwebhooks.com), signed with the secret of the ' +
    'answer, which is shown once. Only public addresses are dialled and redirects are not followed.',
})

/** GET /pinyon/v1/webhooks. */
export const webhooksList = route({
  ...read,
  id: 'webhooksList',
  method: 'GET',
  path: `${base}/webhooks`,
  scope: 'webhooks.list',
  response: WebhookList,
  summary: 'List webhooks',
})

/** GET /pinyon/v1/webhooks/{id}. */
export const webhooksGet = route({
  ...read,
  id: 'webhooksGet',
  method: 'GET',
  path: `${base}/webhooks/:id`,
  scope: 'webhooks.get',
  params: WebhookParams,
  response: Webhook,
  summary: 'Get a webhook',
})

/** PATCH /pinyon/v1/webhooks/{id}. */
export const webhooksUpdate = route({
  ...write,
  id: 'webhooksUpdate',
  method: 'PATCH',
  path: `${base}/webhooks/:id`,
  scope: 'webhooks.update',
  params: WebhookParams,
  bodyKind: 'json',
  body: UpdateWebhook,
  response: Webhook,
  summary: 'Change a webhook',
})

/** POST /pinyon/v1/webhooks/{id}/rotate-secret. */
export const webhooksRotateSecret = route({
  ...write,
  id: 'webhooksRotateSecret',
  showsSecret: true,
  method: 'POST',
  path: `${base}/webhooks/:id/rotate-secret`,
  scope: 'webhooks.rotateSecret',
  params: WebhookParams,
  bodyKind: 'json',
  body: RotateWebhookSecret,
  response: CreatedWebhook,
  summary: 'Give a webhook a new secret',
  description:
    'The answer shows it once. Until `previousSecretUntil` messages carry two signatures, of the new secret and of the old ' +
    'one (Standard Webhooks: several signatures, separated by spaces).',
})

/** DELETE /pinyon/v1/webhooks/{id}. */
export const webhooksDelete = route({
  ...write,
  id: 'webhooksDelete',
  method: 'DELETE',
  path: `${base}/webhooks/:id`,
  scope: 'webhooks.delete',
  params: WebhookParams,
  summary: 'Delete a webhook',
  description: 'What was not delivered yet is not sent any more.',
})

/** POST /pinyon/v1/webhooks/{id}/test. */
export const webhooksTest = route({
  ...write,
  id: 'webhooksTest',
  method: 'POST',
  path: `${base}/webhooks/:id/test`,
  scope: 'webhooks.test',
  params: WebhookParams,
  response: WebhookDelivery,
  summary: 'Send a test event',
  description: 'One attempt at once, of the kind `webhook.test`; the answer says how it went.',
})

/** GET /pinyon/v1/webhooks/{id}/deliveries. */
export const webhooksDeliveries = route({
  ...read,
  id: 'webhooksDeliveries',
  method: 'GET',
  path: `${base}/webhooks/:id/deliveries`,
  scope: 'webhooks.deliveries',
  params: WebhookParams,
  query: WebhookDeliveryQuery,
  response: WebhookDeliveryPage,
  summary: 'Read the delivery log of a webhook',
})

/** POST /pinyon/v1/webhooks/{id}/deliveries/{deliveryId}/resend. */
export const webhooksResend = route({
  ...write,
  id: 'webhooksResend',
  method: 'POST',
  path: `${base}/webhooks/:id/deliveries/:deliveryId/resend`,
  scope: 'webhooks.resend',
  params: DeliveryParams,
  response: WebhookDelivery,
  summary: 'Send an event again',
  description: 'Under the id it had, so that the other side can tell it is the same.',
})

/** GET /pinyon/v1/events: server-sent events. */
export const eventsFollow = route({
  ...own,
  keepsReach: true,
  id: 'eventsFollow',
  method: 'GET',
  path: `${base}/events`,
  scope: 'events.follow',
  others: [['files.list'], ['psa.list']],
  resource: 'org:files:read',
  tag: 'Webhooks',
  query: FollowEventsQuery,
  responseType: 'text/event-stream',
  summary: 'Follow events live',
  description:
    'Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), the same as webhooks get, of ' +
    'the kinds that the key may see. With `Last-Event-ID` it goes on behind that event. Ends when the key is revoked.',
})
