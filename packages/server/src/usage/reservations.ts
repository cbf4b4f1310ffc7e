/**
 * Room that uploads under way were promised, by account, in this process. It makes uploads that run at the same time
 * see each other before any of their bytes are taken; what is exact is the check in the transaction that keeps a file.
 */
export class Reservations {
  readonly #promised = new Map<string, number>()

  /** Bytes promised to uploads of the account that are under way. */
  promised(accountId: string): number {
    return this.#promised.get(accountId) ?? 0
  }

  /** Begins a reservation of no bytes. It must be released, whatever becomes of the upload. */
  open(accountId: string): Reservation {
    return new Reservation((bytes) => {
      const promised = this.promised(accountId) + bytes
      if (promised > 0) this.#promised.set(accountId, promised)
      else this.#promised.delete(accountId)
    })
  }
}

/** What one upload was promised. */
export class Reservation {
  readonly #change: (bytes: number) => void
  #bytes = 0
  #released = false

  constructor(change: (bytes: number) => void) {
    this.#change = change
  }

  /** Bytes promised so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds to what was promised, without asking whether there is room. */
  add(bytes: number): void {
    if (this.#released) throw new Error('This reservation was released')
    this.#bytes += bytes
    this.#change(bytes)
  }

  /** Gives everything back. Calling it again changes nothing. */
  release(): void {
    if (this.#released) return
    this.#released = true
    this.#change(-this.#bytes)
    this.#bytes = 0
  }
}
