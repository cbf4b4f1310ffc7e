import { actingAs, actingAsHeader } from '@pinyon/contract/acting-as.ts'
import { ApiError, type AnswerOf, createClient, Unreachable } from '@pinyon/contract/client.ts'
import type { routes } from '@pinyon/contract/routes.ts'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'

/** The API of the server that gave this page, with the session cookie as credential. */
export const client = createClient({
  apiUrl: location.origin,
  fetch: (url, init) => fetch(url, { ...init, headers: { ...plain(init?.headers), ...actingAsHeaders() } }),
})

/**
 * What says whom this tab shows, to be sent with every request that goes with the cookie: tabs share the cookie, and what
 * is done here must not land in an account that another tab went to.
 */
export function actingAsHeaders(): Record<string, string> {
  const shown = queryClient.getQueryData<AnswerOf<typeof routes.sessionCurrent>>(['session'])
  return shown === undefined
    ? {}
    : { [actingAsHeader]: actingAs({ userId: shown.user.id, accountId: shown.account.id }) }
}

function plain(headers: HeadersInit | undefined): Record<string, string> {
  return Object.fromEntries(new Headers(headers))
}

/** Told when the server says that this tab shows what is over. Set once, by the router. */
export const sessionLost: {
  /** Nobody is signed in any more. */
  onSignedOut: () => void
  /** Somebody else is, or another account was chosen. */
  onChanged: () => void
} = { onSignedOut() {}, onChanged() {} }

/** What is known of the server's answers; a page that is shown again starts with it. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // An answer that says no stays a no; a server that is starting again is asked once more.
      retry: (count, error) => error instanceof Unreachable && count < 2,
    },
  },
  queryCache: new QueryCache({ onError: noticeLoss }),
  mutationCache: new MutationCache({ onError: noticeLoss }),
})

/** Notices an error that says that what this tab shows is over; for requests that go around the caches, too. */
export function noticeLoss(error: unknown): void {
  if (queryClient.getQueryData(['session']) === undefined) return
  if (isSignedOut(error)) sessionLost.onSignedOut()
  else if (error instanceof ApiError && error.reason === 'SESSION_CHANGED') sessionLost.onChanged()
}

/** Whether an error says that nobody is signed in. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401 && error.reason === 'INVALID_CREDENTIALS'
}
