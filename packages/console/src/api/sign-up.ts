import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import { client, queryClient } from './client.ts'

/** Links by which people join, and requests that wait. */
export type SignUps = AnswerOf<typeof routes.signUpsList>

/** Whether and how people join. */
export const signUpModeQuery = queryOptions({
  queryKey: ['sign-up', 'mode'],
  queryFn: ({ signal }) => client.call(routes.signUpGet, { signal }),
})

/** What a link by which people join is good for. */
export function signUpLinkQuery(token: string) {
  return queryOptions({
    queryKey: ['sign-up', 'link', token],
    queryFn: ({ signal }) => client.call(routes.signUpLook, { body: { token }, signal }),
    retry: false,
    gcTime: 0,
  })
}

/** Links and requests, for operators. */
export const signUpsQuery = queryOptions({
  queryKey: ['sign-up', 'all'],
  queryFn: ({ signal }) => client.call(routes.signUpsList, { signal }),
})

/** The settings in force, for operators. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => client.call(routes.settingsInForce, { signal }),
})

/** A link was made or ended, or a request decided. */
export async function refreshSignUps(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['sign-up'] }),
    queryClient.invalidateQueries({ queryKey: ['accounts'] }),
    queryClient.invalidateQueries({ queryKey: ['audit'] }),
  ])
}
