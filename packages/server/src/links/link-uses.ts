import type { Database } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { TakeTogether } from '../lib/take-together.ts'
import { addLinkUses, takeLinkUses } from './queries.ts'

/** Uses stay in memory for this long at most. */
const flushMs = 500

/**
 * Counts uses of download links. With max uses: one durable step that tests and counts, before a byte is sent. Without: in
 * memory, written for all links together, so that reading costs no write.
 */
export class LinkUses {
  readonly #db: Pick<Database, 'write'>
  readonly #log: Pick<Logger, 'error'>
  /** Uses of links with max uses: those that wait for the same link share a write. */
  readonly #limited: TakeTogether<{ readonly id: string }, number>
  #counted = new Map<string, { count: number; at: number }>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor({ db, log }: { db: Pick<Database, 'write'>; log: Pick<Logger, 'error'> }) {
    this.#db = db
    this.#log = log
    this.#limited = new TakeTogether(({ id }, ats) =>
      db.write((tx) => takeLinkUses(tx, { id, wanted: ats.length, at: Math.max(...ats) })),
    )
  }

  /** Counts one use. Throws `link_uses_exhausted` when none is left. */
  async count(link: { readonly id: string; readonly max_uses: number | null }, at: number): Promise<void> {
    const { id } = link
    if (link.max_uses === null) return this.#add(id, { count: 1, at })
    if (await this.#limited.take(link, at)) return
    throw new AppError(
      'link_uses_exhausted',
      'This link has no uses left: it was made for a limited number of downloads. Ask for another one.',
    )
  }

  /** Writes what is counted so far. What cannot be written now is kept and tried again. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  /** Writes the rest. */
  close(): Promise<void> {
    return this.flush()
  }

  #add(id: string, { count, at }: { count: number; at: number }): void {
    const before = this.#counted.get(id)
    this.#counted.set(id, { count: count + (before?.count ?? 0), at: Math.max(at, before?.at ?? 0) })
    this.#timer ??= setTimeout(() => void this.flush(), flushMs).unref()
  }

  async #write(): Promise<void> {
    const counted = [...this.#counted].map(([id, use]) => ({ id, ...use }))
    if (counted.length === 0) return
    this.#counted = new Map()
    // In the order of ids, so that two processes do not wait for each other's rows.
    counted.sort((a, b) => (a.id < b.id ? -1 : 1))
    try {
      await this.#db.write((tx) => addLinkUses(tx, counted))
    } catch (error) {
      // A count is no reason to refuse a reader: it waits for a database that can write again.
      this.#log.error({ err: error, links: counted.length }, 'uses of links could not be written')
      for (const { id, ...use } of counted) this.#add(id, use)
    }
  }
}
