import { AppError } from '../lib/errors.ts'
import { LoopShare } from '../lib/loop-share.ts'

/** How long a list may look for its files before it gives up. */
const scanDeadlineMs = 5_000

/**
 * What a list may spend: slices of work one at a time in this process, with a turn of the event loop between any two,
 * until the deadline has passed or nobody waits for the answer any more.
 */
export class ScanBudget {
  readonly #filters: readonly string[]
  readonly #signal: AbortSignal | undefined
  readonly #until: number

  /** `filters` are named when the deadline passes. */
  constructor(filters: readonly string[], signal: AbortSignal | undefined, deadlineMs = scanDeadlineMs) {
    this.#filters = filters
    this.#signal = signal
    this.#until = performance.now() + deadlineMs
  }

  /** Resolves when it is this list's turn; `end` lets the next one begin. Throws as `check`. */
  async takeTurn(): Promise<{ end(): void }> {
    const before = lastTurn
    let end = () => {}
    lastTurn = new Promise((resolve) => (end = resolve))
    await before
    try {
      this.check()
    } catch (error) {
      end()
      throw error
    }
    // Not at once: immediates that are due together run without a look at sockets between them.
    return { end: () => void setImmediate(end) }
  }

  /** Throws `filter_too_wide` after the deadline, and the signal's reason when nobody waits. */
  check(): void {
    this.#signal?.throwIfAborted()
    if (performance.now() > this.#until) throw tooWide(this.#filters)
  }

  /** Filters in slices: for tests that may take long on each item. */
  async filter<Item>(items: readonly Item[], test: (item: Item) => boolean): Promise<Item[]> {
    const share = new LoopShare()
    const kept: Item[] = []
    for (const item of items) {
      if (share.isOver()) {
        await share.pass()
        this.check()
      }
      if (test(item)) kept.push(item)
    }
    return kept
  }
}

let lastTurn: Promise<void> = Promise.resolve()

function tooWide(filters: readonly string[]): AppError {
  return new AppError(
    'filter_too_wide',
    `Too many files have to be looked through for ${filters.join(' and ')}. Narrow it, or add a filter that an index answers: cid, a group, a MIME type, or a key-value that is equal.`,
    { facts: { filters } },
  )
}
