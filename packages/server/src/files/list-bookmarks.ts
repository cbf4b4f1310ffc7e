import { LRUCache } from 'lru-cache'
import type { Db } from '../db/database.ts'

/** Bookmarks kept, of all accounts; one is some 150 bytes. */
const capacity = 10_000
/** How long a client may take between two pages. */
const keptMs = 10 * 60_000

/**
 * Where pages by offset ended, so that the next page goes on there without counting from the top: at the same cost at
 * any depth, and without repeating or skipping a file when others came or went meanwhile. Each is used once, so an
 * offset that is asked for by itself always counts from the top.
 */
export class ListBookmarks {
  readonly #ids = new LRUCache<string, string>({ max: capacity, ttl: keptMs })

  /** Remembers that the files of this list (a text for account and filters) behind `id` begin at `offset`. */
  put(list: string, offset: number, id: string): void {
    this.#ids.set(`${offset} ${list}`, id)
  }

  /** The id behind which `offset` begins, if a page has just ended there; it is forgotten. */
  take(list: string, offset: number): string | undefined {
    const key = `${offset} ${list}`
    const id = this.#ids.get(key)
    this.#ids.delete(key)
    return id
  }
}

const opened = new WeakMap<Db, ListBookmarks>()

/** The bookmarks of lists of this database. */
export function bookmarksOf(db: Db): ListBookmarks {
  const known = opened.get(db)
  if (known !== undefined) return known
  const made = new ListBookmarks()
  opened.set(db, made)
  return made
}
