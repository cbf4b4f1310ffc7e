import { useSyncExternalStore } from 'react'

/** What became of something that was done a moment ago, and how it is taken back. */
export interface Undo {
  /** What was done, such as "2 files moved to Alps". */
  readonly words: string
  /** Left out: there is nothing to take back, only to know. */
  readonly undo?: () => Promise<unknown>
}

/** An offer, told from one in the same words. */
export interface Offer extends Undo {
  readonly serial: number
}

let serial = 0
let now: Offer | undefined
const listeners = new Set<() => void>()

/** Offers to take back what was just done. What was offered before can no longer be. */
export function offerUndo(offer: Undo | undefined): void {
  now = offer && { ...offer, serial: ++serial }
  for (const listener of listeners) listener()
}

/** What can be taken back now. */
export function useUndo(): Offer | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => now,
  )
}
