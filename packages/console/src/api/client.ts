import { ApiError, createClient, Unreachable } from '@pinyon/contract/client.ts'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'

/** The API of the server that gave this page, with the session cookie as credential. */
export const client = createClient({ apiUrl: location.origin })

/** Told when the server says that nobody is signed in any more. Set once, by the router. */
export const signedOut: { onSignedOut: () => void } = { onSignedOut() {} }

/** What is known of the server's answers; a page that is shown again starts with it. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // An answer that says no stays a no; a server that is starting again is asked once more.
      retry: (count, error) => error instanceof Unreachable && count < 2,
    },
  },
  queryCache: new QueryCache({ onError: noticeSignedOut }),
  mutationCache: new MutationCache({ onError: noticeSignedOut }),
})

function noticeSignedOut(error: Error): void {
  if (isSignedOut(error) && queryClient.getQueryData(['session']) !== undefined) signedOut.onSignedOut()
}

/** Whether an error says that nobody is signed in. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401 && error.reason === 'INVALID_CREDENTIALS'
}
