import type { Pair } from './certificates.ts'

/** What the listeners show of themselves over TLS. It changes when a certificate is renewed. */
export interface ServerIdentity {
  readonly pair: Pair
  /** Is told of every new pair, until the function it answers is called. */
  onChange(listener: (pair: Pair) => void): () => void
  close(): void
}

/** Keeps the pair that holds now, and tells the listeners of a new one. */
export class ChangingIdentity {
  #pair: Pair
  readonly #listeners = new Set<(pair: Pair) => void>()

  constructor(pair: Pair) {
    this.#pair = pair
  }

  get pair(): Pair {
    return this.#pair
  }

  onChange(listener: (pair: Pair) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  change(pair: Pair): void {
    this.#pair = pair
    for (const listener of this.#listeners) listener(pair)
  }
}
