/** How long statements may follow each other before other work of the process gets its turn. */
const HELD_MS = 12

/**
 * Keeps a chain of synchronous statements from holding the event loop: awaiting them alone never gives way, because
 * resolved promises run before anything else.
 */
export class Breath {
  #since = 0

  /** Whether statements have run for so long without a turn of the loop that the next one waits for `take`. */
  isDue(): boolean {
    if (this.#since === 0) {
      this.#since = performance.now()
      setImmediate(() => (this.#since = 0))
      return false
    }
    return performance.now() - this.#since > HELD_MS
  }

  /** Lets everything else that is ready run first. */
  take(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }
}
