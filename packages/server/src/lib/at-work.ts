/** For so long after it began, or was touched, what is under way is at work, in milliseconds. */
const atWorkMs = 20

/**
 * What this process does for somebody who waits, for work in the background to step aside. What is under way and waits
 * itself (for a slow client, for events) is not at work.
 */
export class AtWork {
  readonly #waiting = new Set<() => void>()
  #open = 0
  #lastMs = -Infinity

  /** Something begins; to be told once when it ended. */
  begin(): () => void {
    this.#open++
    this.touch()
    return () => {
      if (--this.#open === 0) for (const resolve of this.#waiting) resolve()
    }
  }

  /** Something that is under way goes on. */
  touch(): void {
    this.#lastMs = performance.now()
  }

  /** Resolves when nothing is at work, at the latest after `withinMs`. Throws when the signal ends it. */
  async quiet(withinMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (!this.#isBusy()) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, withinMs)
    const end = () => reject(signal.reason)
    this.#waiting.add(resolve)
    signal.addEventListener('abort', end, { once: true })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(resolve)
      signal.removeEventListener('abort', end)
    }
  }

  #isBusy(): boolean {
    return this.#open > 0 && performance.now() - this.#lastMs < atWorkMs
  }
}
