import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { GroupsSearch } from '../paths.ts'
import { client, queryClient } from './client.ts'
import { refreshFiles } from './files.ts'

/** A group of the account. */
export type Group = AnswerOf<typeof routes.groupsGet>['data']

/** What anybody may have written into the address of the list; what makes no sense there is passed over. */
export function readGroupsSearch({ network, q, add }: Readonly<Record<string, unknown>>): GroupsSearch {
  return {
    ...(network === 'public' || network === 'private' ? { network } : {}),
    ...((typeof q === 'string' || typeof q === 'number') && q !== '' ? { q: String(q) } : {}),
    ...(add === true ? { add } : {}),
  }
}

/** Groups of a network whose names contain a text, newest first, a page at a time. */
export function groupsQuery(network: NetworkName, name: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ['groups', 'list', network, name ?? ''],
    async queryFn({ pageParam, signal }) {
      const query = { name, limit: 100, pageToken: pageParam }
      return (await client.call(routes.groupsList, { params: { network }, query, signal })).data
    },
    initialPageParam: undefined as string | undefined, // the first page has no token
    getNextPageParam: ({ next_page_token: next }) => next ?? undefined,
  })
}

/** The newest groups of a network, to choose from. */
export function groupChoicesQuery(network: NetworkName) {
  return queryOptions({
    queryKey: ['groups', 'choices', network],
    async queryFn({ signal }) {
      const query = { limit: 1_000 }
      return (await client.call(routes.groupsList, { params: { network }, query, signal })).data.groups
    },
  })
}

/** One group. Fails with 404 where the account has none of that id on that network. */
export function groupQuery(network: NetworkName, id: string) {
  return queryOptions({
    queryKey: ['groups', 'one', network, id],
    queryFn: async ({ signal }) => (await client.call(routes.groupsGet, { params: { network, id }, signal })).data,
  })
}

/** A group was made, changed or deleted, or files moved: lists and pages of groups and files ask anew. */
export async function refreshGroups(): Promise<void> {
  await Promise.all([queryClient.invalidateQueries({ queryKey: ['groups'] }), refreshFiles()])
}
