/**
 * Hands pieces from one who pushes to one who pulls, one at a time: `write` resolves when the reader has come back for
 * more, so neither runs ahead of the other.
 */
export class PieceChannel implements AsyncIterable<Uint8Array> {
  #piece: Uint8Array | undefined
  /** Resolves the write whose piece was taken. */
  #taken: (() => void) | undefined
  /** Wakes the reader. */
  #arrived: (() => void) | undefined
  #ended = false
  #left = false

  /** True when the reader has gone before the end. */
  get isLeft(): boolean {
    return this.#left
  }

  /** Offers a piece. Resolves when it is used up, and at once when nobody reads any more. */
  write(piece: Uint8Array): Promise<void> {
    if (this.#left) return Promise.resolve()
    this.#piece = piece
    this.#arrived?.()
    return new Promise((resolve) => (this.#taken = resolve))
  }

  /** There will be no more pieces. */
  end(): void {
    this.#ended = true
    this.#arrived?.()
  }

  /** Read once, by one reader. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        if (this.#piece === undefined && !this.#ended) await new Promise<void>((resolve) => (this.#arrived = resolve))
        const piece = this.#piece
        if (piece === undefined) return
        yield piece
        this.#piece = undefined
        this.#taken?.()
      }
    } finally {
      this.#left = true
      this.#taken?.()
    }
  }
}
