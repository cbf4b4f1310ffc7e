import { useSyncExternalStore } from 'react'

let token = takeToken()
const listeners = new Set<() => void>()

// A link opened in a tab that shows its page already changes the fragment only.
window.addEventListener('hashchange', () => {
  const taken = takeToken()
  if (taken === undefined) return
  token = taken
  for (const listener of listeners) listener()
})

/**
 * The token that the address carried behind `#token=`. It is taken out of the address and this entry of the history when
 * the script starts, before anything is drawn, and kept in memory only: a page that is loaded again has none.
 */
export function useFragmentToken(): string | undefined {
  return useSyncExternalStore(subscribe, () => token)
}

/** After the token was used: it is worth nothing any more. */
export function forgetFragmentToken(): void {
  token = undefined
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function takeToken(): string | undefined {
  const taken = new URLSearchParams(location.hash.slice(1)).get('token')
  if (taken === null) return undefined
  history.replaceState(history.state, '', location.pathname + location.search)
  return taken.trim() || undefined
}
