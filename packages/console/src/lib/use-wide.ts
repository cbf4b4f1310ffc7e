import { useSyncExternalStore } from 'react'

/** As wide as the styles call `md`. */
const wide = window.matchMedia('(min-width: 48rem)')

function subscribe(listener: () => void): () => void {
  wide.addEventListener('change', listener)
  return () => wide.removeEventListener('change', listener)
}

/** Whether there is room for more than a phone has. */
export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => wide.matches)
}
