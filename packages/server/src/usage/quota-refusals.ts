import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { AppError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { recordQuotaReached } from './quota-events.ts'
import { findAccountRoom } from './queries.ts'

/** How long refusals of one account are not looked at again. */
const pauseMs = 1_000
const maxAccounts = 10_000

/**
 * Tells accounts that something of theirs was refused for their quota. Never in the way of the answer, and what cannot
 * be written stops nothing.
 */
export class QuotaRefusals {
  readonly #db: Pick<Database, 'write'>
  readonly #clock: Clock
  readonly #log: Pick<Logger, 'warn'>
  readonly #lately = new Map<string, number>()
  #writing: Promise<void> = Promise.resolve()

  constructor({ db, clock, log }: { db: Pick<Database, 'write'>; clock: Clock; log: Pick<Logger, 'warn'> }) {
    this.#db = db
    this.#clock = clock
    this.#log = log
  }

  /** Looks at what was thrown to a caller of the account; only `quota_reached` counts. */
  note(accountId: string, { code }: AppError): void {
    if (code !== 'quota_reached') return
    const now = performance.now()
    const last = this.#lately.get(accountId)
    if (last !== undefined && now - last < pauseMs) return
    if (this.#lately.size >= maxAccounts) this.#lately.clear()
    this.#lately.set(accountId, now)
    this.#writing = this.#writing.then(() => this.#write(accountId))
  }

  /** Resolves when all that was noted is written. */
  close(): Promise<void> {
    return this.#writing
  }

  async #write(accountId: string): Promise<void> {
    const at = this.#clock.now()
    try {
      await this.#db.write(async (tx) => {
        const room = await findAccountRoom(tx, accountId)
        if (room === undefined || room.quota_bytes === null) return
        await recordQuotaReached(tx, accountId, { limitBytes: room.quota_bytes, usedBytes: room.used_bytes, at })
      })
    } catch (error) {
      this.#log.warn({ err: error }, 'that a quota was reached could not be told')
    }
  }
}
