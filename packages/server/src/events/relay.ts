import type { Database, Db } from '../db/database.ts'
import { nobodyElse, type Notices } from '../db/notices.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { type EventRow, hasNewEvents, isAnyListenedTo, lockRelay, placeNewEvents, updateRelay } from './queries.ts'

const pollMs = 200
/** While nobody listens there is nothing to hand on, but for a notice that was missed. */
const idlePollMs = 2_000
const pollAfterErrorMs = 2_000
const batchSize = 512
/** Accounts that are named when others are told that there are events; of more, only that there are some. */
const maxNamed = 20

/** What processes tell each other: events of this account came, or of some. */
export const eventsCame = 'events'

/**
 * Gives events their place in one order, soon after what they tell of is durable, and has them handed on in the same
 * write. One process does so at a time. Uploads never wait for it, and what fails here is tried again.
 */
export class EventRelay {
  readonly #db: Database
  readonly #clock: Clock
  readonly #log: Pick<Logger, 'warn'>
  readonly #notices: Notices
  readonly #handOn: (tx: Db, events: readonly EventRow[]) => Promise<void>
  readonly #onPlaced: (accountIds: readonly string[]) => void
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #isClosed = false
  #isWoken = false

  /** `handOn` is part of the write that gives the events their places, `onPlaced` is told when that is durable. */
  constructor(parts: {
    db: Database
    clock: Clock
    log: Pick<Logger, 'warn'>
    notices?: Notices
    handOn: (tx: Db, events: readonly EventRow[]) => Promise<void>
    onPlaced: (accountIds: readonly string[]) => void
  }) {
    this.#db = parts.db
    this.#clock = parts.clock
    this.#log = parts.log
    this.#notices = parts.notices ?? nobodyElse
    this.#handOn = parts.handOn
    this.#onPlaced = parts.onPlaced
    this.#poll()
  }

  /** Somebody listens now: looks at once, and often. */
  wake(): void {
    if (this.#timer === undefined) this.#isWoken = true
    else {
      clearTimeout(this.#timer)
      this.#poll()
    }
  }

  /** Looks for new events no more. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #poll(): void {
    if (this.#isClosed) return
    this.#timer = undefined
    this.#running = this.#pollOnce()
  }

  async #pollOnce(): Promise<void> {
    this.#isWoken = false
    const rest = await this.#relayAll()
    // Woken while it looked: what it saw may be from before.
    const wait = this.#isWoken ? Math.min(rest, pollMs) : rest
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#poll(), wait).unref()
  }

  /** Resolves with how long to wait before the next look. */
  async #relayAll(): Promise<number> {
    try {
      for (;;) {
        if (this.#isClosed || !(await hasNewEvents(this.#db.read))) return await this.#restMs()
        const placed = await this.#db.write((tx) => this.#relay(tx))
        if (placed.length === 0) return pollMs
        this.#tell([...new Set(placed.map((event) => event.account_id))])
        if (placed.length < batchSize) return pollMs
      }
    } catch (error) {
      if (!this.#isClosed) this.#log.warn({ err: error }, 'events could not be handed on; trying again')
      return pollAfterErrorMs
    }
  }

  async #restMs(): Promise<number> {
    return (await isAnyListenedTo(this.#db.read, this.#clock.now())) ? pollMs : idlePollMs
  }

  async #relay(tx: Db): Promise<EventRow[]> {
    const after = await lockRelay(tx)
    if (after === undefined) return []
    const events = await placeNewEvents(tx, { after, limit: batchSize })
    if (events.length === 0) return []
    await updateRelay(tx, after + events.length)
    await this.#handOn(tx, events)
    return events
  }

  #tell(accountIds: readonly string[]): void {
    this.#onPlaced(accountIds)
    const named = accountIds.length > maxNamed ? [''] : accountIds
    for (const subject of named) this.#notices.tell({ kind: eventsCame, subject })
  }
}
