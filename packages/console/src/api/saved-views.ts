import { useSyncExternalStore } from 'react'
import type { FilesSearch } from '../paths.ts'
import { readFilesSearch } from './files.ts'
import { useSession } from './session.ts'

/** A way to look at the list of files, by the name that somebody gave it. */
export interface SavedView {
  readonly name: string
  readonly search: FilesSearch
}

/** More names than this are no help in finding one. */
export const mostViews = 50

const changed = new Set<() => void>()
const keyOf = (accountId: string) => `pinyon.views.${accountId}`

/** The views that were saved in this browser for the account, in the order of their names, and how to change them. */
export function useSavedViews(): {
  readonly views: readonly SavedView[]
  /** One of the same name gives way. */
  readonly save: (view: SavedView) => void
  readonly remove: (name: string) => void
} {
  const key = keyOf(useSession().account.id)
  const text = useSyncExternalStore(follow, () => localStorage.getItem(key) ?? '[]')
  const views = readViews(text)
  const keep = (next: readonly SavedView[]) => {
    localStorage.setItem(key, JSON.stringify(next.toSorted((a, b) => a.name.localeCompare(b.name)).slice(0, mostViews)))
    for (const tell of changed) tell()
  }
  const without = (name: string) => views.filter((view) => view.name !== name)
  return {
    views,
    save: (view) => keep([...without(view.name), view]),
    remove: (name) => keep(without(name)),
  }
}

/** Other tabs of this browser save views too. */
function follow(tell: () => void): () => void {
  changed.add(tell)
  window.addEventListener('storage', tell)
  return () => {
    changed.delete(tell)
    window.removeEventListener('storage', tell)
  }
}

/** What is kept may have been written by an older console, or by hand: what makes no sense is passed over. */
function readViews(text: string): SavedView[] {
  let kept: unknown
  try {
    kept = JSON.parse(text)
  } catch {
    return [] // not JSON
  }
  if (!Array.isArray(kept)) return []
  return kept.flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null || !('name' in each) || !('search' in each)) return []
    const { name, search } = each
    if (typeof name !== 'string' || typeof search !== 'object' || search === null) return []
    return [{ name, search: readFilesSearch({ ...search }) }]
  })
}
