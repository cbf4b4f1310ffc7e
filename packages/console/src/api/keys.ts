import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { KeysSearch } from '../paths.ts'
import { client, queryClient } from './client.ts'

/** A key with everything the server knows of it. */
export type KeyDetail = AnswerOf<typeof routes.keysGet>

/** The keys of the account that fit, newest first, a page at a time. */
export function keysQuery(filter: KeysSearch) {
  return infiniteQueryOptions({
    queryKey: ['keys', 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      client.call(routes.keysPage, { query: { ...filter, limit: 100, pageToken: pageParam }, signal }),
    initialPageParam: undefined as string | undefined, // the first page has no token
    getNextPageParam: ({ nextPageToken }) => nextPageToken ?? undefined,
  })
}

/** One key. Fails with 404 where the account has no such key. */
export function keyQuery(id: string) {
  return queryOptions({
    queryKey: ['keys', 'one', id],
    queryFn: ({ signal }) => client.call(routes.keysGet, { params: { id }, signal }),
  })
}

/** The keys below a key, the newest hundred. */
export function keyChildrenQuery(id: string) {
  return queryOptions({
    queryKey: ['keys', 'children', id],
    queryFn: ({ signal }) => client.call(routes.keysPage, { query: { within: id, limit: 100 }, signal }),
  })
}

/** What a key was refused. */
export function keyRefusalsQuery(id: string) {
  return queryOptions({
    queryKey: ['keys', 'refusals', id],
    queryFn: ({ signal }) => client.call(routes.keysRefusals, { params: { id }, signal }),
  })
}

/** What a key may do and does not. */
export function keyAdviceQuery(id: string) {
  return queryOptions({
    queryKey: ['keys', 'advice', id],
    queryFn: ({ signal }) => client.call(routes.keysAdvice, { params: { id }, signal }),
  })
}

/** Uses of a key by day, of the last thirty. */
export function keyUsesQuery(id: string) {
  return queryOptions({
    queryKey: ['keys', 'uses', id],
    queryFn: ({ signal }) => client.call(routes.keysUses, { params: { id }, query: { days: 30 }, signal }),
  })
}

/** A key was made or changed: lists and pages of keys ask anew. */
export function noticeKeysChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['keys'] })
}

/** What anybody may have written into the address of the list; what makes no sense there is passed over. */
export function readKeysSearch({ state, limited, name, within }: Readonly<Record<string, unknown>>): KeysSearch {
  const known = (['active', 'exhausted', 'revoked', 'expired'] as const).find((each) => each === state)
  return {
    ...(known === undefined ? {} : { state: known }),
    ...(typeof limited === 'boolean' ? { limited } : {}),
    ...(typeof within === 'string' && within !== '' ? { within } : {}),
    // A name of digits is read from an address as a number.
    ...((typeof name === 'string' || typeof name === 'number') && name !== '' ? { name: String(name) } : {}),
  }
}
