/** Choices that a seed decides, so that what was found is found again. */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A number from 0 below 1 (mulberry32: 32 bits of state are plenty to choose by). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 below `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  /** True so often of 1. */
  isOnce(share: number): boolean {
    return this.next() < share
  }

  /** One of them; throws when there is none. */
  of<T>(all: readonly T[]): T {
    const chosen = all[this.below(all.length)]
    if (chosen === undefined && all.length === 0) throw new Error('nothing to choose from')
    return chosen as T // the list is not empty
  }
}
