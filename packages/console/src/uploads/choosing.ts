import { useSyncExternalStore } from 'react'
import type { Part } from './part.ts'
import { readDrop, readInput, type Read } from './read-drop.ts'

/** What is about to be uploaded, before the person has said how. */
interface Choosing {
  readonly isOpen: boolean
  /** How many files were found so far, while they are being looked at. */
  readonly reading: number | undefined
  readonly parts: readonly Part[]
  readonly emptyFolders: number
  readonly unreadable: readonly string[]
}

const nothing: Choosing = { isOpen: false, reading: undefined, parts: [], emptyFolders: 0, unreadable: [] }
let now = nothing
/** Counts the openings: what is still being read when the dialog closes is not for the next one. */
let opening = 0
const listeners = new Set<() => void>()

function set(next: Choosing): void {
  now = next
  for (const listener of listeners) listener()
}

/** What is about to be uploaded, for those that draw it. */
export function useChoosing(): Choosing {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => now,
  )
}

/** Opens the dialog that asks what to upload. */
export function openChoosing(): void {
  set({ ...now, isOpen: true })
}

/** Closes it, and forgets what was chosen. */
export function closeChoosing(): void {
  opening++
  set(nothing)
}

/** Adds what was dropped. */
export function chooseDropped(taken: readonly (FileSystemEntry | File)[]): Promise<void> {
  return choose((onCount) => readDrop(taken, onCount))
}

/** Adds what an input holds. */
export function chooseFiles(files: FileList): Promise<void> {
  return choose(() => readInput(files))
}

async function choose(read: (onCount: (count: number) => void) => Promise<Read>): Promise<void> {
  const mine = opening
  set({ ...now, isOpen: true, reading: 0 })
  const found = await read((count) => {
    if (mine === opening) set({ ...now, reading: count })
  })
  if (mine !== opening) return
  set({
    isOpen: true,
    reading: undefined,
    parts: [...now.parts, ...found.parts],
    emptyFolders: now.emptyFolders + found.emptyFolders,
    unreadable: [...now.unreadable, ...found.unreadable],
  })
}
