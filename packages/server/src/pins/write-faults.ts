import { Gauge } from '@prometheus-io/client'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Database } from '../db/interface.ts'
import { takesNoWrites } from '../db/postgres-errors.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { Metrics } from '../lib/metrics.ts'
import { advanceSequence } from './ledger-queries.ts'
import { withWrites } from '../db/with-writes.ts'

/** What is written to, each perhaps on a disk of its own. */
export type WrittenPart = 'blocks' | 'database'

/** Why something cannot be written now, since when. `full`: there is no room; `failing`: the disk says no, or the database is not there. */
export interface WriteFault {
  readonly part: WrittenPart
  readonly reason: 'full' | 'failing'
  readonly since: number
  readonly message: string
}

/** How often it is tried whether a part can be written again, when nobody else does. */
const tryMs = 2_000

/**
 * What cannot be written at this moment, known from the writes themselves: of a disk that refuses, the operator learns
 * from health, metrics and log, and not only those whose requests fail. A write that works ends the fault.
 */
export class WriteFaults {
  readonly #faults = new Map<WrittenPart, WriteFault>()
  readonly #trials = new Map<WrittenPart, () => Promise<unknown>>()
  readonly #services: { readonly clock: Clock; readonly log: Pick<Logger, 'info' | 'error'> }
  #timer: NodeJS.Timeout | undefined
  #trying: Promise<void> | undefined

  constructor(services: { readonly clock: Clock; readonly log: Pick<Logger, 'info' | 'error'> }) {
    this.#services = services
  }

  /** The faults there are now, the database's last. */
  list(): readonly WriteFault[] {
    return (['blocks', 'database'] as const).flatMap((part) => this.#faults.get(part) ?? [])
  }

  /** What everybody may know: nothing when all can be written. */
  get told(): { readonly storage?: WriteFault['reason'] } {
    const reasons = this.list().map(({ reason }) => reason)
    const [first] = reasons
    return first === undefined ? {} : { storage: reasons.includes('failing') ? 'failing' : first }
  }

  /** A database whose writes are watched. */
  ofDatabase(db: Database): Database {
    this.#trials.set('database', () => db.write(advanceSequence))
    return withWrites(db, (operation) => this.#watch('database', db.write(operation)))
  }

  /** A store whose writes are watched. */
  ofBlocks<T extends BlobStore>(packs: T): T {
    this.#trials.set('blocks', () => packs.tryToWrite())
    return {
      ...packs,
      append: (blocks, options) => this.#watch('blocks', packs.append(blocks, options)),
      sync: (names) => this.#watch('blocks', packs.sync(names)),
    }
  }

  /** Adds a series for each part to the metrics: 1 while it cannot be written. */
  addMetrics({ registry }: Pick<Metrics, 'registry'>): void {
    const gauge: Gauge<'part' | 'reason'> = new Gauge({
      name: 'pinyon_write_fault',
      help: 'Whether blocks or the database cannot be written now, and why.',
      labelNames: ['part', 'reason'],
      registers: [registry],
      collect: () => {
        for (const part of ['blocks', 'database'] as const)
          for (const reason of ['full', 'failing'] as const)
            gauge.set({ part, reason }, this.#faults.get(part)?.reason === reason ? 1 : 0)
      },
    })
  }

  /** To be closed before what it watches. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#trials.clear()
    await this.#trying
  }

  async #watch<T>(part: WrittenPart, write: Promise<T>): Promise<T> {
    try {
      const value = await write
      this.#clear(part)
      return value
    } catch (error) {
      this.#note(part, error)
      throw error
    }
  }

  #note(part: WrittenPart, error: unknown): void {
    const reason = reasonOf(error)
    if (reason === undefined || !(error instanceof AppError)) return
    const before = this.#faults.get(part)
    if (before?.reason !== reason)
      this.#services.log.error({ err: error, part, reason }, 'this part of the storage takes no writes')
    const since = before?.since ?? this.#services.clock.now()
    this.#faults.set(part, { part, reason, since, message: describe(error) })
    this.#timer ??= setInterval(() => {
      this.#trying ??= this.#tryAgain().finally(() => (this.#trying = undefined))
    }, tryMs).unref()
  }

  #clear(part: WrittenPart): void {
    if (!this.#faults.delete(part)) return
    this.#services.log.info({ part }, 'this part of the storage takes writes again')
    if (this.#faults.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #tryAgain(): Promise<void> {
    for (const part of this.#faults.keys()) {
      const trial = this.#trials.get(part)
      // What came of it is noted, and told where something changed.
      if (trial !== undefined)
        await this.#watch(
          part,
          trial().then(() => undefined),
        ).catch(() => undefined)
    }
  }
}

/** Undefined where the refusal says nothing of what is to come: it was the one write, or the database was busy. */
function reasonOf(error: unknown): WriteFault['reason'] | undefined {
  if (!(error instanceof AppError)) return undefined
  if (error.code === 'storage_full') return 'full'
  const isAway = error.code === 'unavailable' && takesNoWrites(error.cause)
  return error.code === 'storage_failed' || isAway ? 'failing' : undefined
}

/** What the system said, where it said something: operators know its words. */
function describe(error: AppError): string {
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    if (!(cause instanceof AppError)) return `${error.message} (${cause.message})`
  return error.message
}
