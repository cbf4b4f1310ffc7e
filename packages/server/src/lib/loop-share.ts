import { setImmediate } from 'node:timers/promises'

/**
 * Keeps a long computation from holding the event loop: call `isOver` often, and when it is true await `pass`, which
 * lets everything else that waits run first.
 */
export class LoopShare {
  readonly #shareMs: number
  #since = performance.now()

  constructor(shareMs = 10) {
    this.#shareMs = shareMs
  }

  /** True when this computation has run for its share since it last passed. */
  isOver(): boolean {
    return performance.now() - this.#since >= this.#shareMs
  }

  /** Resolves after the loop went round once. */
  async pass(): Promise<void> {
    await setImmediate()
    this.#since = performance.now()
  }
}
