import { useSyncExternalStore } from 'react'

const key = 'pinyon.single-keys'
const changed = new Set<() => void>()

/**
 * Whether keys without Ctrl or ⌘ do something in this browser. Whoever speaks to the machine turns them off, or every word
 * would (WCAG 2.1.4).
 */
export function hasSingleKeys(): boolean {
  return localStorage.getItem(key) !== 'off'
}

/** The same, for those that draw it. */
export function useSingleKeys(): boolean {
  return useSyncExternalStore((tell) => {
    changed.add(tell)
    return () => changed.delete(tell)
  }, hasSingleKeys)
}

/** Turns them on or off in this browser. */
export function setSingleKeys(isOn: boolean): void {
  if (isOn) localStorage.removeItem(key)
  else localStorage.setItem(key, 'off')
  for (const tell of changed) tell()
}
