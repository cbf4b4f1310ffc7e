import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, queryClient } from './client.ts'

/** A gateway with what lets requests in. */
export type GatewayDetail = AnswerOf<typeof routes.gatewaysGet>['data']

/** A domain of a gateway, and what shows whose it is. */
export type CustomDomain = GatewayDetail['custom_domains'][number]

const pageSize = 100

/** The gateways of the account, oldest first, a page at a time. */
export const gatewaysQuery = infiniteQueryOptions({
  queryKey: ['gateways', 'list'],
  queryFn: async ({ pageParam, signal }) =>
    (await client.call(routes.gatewaysList, { query: { page: pageParam, pageSize }, signal })).data,
  initialPageParam: 1,
  getNextPageParam: ({ count }, pages) => (pages.length * pageSize < count ? pages.length + 1 : undefined),
})

/** One gateway. Fails with 404 where the account has no such gateway. */
export function gatewayQuery(id: string) {
  return queryOptions({
    queryKey: ['gateways', 'one', id],
    queryFn: async ({ signal }) => (await client.call(routes.gatewaysGet, { params: { id }, signal })).data,
  })
}

/** Who can read what at a gateway, in words. */
export function accessQuery(id: string) {
  return queryOptions({
    queryKey: ['gateways', 'access', id],
    queryFn: ({ signal }) => client.call(routes.gatewaysAccess, { params: { id }, signal }),
  })
}

/** What a gateway serves in a month, and what it does with pages. */
export function rulesQuery(id: string) {
  return queryOptions({
    queryKey: ['gateways', 'rules', id],
    queryFn: ({ signal }) => client.call(routes.gatewaysRules, { params: { id }, signal }),
  })
}

/** The rules of a gateway. */
export type GatewayRules = AnswerOf<typeof routes.gatewaysRules>

/** The plugins that there are, and which of them a gateway has. */
export function pluginsQuery(gatewayId: string) {
  return queryOptions({
    queryKey: ['gateways', 'plugins', gatewayId],
    async queryFn({ signal }) {
      const [all, has] = await Promise.all([
        client.call(routes.gatewayPluginsMarketplace, { signal }),
        client.call(routes.gatewayPluginsList, { params: { gatewayId }, signal }),
      ])
      return all.data.map((plugin) => ({
        ...plugin,
        isOn: has.data.some(({ plugin_id: id }) => id === plugin.id),
      }))
    },
  })
}

/** A gateway was made or changed: all that shows gateways asks anew. */
export function noticeGatewaysChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['gateways'] })
}
