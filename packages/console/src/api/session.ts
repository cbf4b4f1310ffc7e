import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { client, queryClient } from './client.ts'

/** Who is signed in, and to which account. */
export type SignedIn = AnswerOf<typeof routes.sessionCurrent>

/** Who is signed in. Fails with 401 when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => client.call(routes.sessionCurrent, { signal }),
  staleTime: 60_000,
  retry: false,
})

/** The account's quota and settings, and where things are. */
export const whoamiQuery = queryOptions({
  queryKey: ['whoami'],
  queryFn: ({ signal }) => client.call(routes.whoami, { signal }),
  staleTime: 10_000,
})

/** Who is signed in, on pages that only they see. */
export function useSession(): SignedIn {
  return useSuspenseQuery(sessionQuery).data
}

/** The account as the server sees it, on pages of those signed in. */
export function useWhoami(): AnswerOf<typeof routes.whoami> {
  return useSuspenseQuery(whoamiQuery).data
}

/** Another account, another person, or nobody: what was known before is no longer ours to show. */
export function forgetEverything(): void {
  queryClient.clear()
}
