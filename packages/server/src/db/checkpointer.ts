import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { SqliteConnection } from './sqlite-connection.ts'

/**
 * Pages in the log that are not in the file yet, from which on they are copied (12 MiB). Most are written again soon, and
 * only the last of each is copied. A fifth of `FULL_PAGES`: hardly anything is left to copy when that is reached.
 */
const DUE_PAGES = 3_000
/** Length of the log from which on writes wait until all of it is copied, so that it starts again (64 MiB). */
const FULL_PAGES = 16_000

/**
 * Copies SQLite's write-ahead log into the file, in a thread: done by the commit that finds it due, as SQLite does by
 * itself, it holds the event loop for a sync of the file and thousands of scattered pages.
 */
export class Checkpointer {
  readonly #file: string
  readonly #connection: SqliteConnection
  #thread: Worker | undefined
  #running: Promise<void> | undefined

  /** `connection` is the one that writes. */
  constructor(file: string, connection: SqliteConnection) {
    this.#file = file
    this.#connection = connection
    connection.exec('pragma wal_autocheckpoint = 0')
  }

  /** To be called between transactions. A promise means: do not write before it resolves. It never rejects. */
  afterCommit(): Promise<void> | undefined {
    const { log, copied } = this.#progress()
    if (log - copied >= DUE_PAGES) this.#running ??= this.#copy().finally(() => (this.#running = undefined))
    return log >= FULL_PAGES ? this.copyAll() : undefined
  }

  /**
   * Copies all there is between two transactions, so that the log starts again at its beginning: on a full disk the
   * only room there is. It never rejects.
   */
  async copyAll(): Promise<void> {
    // What was being copied leaves out the pages that came meanwhile.
    await this.#running
    await this.#copy()
  }

  /** Ends the thread. SQLite copies what is left when the last connection closes. */
  async close(): Promise<void> {
    await this.#running
    await this.#thread?.terminate()
  }

  async #copy(): Promise<void> {
    try {
      const thread = (this.#thread ??= new Worker(new URL('./checkpoint-thread.ts', import.meta.url), {
        workerData: this.#file,
      }))
      // Only while it copies does it keep the process from ending.
      thread.ref()
      thread.postMessage('copy', [])
      // Rejects when the thread dies of an error.
      await once(thread, 'message')
      thread.unref()
    } catch {
      // Without the thread the log keeps what is committed, and another one tries the next time.
      this.#thread = undefined
    }
  }

  #progress(): { log: number; copied: number } {
    // https://www.sqlite.org/pragma.html#pragma_wal_checkpoint: noop only counts. Without a log both are -1.
    const [row] = this.#connection.run('pragma wal_checkpoint(noop)', []).rows
    // The columns of this pragma: busy, log, checkpointed.
    const { log, checkpointed } = row as { log: number; checkpointed: number }
    return { log, copied: checkpointed }
  }
}
