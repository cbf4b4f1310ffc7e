import type { Database, Db } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { attemptJob, Closing, LEASE_MS } from './attempt.ts'
import type { JobHandler } from './attempt.ts'
import { claimInTurn, claimNewest, hasDueIn } from './lanes.ts'
import { claim, enqueue, hasDue, type Job, type Lane, shortenLeases } from './queue.ts'

/** Running the jobs of this process. */
export interface Jobs {
  /** Looks for due jobs at once: for whoever has just added one and wants it done soon. */
  wake(): void
  /** Makes a periodic job due now. */
  run(kind: string): Promise<void>
  /** Resolves when none of the handled jobs is due or running. Throws when the database cannot be asked. */
  idle(): Promise<void>
  /** Takes no more jobs, gives those that run `graceMs` to finish, then tells them to stop and gives them back. */
  close(graceMs?: number): Promise<void>
}

const POLL_MS = 250
const POLL_AFTER_ERROR_MS = 2_000
const GRACE_MS = 10_000

/**
 * Starts to run jobs of the kinds that have a handler here. Several processes may share the work. Kinds that no other
 * process runs now (`aloneFor`) are gone on with soon where an earlier process was killed.
 */
export async function openJobs(options: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn' | 'error'>
  readonly handlers: Readonly<Record<string, JobHandler>>
  readonly aloneFor?: readonly string[]
}): Promise<Jobs> {
  const worker = new Worker(options)
  const { db, clock, aloneFor = [] } = options
  const shortenAll = async (tx: Db) => {
    for (const kind of aloneFor) await shortenLeases(tx, kind, clock.now())
  }
  if (aloneFor.length > 0) await db.write(shortenAll)
  await worker.start()
  return worker
}

/** The jobs of one kind that run at once, as they are taken from one lane. */
interface Slots {
  readonly kind: string
  readonly handler: JobHandler
  readonly lane: Lane
  readonly limit: number
  readonly running: Set<Promise<void>>
  /** The owner who had the last turn. */
  after: string
}

class Worker implements Jobs {
  readonly #services: { db: Database; clock: Clock; log: Pick<Logger, 'warn' | 'error'> }
  readonly #slots: readonly Slots[]
  readonly #stop = new AbortController()
  readonly #stopAtOnce = new AbortController()
  #taking = true
  #timer: NodeJS.Timeout | undefined
  #look: Promise<void> | undefined
  #lookAgain = false

  constructor({ handlers, ...services }: Parameters<typeof openJobs>[0]) {
    this.#services = services
    this.#slots = Object.entries(handlers).flatMap(([kind, handler]) => slotsOf(kind, handler))
  }

  async start(): Promise<void> {
    for (const { kind, handler } of this.#slots) if (handler.everyMs !== undefined) await this.#makeDue(kind)
    this.#poll()
  }

  wake(): void {
    if (!this.#taking) return
    clearTimeout(this.#timer)
    this.#poll()
  }

  async run(kind: string): Promise<void> {
    await this.#makeDue(kind)
    this.wake()
  }

  async idle(): Promise<void> {
    for (;;) {
      await this.#takeDue()
      const running = this.#running()
      if (running.length === 0) return
      await Promise.race(running)
    }
  }

  async close(graceMs = GRACE_MS): Promise<void> {
    this.#taking = false
    clearTimeout(this.#timer)
    this.#stopAtOnce.abort(new Closing())
    // What it could not take it cannot lose: the poll has logged why.
    await this.#look?.catch(() => {})
    const timer = setTimeout(() => this.#stop.abort(new Closing()), graceMs)
    await Promise.all(this.#running())
    clearTimeout(timer)
  }

  #running(): Promise<void>[] {
    return this.#slots.flatMap(({ running }) => [...running])
  }

  async #makeDue(kind: string): Promise<void> {
    const { db, clock } = this.#services
    await db.write((tx) => enqueue(tx, { kind, subject: '' }, clock.now()))
  }

  #poll(): void {
    void this.#pollOnce()
  }

  async #pollOnce(): Promise<void> {
    let wait = POLL_MS
    try {
      await this.#takeDue()
    } catch (error) {
      this.#services.log.error({ err: error }, 'jobs could not be looked for')
      wait = POLL_AFTER_ERROR_MS
    }
    clearTimeout(this.#timer)
    if (this.#taking) this.#timer = setTimeout(() => this.#poll(), wait)
  }

  /** Takes what is due at the time of the call, or later. */
  #takeDue(): Promise<void> {
    this.#lookAgain = true
    this.#look ??= this.#lookWhileAsked().finally(() => (this.#look = undefined))
    return this.#look
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#lookAgain) {
      this.#lookAgain = false
      for (const slots of this.#slots) if (this.#taking) await this.#fill(slots)
    }
  }

  async #fill(slots: Slots): Promise<void> {
    const limit = slots.limit - slots.running.size
    if (limit <= 0) return
    for (const job of await this.#take(slots, limit)) {
      const { signal } = slots.handler.stopsAtOnce === true ? this.#stopAtOnce : this.#stop
      const attempt = attemptJob(this.#services, job, slots.handler, signal).finally(() => {
        slots.running.delete(attempt)
        this.wake()
      })
      slots.running.add(attempt)
    }
  }

  async #take(slots: Slots, limit: number): Promise<Job[]> {
    const { db, clock } = this.#services
    const { kind, lane, after, handler } = slots
    const now = clock.now()
    const request = { kind, now, leaseUntil: now + LEASE_MS, limit }
    if (lane === 'due') {
      if (!(await hasDue(db.read, kind, now))) return []
      return db.write((tx) => claim(tx, request))
    }
    const source = lane === 'retry' ? undefined : handler.source
    const isDue = (await source?.hasAny(db.read)) === true || (await hasDueIn(db.read, lane, kind, now))
    if (!isDue) return []
    if (lane === 'newest') return db.write((tx) => claimNewest(tx, request, source))
    const taken = await db.write((tx) => claimInTurn(tx, lane, { ...request, after }, source))
    slots.after = taken.after
    return taken.jobs
  }
}

function slotsOf(kind: string, handler: JobHandler): Slots[] {
  const slots = (lane: Lane, limit: number): Slots => ({ kind, handler, lane, limit, running: new Set(), after: '' })
  const { lanes } = handler
  if (lanes === undefined) return [slots('due', handler.concurrency ?? 1)]
  return [slots('new', lanes.new), slots('newest', lanes.newest), slots('retry', lanes.retry)]
}
