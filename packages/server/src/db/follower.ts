import type { Logger } from '../lib/log.ts'
import { nobodyElse, type Notices } from './notices.ts'

interface Options {
  /** Reads what changed since the last time. */
  readonly read: () => Promise<void>
  /** What processes tell each other when it changes. */
  readonly kind: string
  readonly notices?: Notices | undefined
  readonly log: Pick<Logger, 'warn'>
  /** What the log says while the database cannot be asked. */
  readonly fault: string
}

/** How often it is looked what other processes changed. */
const lookMs = 500
/** What was read longer ago is read again before anything is decided by it: so a change holds within a second however busy the machine is. */
const freshMs = 900

/**
 * Keeps in memory what stands in the database and is changed by other processes too: it looks by itself, is told by
 * others, and whoever must not act on what is old asks `fresh` first. While the database is away, what was known holds.
 */
export class Follower {
  readonly #options: Options
  #readAt = -Infinity
  #reading: Promise<void> = Promise.resolve()
  #looking: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isFailing = false

  constructor(options: Options) {
    this.#options = options
  }

  /** False when a change of more than 0.9 s ago may be unknown here. True where nothing follows, and while the database is away. */
  get isFresh(): boolean {
    return this.#timer === undefined || this.#isFailing || performance.now() - this.#readAt < freshMs
  }

  /** Resolves when what is known is no older than 0.9 s, or cannot be read; undefined when that is so already. */
  fresh(): Promise<void> | undefined {
    return this.isFresh ? undefined : this.#look()
  }

  /** A change was committed: resolves when this process knows it, and tells the others. */
  async changed(): Promise<void> {
    await this.refresh()
    ;(this.#options.notices ?? nobodyElse).tell({ kind: this.#options.kind, subject: '' })
  }

  /** Reads what changed since the last time. Rejects when the database cannot be read. */
  refresh(): Promise<void> {
    this.#reading = this.#readAfter(this.#reading)
    return this.#reading
  }

  /** Begins to look by itself, and to listen. */
  follow(): void {
    this.#options.notices?.on((notice) => {
      // What is told after the close is nobody's any more; the database may be closed too.
      if (this.#timer === undefined) return
      // What is being read may have been asked for before the change.
      if (notice === 'missed' || notice.kind === this.#options.kind) void this.#read()
    })
    this.#timer = setInterval(() => void this.#look(), lookMs).unref()
  }

  /** To be closed before the database. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#reading.catch(() => {})
  }

  /** One look serves all who wait for one. */
  #look(): Promise<void> {
    this.#looking ??= this.#read().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  /** One after another: what changed since the last time is asked for by what is known. */
  async #readAfter(before: Promise<void>): Promise<void> {
    await before.catch(() => {})
    const at = performance.now()
    await this.#options.read()
    this.#readAt = at
  }

  async #read(): Promise<void> {
    try {
      await this.refresh()
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing) this.#options.log.warn({ err: error }, this.#options.fault)
      this.#isFailing = true
    }
  }
}
