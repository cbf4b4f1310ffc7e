import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, queryClient } from './client.ts'

/** Content that is taken down. */
export type Denial = AnswerOf<typeof routes.denialsList>['denials'][number]

/** What is taken down now, changed last first, page after page. For operators. */
export const denialsQuery = infiniteQueryOptions({
  queryKey: ['denials'],
  queryFn: ({ pageParam, signal }) =>
    client.call(routes.denialsList, { query: { limit: 50, pageToken: pageParam }, signal }),
  initialPageParam: undefined as string | undefined, // the type of later ones
  getNextPageParam: ({ nextPageToken }) => nextPageToken ?? undefined,
})

/** Denylists in files, as they are in force. For operators. */
export const denylistsQuery = queryOptions({
  queryKey: ['denylists'],
  queryFn: async ({ signal }) => (await client.call(routes.denylistsList, { signal })).denylists,
})

/** Content was taken down or allowed: lists of files show that too. */
export async function refreshDenials(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['denials'] }),
    queryClient.invalidateQueries({ queryKey: ['files'] }),
    queryClient.invalidateQueries({ queryKey: ['audit'] }),
  ])
}
