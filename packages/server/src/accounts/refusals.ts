import type { Database, Db } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { recordAudit, type AuditLine } from './audit.ts'

/** What is said of refusals that are alike, beside when and how many. */
type Refusal = Omit<AuditLine, 'id' | 'at' | 'result'>

interface Noted {
  /** Made when it was noted, so that the line stands in its place. */
  readonly id: string
  readonly firstAt: number
  readonly describe: (db: Db) => Promise<Refusal> | Refusal
  count: number
}

/** How long refusals are gathered: who asks on and on and is refused writes one line a minute. */
const gatherMs = 60_000
/** The first refusal is written within this time. */
const firstMs = 500
/** Kinds of refusals remembered at once. */
const maxNoted = 10_000

/**
 * Writes refusals to the audit log: the first at once, those of the next minute that are alike together. Never in the
 * way of the answer, and a log that cannot be written stops nothing.
 */
export class Refusals {
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

  /** Notes one refusal. Those of one `name` are alike; the first is described when the line is written. */
  note(name: string, describe: Noted['describe']): void {
    const noted = this.#noted.get(name)
    if (noted !== undefined) noted.count++
    else if (this.#noted.size < maxNoted)
      this.#noted.set(name, { id: this.#newId(), firstAt: this.#clock.now(), describe, count: 1 })
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
        for (const { id, firstAt, describe, count } of noted) {
          const refusal = await describe(tx)
          await recordAudit(tx, {
            ...refusal,
            id,
            at: firstAt,
            result: 'refused',
            detail: { ...refusal.detail, count },
          })
        }
      })
    } catch (error) {
      this.#log.error({ err: error, lines: noted.length }, 'refusals could not be written to the audit log')
    }
  }

  /** Writes the rest. */
  close(): Promise<void> {
    return this.flush()
  }
}
