import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { NamesSearch } from '../paths.ts'
import { client, queryClient } from './client.ts'

/** An IPNS name of the account. */
export type Name = AnswerOf<typeof routes.namesGet>
/** One of the things that were published under a name. */
export type Publication = AnswerOf<typeof routes.namesHistory>['history'][number]

/** The names of the account, oldest first, a page at a time. */
export function namesQuery({ cid }: NamesSearch) {
  return infiniteQueryOptions({
    queryKey: ['names', 'list', cid ?? null],
    queryFn: ({ pageParam, signal }) =>
      client.call(routes.namesList, { query: { cid, limit: 100, pageToken: pageParam }, signal }),
    initialPageParam: undefined as string | undefined, // the first page has no token
    getNextPageParam: ({ nextPageToken }) => nextPageToken ?? undefined,
  })
}

/** What anybody may have written into the address of the list; what makes no sense there is passed over. */
export function readNamesSearch({ cid }: Readonly<Record<string, unknown>>): NamesSearch {
  return typeof cid === 'string' && cid !== '' ? { cid } : {}
}

/** One name. Fails with 404 where the account has no such name. */
export function nameQuery(id: string) {
  return queryOptions({
    queryKey: ['names', 'one', id],
    queryFn: ({ signal }) => client.call(routes.namesGet, { params: { id }, signal }),
    // While the network is being told, what is said about it changes by itself.
    refetchInterval: ({ state }) =>
      state.data?.network.state === 'waiting' && state.data.value !== null ? 3_000 : false,
  })
}

/** Names that lead to a CID. Nobody is kept from unpinning when that cannot be told. */
export function namesOfQuery(cid: string) {
  return queryOptions({
    queryKey: ['names', 'of', cid],
    queryFn: async ({ signal }) => (await client.call(routes.namesList, { query: { cid, limit: 20 }, signal })).names,
    retry: false,
  })
}

/** What was published under a name, newest first, a page at a time. */
export function historyQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: ['names', 'history', id],
    queryFn: ({ pageParam, signal }) =>
      client.call(routes.namesHistory, { params: { id }, query: { limit: 50, pageToken: pageParam }, signal }),
    initialPageParam: undefined as string | undefined, // the first page has no token
    getNextPageParam: ({ nextPageToken }) => nextPageToken ?? undefined,
  })
}

/** A name was made, changed or published: all that shows names asks anew. */
export function noticeNamesChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['names'] })
}
