import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { isCancelledError, queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { client, isSignedOut, queryClient } from './client.ts'

/** Who is signed in, and to which account. */
export type SignedIn = AnswerOf<typeof routes.sessionCurrent>

/** Who is signed in. Fails with 401 when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => client.call(routes.sessionCurrent, { signal }),
  staleTime: 60_000,
  // A tab that is shown again asks whether it still shows who is signed in; another tab may have changed that.
  refetchOnWindowFocus: 'always',
  retry: false,
})

/** The account's quota and settings, and where things are. */
export const whoamiQuery = queryOptions({
  queryKey: ['whoami'],
  queryFn: ({ signal }) => client.call(routes.whoami, { signal }),
  staleTime: 10_000,
})

/**
 * Has both at hand for the pages of those signed in. Fails with 401 when nobody is. Where everything is forgotten while
 * it is asked for, as by a sign-out that somebody goes back from, it is asked again.
 */
export async function loadSession(): Promise<void> {
  for (;;) {
    try {
      await Promise.all([queryClient.ensureQueryData(sessionQuery), queryClient.ensureQueryData(whoamiQuery)])
      return
    } catch (error) {
      if (!isCancelledError(error)) throw error
    }
  }
}

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

/** Who is signed in is asked of the server again before the next page for those signed in is shown. */
export function doubtSession(): void {
  queryClient.removeQueries({ queryKey: sessionQuery.queryKey })
}

/** Forgets what no part of this page shows: what is left of whoever was signed in before it. */
export function forgetOthers(): void {
  queryClient.removeQueries({ type: 'inactive' })
}

/** Signs in with a password. Fails as the server does, and where the browser does not keep the session. */
export async function beginSession(input: {
  readonly email: string
  readonly password: string
  readonly code?: string
}): Promise<void> {
  // Whom this tab showed until now no longer counts.
  doubtSession()
  await client.call(routes.signIn, { body: input })
  try {
    await client.call(routes.sessionCurrent)
  } catch (error) {
    if (!isSignedOut(error)) throw error
    throw new Error('The password is right, but this browser did not keep the session. Open the console over https.', {
      cause: error,
    })
  }
}
