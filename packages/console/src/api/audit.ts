import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** One line of the audit log. */
export type AuditLine = AnswerOf<typeof routes.auditList>['entries'][number]

/** The audit log of the account, latest first, page after page; one action only if asked. */
export function auditQuery(action: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ['audit', { action }],
    queryFn: ({ pageParam, signal }) =>
      client.call(routes.auditList, { query: { action, limit: 100, pageToken: pageParam }, signal }),
    initialPageParam: undefined as string | undefined, // the type of later ones
    getNextPageParam: ({ nextPageToken }) => nextPageToken ?? undefined,
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
