import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** An account: its name, its room, what it may do. */
export type Account = AnswerOf<typeof routes.accountGet>

/** The account that the session is of. */
export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: ({ signal }) => client.call(routes.accountGet, { signal }),
})

/** Whether files may become public, in words. */
export const publicContentWords = {
  allowed: {
    label: 'Allowed',
    hint: 'Whoever uploads decides for each file. What is public can be read by anyone on the IPFS network.',
  },
  refused: {
    label: 'Refused',
    hint: 'Nothing can be made public, by nobody and no key. What is public already stays so.',
  },
} as const
