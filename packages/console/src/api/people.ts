import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

type People = AnswerOf<typeof routes.membersList>

/** A person of the account. */
export type Member = People['members'][number]

/** An invite that waits. */
export type PendingInvite = People['invites'][number]

/** What somebody may be in an account. */
export type Role = Member['role']

/** People and invites of the account; owners only. */
export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: ({ signal }) => client.call(routes.membersList, { signal }),
})

/** What an invite is for, as the holder of its token may know. Not kept: the token is a secret. */
export function inviteQuery(token: string) {
  return queryOptions({
    queryKey: ['invite', token],
    queryFn: ({ signal }) => client.call(routes.inviteLook, { body: { token }, signal }),
    gcTime: 0,
    staleTime: 0,
  })
}

/** What a role allows, in words. */
export const roleWords: Readonly<Record<Role, { readonly label: string; readonly hint: string }>> = {
  owner: { label: 'Owner', hint: 'Owners do everything here: files, keys, people and settings.' },
  member: { label: 'Member', hint: 'Members work with files. Keys, people and settings are for owners.' },
}
