import { AppError } from '../lib/errors.ts'
import type { Breath } from './breath.ts'
import type { Checkpointer } from './checkpointer.ts'
import { openKysely, wentOnError } from './runner.ts'
import type { Db, Outcome, Runner } from './runner.ts'
import type { SqliteConnection } from './sqlite-connection.ts'
import { isSqliteFull, translateSqliteError } from './storage-errors.ts'
import { failpoint } from '../lib/failpoint.ts'

/** A batch takes no further operation after this time, so that the first in it is not kept waiting. */
const BATCH_MS = 10
/** A batch that took longer than this lets others have their turn before it commits. */
const BREATHE_MS = 4
/** An operation that runs no statement for this long is waiting for something else, while everybody waits for it. */
const IDLE_MS = 1_000
/** How long the lock of another process is waited for. */
const LOCK_MS = 5_000

interface Operation {
  readonly run: (tx: Db) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Runs write operations one after another, each in a savepoint, and those that wait at the same time in one
 * transaction: they share one sync. An operation's promise settles after the commit; one that throws is undone alone;
 * when the commit fails, all of the batch fail and nothing of it stays.
 */
export class WriteQueue {
  readonly #connection: SqliteConnection
  readonly #breath: Breath
  readonly #checkpointer: Checkpointer
  #waiting: Operation[] = []
  #next = 0
  #running: Promise<void> | undefined
  #closed = false
  /** Whether the disk had no room for something of this batch. */
  #isFull = false
  /** Commits made so far. */
  commits = 0

  constructor(connection: SqliteConnection, breath: Breath, checkpointer: Checkpointer) {
    this.#connection = connection
    this.#breath = breath
    this.#checkpointer = checkpointer
  }

  /** Resolves with what `run` returned once it is durable. */
  write<T>(run: (tx: Db) => Promise<T>): Promise<T> {
    if (this.#closed)
      return Promise.reject(new AppError('unavailable', 'The server is shutting down', { retryAfterSeconds: 5 }))
    return new Promise<T>((resolve, reject) => {
      // The queue hands each operation's own value back to it, so the type is known to be T.
      this.#waiting.push({ run, resolve: resolve as (value: unknown) => void, reject })
      this.#running ??= this.#drain()
    })
  }

  /** Finishes what waits; later operations are refused. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #drain(): Promise<void> {
    // One turn of the loop gathers everything that is ready at this moment, and lets others run between batches.
    await this.#breath.take()
    while (this.#next < this.#waiting.length) {
      this.#isFull = false
      await this.#batch()
      await (this.#isFull ? this.#checkpointer.copyAll() : this.#checkpointer.afterCommit())
      await this.#breath.take()
    }
    this.#running = undefined
  }

  async #batch(): Promise<void> {
    try {
      await this.#connection.begin(LOCK_MS)
    } catch (error) {
      const failed = this.#waiting.slice(this.#next)
      this.#waiting = []
      this.#next = 0
      this.#isFull = isSqliteFull(error)
      for (const operation of failed) operation.reject(translateSqliteError(error))
      return
    }
    const done: { operation: Operation; value: unknown }[] = []
    const started = performance.now()
    const watch = new IdleWatch()
    let broken: { readonly cause: unknown } | undefined
    do {
      const operation = this.#take()
      const outcome = await this.#runOne(operation, watch)
      if (outcome.ok) done.push({ operation, value: outcome.value })
      else {
        this.#isFull ||= isSqliteFull(outcome.error)
        operation.reject(translateSqliteError(outcome.error))
      }
      if (!this.#connection.inTransaction) {
        broken = { cause: outcome.ok ? new Error('The transaction ended inside a write operation') : outcome.error }
        break
      }
      // One more turn of the loop before the commit: whoever is ready by then shares its sync. With 16 clients that is
      // a commit for 12 operations in place of 4.
      if (this.#next >= this.#waiting.length) await this.#breath.take()
    } while (this.#next < this.#waiting.length && performance.now() - started < BATCH_MS)
    watch.stop()
    // The commit writes and syncs in one go: what else is ready gets its turn before it.
    if (performance.now() - started > BREATHE_MS) await this.#breath.take()
    const failure = broken ?? this.#commit()
    if (failure !== undefined) {
      this.#isFull ||= isSqliteFull(failure.cause)
      for (const { operation } of done) operation.reject(asCommitFailure(failure.cause))
      return
    }
    for (const { operation, value } of done) operation.resolve(value)
  }

  async #runOne(operation: Operation, watch: IdleWatch): Promise<Settled> {
    const connection = this.#connection
    const runner = new TransactionRunner(connection, this.#breath)
    try {
      connection.step('savepoint one')
      const given = await watch.run(operation, runner)
      const outcome: Settled = given.ok && runner.hasFailed ? { ok: false, error: wentOnError() } : given
      if (outcome.ok) {
        connection.step('release one')
      } else if (connection.inTransaction) {
        connection.step('rollback to one')
        connection.step('release one')
      }
      return outcome
    } catch (error) {
      // The savepoint itself failed: nothing of this batch can be trusted.
      this.#connection.rollBack()
      return { ok: false, error }
    } finally {
      runner.end()
    }
  }

  #commit(): { readonly cause: unknown } | undefined {
    try {
      failpoint('commit-next')
      this.#connection.step('commit')
      failpoint('committed')
      this.commits++
      return undefined
    } catch (error) {
      this.#connection.rollBack()
      return { cause: error }
    }
  }

  #take(): Operation {
    const operation = this.#waiting[this.#next++]
    if (operation === undefined) throw new Error('The write queue is empty')
    if (this.#next === this.#waiting.length) {
      this.#waiting = []
      this.#next = 0
    }
    return operation
  }
}

type Settled = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }

/** The statements of one operation. After its end they are refused: they would run in somebody else's transaction. */
class TransactionRunner implements Runner {
  readonly dialect = 'sqlite'
  /** Whether a statement failed, after which PostgreSQL would not go on. */
  hasFailed = false
  #ended = false
  #used = true
  readonly #connection: SqliteConnection
  readonly #breath: Breath

  constructor(connection: SqliteConnection, breath: Breath) {
    this.#connection = connection
    this.#breath = breath
  }

  async run(sql: string, parameters: readonly unknown[]): Promise<Outcome> {
    if (this.#breath.isDue()) await this.#breath.take()
    if (this.#ended) throw new Error(`A statement came after the end of its write operation: ${sql}`)
    this.#used = true
    try {
      return this.#connection.run(sql, parameters)
    } catch (error) {
      if (!(error instanceof AppError)) this.hasFailed = true
      throw error
    }
  }

  /** Whether a statement ran since the last time this was asked. */
  takeUsed(): boolean {
    const used = this.#used
    this.#used = false
    return used
  }

  end(): void {
    this.#ended = true
  }
}

/** Ends an operation that waits for something other than the database. One timer serves a whole batch. */
class IdleWatch {
  #current: { runner: TransactionRunner; operation: Operation; settle: (outcome: Settled) => void } | undefined
  readonly #timer = setInterval(() => this.#look(), IDLE_MS)

  run(operation: Operation, runner: TransactionRunner): Promise<Settled> {
    return new Promise((settle) => {
      this.#current = { runner, operation, settle }
      try {
        operation.run(openKysely(runner)).then(
          (value) => settle({ ok: true, value }),
          (error: unknown) => settle({ ok: false, error }),
        )
      } catch (error) {
        settle({ ok: false, error })
      }
    })
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    if (this.#current === undefined || this.#current.runner.takeUsed()) return
    const { operation, settle } = this.#current
    const name = operation.run.name || operation.run.toString().replaceAll(/\s+/g, ' ').slice(0, 120)
    settle({ ok: false, error: new Error(`A write operation awaited something other than the database: ${name}`) })
  }
}

function asCommitFailure(error: unknown): unknown {
  const translated = translateSqliteError(error)
  if (translated instanceof AppError) return translated
  return new AppError('storage_failed', 'The change could not be made durable', { cause: error, retryAfterSeconds: 5 })
}
