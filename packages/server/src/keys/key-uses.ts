import type { Database } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { limitedUses } from './limited-uses.ts'
import { addUses, type Use } from './queries.ts'
import { UseDays, writeUseDays } from './use-days.ts'

/** Uses stay in memory for this long at most. */
const flushMs = 500
/** Rows of one statement. */
const maxRows = 500

/**
 * Counts uses of keys. With max uses: one durable step that tests and counts. Without: in memory, written for all keys
 * together within a second, so that a busy key costs two writes a second, not one a request.
 */
export class KeyUses {
  readonly #db: Pick<Database, 'write'>
  readonly #log: Pick<Logger, 'error'>
  readonly #limited: ReturnType<typeof limitedUses>
  readonly #days = new UseDays()
  #counted = new Map<string, Use & { count: number }>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor({ db, log }: { db: Pick<Database, 'write'>; log: Pick<Logger, 'error'> }) {
    this.#db = db
    this.#log = log
    this.#limited = limitedUses(db)
  }

  /** Counts one use. Resolves when the operation may start; throws `key_uses_exhausted` when no use is left. */
  async count(
    key: { readonly id: string; readonly limited: boolean; readonly limitedBy?: readonly string[] },
    use: Use,
  ): Promise<void> {
    if (!key.limited) {
      this.#countInMemory(key.id, use)
      this.#countDay(key.id, use)
      return
    }
    if (!(await this.#limited.take({ id: key.id, limitedBy: key.limitedBy ?? [key.id] }, use))) {
      throw new AppError(
        'key_uses_exhausted',
        'This key has no uses left: it, or a key that it was made with, was made for a limited number of requests. Make a new key.',
      )
    }
    this.#countDay(key.id, use)
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

  #countDay(id: string, use: Use): void {
    this.#days.add(id, use)
    this.#timer ??= setTimeout(() => void this.flush(), flushMs).unref()
  }

  #countInMemory(id: string, use: Use): void {
    const before = this.#counted.get(id)?.count ?? 0
    this.#counted.set(id, { ...use, count: before + 1 })
  }

  async #write(): Promise<void> {
    const counted = [...this.#counted].map(([id, use]) => ({ id, ...use }))
    this.#counted = new Map()
    // In the order of ids, so that two processes do not wait for each other's rows.
    counted.sort((a, b) => (a.id < b.id ? -1 : 1))
    for (let at = 0; at < counted.length; at += maxRows) {
      const rows = counted.slice(at, at + maxRows)
      try {
        await this.#db.write((tx) => addUses(tx, rows))
      } catch (error) {
        // A count is no reason to refuse a request: it waits for a database that can write again.
        this.#log.error({ err: error, keys: rows.length }, 'uses of keys could not be written')
        for (const { id, ...use } of rows) this.#takeBack(id, use)
      }
    }
    const days = this.#days.take()
    for (let at = 0; at < days.length; at += maxRows) {
      const rows = days.slice(at, at + maxRows)
      try {
        await this.#db.write((tx) => writeUseDays(tx, rows))
      } catch (error) {
        this.#log.error({ err: error, rows: rows.length }, 'uses of keys by day could not be written')
        this.#days.putBack(rows)
        this.#timer ??= setTimeout(() => void this.flush(), flushMs).unref()
      }
    }
  }

  #takeBack(id: string, use: Use & { count: number }): void {
    const later = this.#counted.get(id)
    this.#counted.set(id, later === undefined ? use : { ...later, count: later.count + use.count })
    this.#timer ??= setTimeout(() => void this.flush(), flushMs).unref()
  }
}
