import { recordAudit } from '../accounts/audit.ts'
import type { RequestOrigin } from '../caller.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'

/** A key that showed its right secret and was refused all the same. */
export interface DeniedUse {
  readonly keyId: string
  readonly accountId: string
  /** The outcome's code, such as `key_revoked` or `scope_missing`. */
  readonly reason: string
  readonly origin: RequestOrigin
}

interface Noted extends DeniedUse {
  /** Made when it was noted, so that the line stands in its place. */
  readonly id: string
  readonly firstAt: number
  count: number
}

/** How long refusals are gathered: a program that asks on and on with a dead key writes one line a minute. */
const gatherMs = 60_000
/** The first refusal is written within this time. */
const firstMs = 500
/** Keys and reasons remembered at once. */
const maxNoted = 10_000

/**
 * Writes refused uses of keys to the audit log: the first at once, those of the next minute together. Never in the way
 * of the answer, and a log that cannot be written stops nothing.
 */
export class DeniedUses {
  readonly #db: Pick<Database, 'write'>
  readonly #log: Pick<Logger, 'error'>
  readonly #newId: () => string
  readonly #clock: Clock
  #noted = new Map<string, Noted>()
  #timer: NodeJS.Timeout | undefined
  #flushedAt = -Infinity

  constructor(parts: { db: Pick<Database, 'write'>; log: Pick<Logger, 'error'>; newId: () => string; clock: Clock }) {
    this.#db = parts.db
    this.#log = parts.log
    this.#newId = parts.newId
    this.#clock = parts.clock
  }

  /** Notes one refusal. */
  note(use: DeniedUse): void {
    const name = `${use.keyId} ${use.reason}`
    const noted = this.#noted.get(name)
    if (noted !== undefined) noted.count++
    else if (this.#noted.size < maxNoted)
      this.#noted.set(name, { ...use, id: this.#newId(), firstAt: this.#clock.now(), count: 1 })
    const wait = Math.max(firstMs, this.#flushedAt + gatherMs - performance.now())
    this.#timer ??= setTimeout(() => void this.flush(), wait).unref()
  }

  /** Writes what is noted so far. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const noted = [...this.#noted.values()]
    if (noted.length === 0) return
    this.#noted = new Map()
    this.#flushedAt = performance.now()
    try {
      await this.#db.write(async (tx) => {
        for (const { id, keyId, accountId, reason, origin, count, firstAt } of noted) {
          await recordAudit(tx, {
            id,
            at: firstAt,
            accountId,
            actor: { kind: 'key', id: keyId },
            action: 'key.use_denied',
            target: keyId,
            origin,
            result: 'refused',
            detail: { reason, count },
          })
        }
      })
    } catch (error) {
      this.#log.error({ err: error, lines: noted.length }, 'refused uses of keys could not be written to the audit log')
    }
  }

  /** Writes the rest. */
  close(): Promise<void> {
    return this.flush()
  }
}
