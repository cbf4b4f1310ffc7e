import type { AnswerOf } from '@pinyon/contract/client.ts'
import { eventKinds } from '@pinyon/contract/event-kinds.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { DeliveriesSearch } from '../paths.ts'
import { client, queryClient } from './client.ts'

/** A webhook of the account. */
export type Webhook = AnswerOf<typeof routes.webhooksGet>
/** One event on its way to one webhook. */
export type Delivery = AnswerOf<typeof routes.webhooksTest>

/** All webhooks of the account. */
export const webhooksQuery = queryOptions({
  queryKey: ['webhooks', 'list'],
  queryFn: async ({ signal }) => (await client.call(routes.webhooksList, { signal })).webhooks,
})

/** One webhook. Fails with 404 where the account has no such webhook. */
export function webhookQuery(id: string) {
  return queryOptions({
    queryKey: ['webhooks', 'one', id],
    queryFn: ({ signal }) => client.call(routes.webhooksGet, { params: { id }, signal }),
  })
}

/** What was and is to be sent to a webhook, latest first, a page at a time. */
export function deliveriesQuery(id: string, { state }: DeliveriesSearch) {
  return infiniteQueryOptions({
    queryKey: ['webhooks', 'deliveries', id, state ?? null],
    queryFn: ({ pageParam, signal }) =>
      client.call(routes.webhooksDeliveries, {
        params: { id },
        query: { state, limit: 50, pageToken: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined, // the first page has no token
    getNextPageParam: ({ nextPageToken }) => nextPageToken ?? undefined,
    // What is under way moves on by itself.
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ deliveries }) => deliveries.some((each) => each.state === 'pending')) === true
        ? 3_000
        : false,
  })
}

/** A webhook was made, changed or sent to: all that shows webhooks asks anew. */
export function noticeWebhooksChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['webhooks'] })
}

/** A kind of event in words; as it is where a newer server has one that is not known here. */
export function wordsOfKind(kind: string): string {
  if (kind === 'webhook.test') return 'A test'
  return Object.entries(eventKinds).find(([name]) => name === kind)?.[1].title ?? kind
}

/** Which kinds a webhook is sent, in a few words. */
export function wordsOfKinds({ kinds }: Pick<Webhook, 'kinds'>): string {
  if (kinds === null) return 'Every kind'
  return kinds.length === 1 ? wordsOfKind(kinds[0] ?? '') : `${kinds.length} kinds`
}

/** Where a delivery may stand, in the order in which it goes through them. */
export const deliveryStates = ['pending', 'delivered', 'failed'] as const satisfies readonly Delivery['state'][]

/** What anybody may have written into the address of a webhook; what makes no sense there is passed over. */
export function readDeliveriesSearch({ state }: Readonly<Record<string, unknown>>): DeliveriesSearch {
  const known = deliveryStates.find((each) => each === state)
  return known === undefined ? {} : { state: known }
}
