import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** A browser in which one is signed in. */
export type Session = AnswerOf<typeof routes.sessionsList>['sessions'][number]

/** Where one is signed in. */
export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => client.call(routes.sessionsList, { signal }),
})
