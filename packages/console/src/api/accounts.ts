import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { client, queryClient } from './client.ts'

/** An account as operators see it. */
export type Account = AnswerOf<typeof routes.accountsGet>

/** Which accounts are asked for. */
export interface AccountFilter {
  readonly name?: string | undefined
  readonly state?: 'enabled' | 'disabled' | undefined
}

/** That filter as the API takes it. */
export function toQuery({ name, state }: AccountFilter) {
  return { name, disabled: state === undefined ? undefined : state === 'disabled', limit: 100 }
}

/** The accounts of this installation, newest first, page after page. For operators. */
export function accountsQuery(filter: AccountFilter) {
  return infiniteQueryOptions({
    queryKey: ['accounts', filter],
    queryFn: ({ pageParam, signal }) =>
      client.call(routes.accountsList, { query: { ...toQuery(filter), pageToken: pageParam }, signal }),
    initialPageParam: undefined as string | undefined, // the type of later ones
    getNextPageParam: ({ nextPageToken }) => nextPageToken ?? undefined,
    placeholderData: (before) => before,
  })
}

/** An account was made or changed: lists, and what stands about one's own, are asked anew. */
export async function refreshAccounts(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['accounts'] }),
    queryClient.invalidateQueries({ queryKey: ['session'] }),
    queryClient.invalidateQueries({ queryKey: ['whoami'] }),
    queryClient.invalidateQueries({ queryKey: ['audit'] }),
  ])
}
