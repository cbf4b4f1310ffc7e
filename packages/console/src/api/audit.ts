import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { AuditSearch } from '../paths.ts'
import { client } from './client.ts'

/** One line of the audit log. */
export type AuditLine = AnswerOf<typeof routes.auditList>['entries'][number]

/** The audit log of the account, latest first, page after page, as far as the filters leave it. */
export function auditQuery(search: AuditSearch) {
  return infiniteQueryOptions({
    queryKey: ['audit', search],
    queryFn: ({ pageParam, signal }) =>
      client.call(routes.auditList, { query: { ...search, limit: 100, pageToken: pageParam }, signal }),
    initialPageParam: undefined as string | undefined, // the type of later ones
    getNextPageParam: ({ nextPageToken }) => nextPageToken ?? undefined,
    placeholderData: (before) => before,
  })
}

/** The e-mail of each person of the account by their id. */
export const emailsQuery = queryOptions({
  queryKey: ['members', 'emails'],
  async queryFn({ signal }) {
    const { members } = await client.call(routes.membersList, { signal })
    return new Map(members.map(({ userId, email }) => [userId, email]))
  },
})
