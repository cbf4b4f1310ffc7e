/**
 * What was learned within the last `forMs`, for readers who believe nothing older: it is let go of once or twice that
 * time after it came, or when `max` others have come. A cache that only drops what was used least keeps values that
 * nobody may believe any more until it is full.
 */
export class Recent<T> implements Iterable<[string, T]> {
  readonly #forMs: number
  readonly #max: number
  readonly #elapsedMs: () => number
  #young = new Map<string, T>()
  #old = new Map<string, T>()
  #turnedAt: number

  /** `elapsedMs` is monotonic: a wall clock set back must not keep values alive. */
  constructor({
    forMs,
    max,
    elapsedMs = () => performance.now(),
  }: {
    forMs: number
    max: number
    elapsedMs?: () => number
  }) {
    this.#forMs = forMs
    this.#max = max
    this.#elapsedMs = elapsedMs
    this.#turnedAt = elapsedMs()
  }

  /** What came under this key; how old it is at most says the reader's own note of the time. */
  get(key: string): T | undefined {
    this.#turn()
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: string, value: T): void {
    this.#turn()
    if (this.#young.size >= this.#max / 2) this.#exchange()
    this.#young.set(key, value)
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  /** How many are held. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  *[Symbol.iterator](): Iterator<[string, T]> {
    yield* this.#old
    yield* this.#young
  }

  #turn(): void {
    const now = this.#elapsedMs()
    if (now - this.#turnedAt < this.#forMs) return
    // Nobody has come for so long that the young ones are old as well.
    if (now - this.#turnedAt >= 2 * this.#forMs) this.#young = new Map()
    this.#exchange()
    this.#turnedAt = now
  }

  #exchange(): void {
    this.#old = this.#young
    this.#young = new Map()
  }
}
