import type { OutcomeCode } from '@pinyon/contract/errors.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { addRefusals, maxRefusals, type KeyRefusal } from './record-queries.ts'

/** How long refusals stay in memory. */
const flushMs = 1_000
/** Keys whose refusals are gathered at once; those of more are in the audit log alone. */
const maxKeys = 10_000

/** A refusal of a key that is known: what was asked, and what would have allowed it. */
export interface Refused {
  readonly reason: OutcomeCode
  /** The id of the row of the route table. */
  readonly route: string
  readonly message: string
  /** The smallest scope that allows it, where one was missing. */
  readonly scope: string | null
}

/**
 * What keys were refused, for whoever looks after them: gathered, and written together, so that a program that asks on
 * and on costs one write a second. A database that cannot be written stops nothing.
 */
export class KeyRefusals {
  readonly #db: Pick<Database, 'write'>
  readonly #log: Pick<Logger, 'error'>
  readonly #clock: Clock
  #noted = new Map<string, Map<string, KeyRefusal>>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(parts: { db: Pick<Database, 'write'>; log: Pick<Logger, 'error'>; clock: Clock }) {
    this.#db = parts.db
    this.#log = parts.log
    this.#clock = parts.clock
  }

  /** Notes one refusal of a key. */
  note(keyId: string, { reason, route, message, scope }: Refused): void {
    const ofKey = this.#noted.get(keyId) ?? new Map<string, KeyRefusal>()
    const name = `${reason} ${route}`
    const before = ofKey.get(name)
    const isFull = before === undefined && ofKey.size >= maxRefusals
    if (isFull || (ofKey.size === 0 && this.#noted.size >= maxKeys)) return
    const at = this.#clock.now()
    const { count = 0, first_at = at } = before ?? {}
    ofKey.set(name, { key_id: keyId, reason, route, message, scope, count: count + 1, first_at, last_at: at })
    this.#noted.set(keyId, ofKey)
    this.#timer ??= setTimeout(() => void this.flush(), flushMs).unref()
  }

  /** Resolves when what is noted so far is written. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const noted = [...this.#noted].toSorted(([a], [b]) => (a < b ? -1 : 1))
    this.#noted = new Map()
    if (noted.length === 0) return
    try {
      await this.#db.write(async (tx) => {
        for (const [keyId, refusals] of noted) await addRefusals(tx, keyId, [...refusals.values()])
      })
    } catch (error) {
      this.#log.error({ err: error, keys: noted.length }, 'refusals of keys could not be written')
    }
  }

  /** Writes the rest. */
  close(): Promise<void> {
    return this.flush()
  }
}
