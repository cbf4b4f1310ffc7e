import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { attemptJob, Closing, LEASE_MS } from './attempt.ts'
import type { JobHandler } from './attempt.ts'
import { claim, enqueue, hasDue } from './queue.ts'

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

/** Starts to run jobs of the kinds that have a handler here. Several processes may share the work. */
export async function openJobs(options: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn' | 'error'>
  readonly handlers: Readonly<Record<string, JobHandler>>
}): Promise<Jobs> {
  const worker = new Worker(options)
  await worker.start()
  return worker
}

interface Kind {
  readonly kind: string
  readonly handler: JobHandler
  readonly running: Set<Promise<void>>
}

class Worker implements Jobs {
  readonly #services: { db: Database; clock: Clock; log: Pick<Logger, 'warn' | 'error'> }
  readonly #kinds: readonly Kind[]
  readonly #stop = new AbortController()
  #taking = true
  #timer: NodeJS.Timeout | undefined
  #look: Promise<void> | undefined
  #lookAgain = false

  constructor({ handlers, ...services }: Parameters<typeof openJobs>[0]) {
    this.#services = services
    this.#kinds = Object.entries(handlers).map(([kind, handler]) => ({ kind, handler, running: new Set() }))
  }

  async start(): Promise<void> {
    for (const { kind, handler } of this.#kinds) if (handler.everyMs !== undefined) await this.#makeDue(kind)
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
    // What it could not take it cannot lose: the poll has logged why.
    await this.#look?.catch(() => {})
    const timer = setTimeout(() => this.#stop.abort(new Closing()), graceMs)
    await Promise.all(this.#running())
    clearTimeout(timer)
  }

  #running(): Promise<void>[] {
    return this.#kinds.flatMap(({ running }) => [...running])
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
      for (const one of this.#kinds) if (this.#taking) await this.#takeKind(one)
    }
  }

  async #takeKind({ kind, handler, running }: Kind): Promise<void> {
    const { db, clock } = this.#services
    const limit = (handler.concurrency ?? 1) - running.size
    const now = clock.now()
    if (limit <= 0 || !(await hasDue(db.read, kind, now))) return
    const jobs = await db.write((tx) => claim(tx, { kind, now, leaseUntil: now + LEASE_MS, limit }))
    for (const job of jobs) {
      const attempt = attemptJob(this.#services, job, handler, this.#stop.signal).finally(() => {
        running.delete(attempt)
        this.wake()
      })
      running.add(attempt)
    }
  }
}
