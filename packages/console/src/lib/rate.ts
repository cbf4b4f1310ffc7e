/** How fast bytes go, as people want to see it: not jumping with every piece. */
export class Rate {
  #perSecond: number | undefined
  #bytes = 0
  #since = performance.now()

  /** Bytes that have gone since the last call. */
  add(bytes: number): void {
    this.#bytes += bytes
    const seconds = (performance.now() - this.#since) / 1_000
    if (seconds < 0.25) return
    const now = this.#bytes / seconds
    // What was measured loses half of its weight in two seconds.
    const weight = 1 - 0.5 ** (seconds / 2)
    this.#perSecond = this.#perSecond === undefined ? now : this.#perSecond + (now - this.#perSecond) * weight
    this.#bytes = 0
    this.#since = performance.now()
  }

  /** Bytes in a second; undefined until that is known. */
  get perSecond(): number | undefined {
    return this.#perSecond
  }

  /** Nothing went for a while, and that says nothing of how fast it goes. */
  restart(): void {
    this.#perSecond = undefined
    this.#bytes = 0
    this.#since = performance.now()
  }
}
