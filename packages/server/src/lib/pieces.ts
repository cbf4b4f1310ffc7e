/** Below this a piece costs more to keep as a view than to copy. */
const smallBytes = 1024
const gatherBytes = 16 * 1024

/**
 * Bytes in the pieces they came in. A client decides how small its pieces are (a chunked body may bring them byte by
 * byte), and a view of one byte takes a hundred: so small ones that follow each other are gathered. All others, and a
 * small one by itself, are kept without a copy.
 */
export class Pieces {
  #list: Uint8Array[] = []
  /** Where small pieces go; the last of the list is then the part of it that is filled. */
  #gather: Uint8Array | undefined
  #gathered = 0
  #isLastSmall = false

  /** What was pushed and not taken. */
  get list(): readonly Uint8Array[] {
    return this.#list
  }

  push(piece: Uint8Array): void {
    const isSmall = piece.length < smallBytes
    if (isSmall && this.#isLastSmall) return this.#append(piece)
    this.#list.push(piece)
    this.#isLastSmall = isSmall
    this.#gather = undefined
  }

  /** Takes the first away. */
  shift(): void {
    this.#list.shift()
    if (this.#list.length === 0) this.#forget()
  }

  /** Takes all away. */
  takeAll(): Uint8Array[] {
    const all = this.#list
    this.#list = []
    this.#forget()
    return all
  }

  #append(piece: Uint8Array): void {
    if (this.#gather === undefined || this.#gathered + piece.length > gatherBytes) {
      this.#gather = new Uint8Array(gatherBytes)
      this.#gathered = 0
      this.#list.push(this.#gather)
    }
    this.#gather.set(piece, this.#gathered)
    this.#gathered += piece.length
    this.#list[this.#list.length - 1] = this.#gather.subarray(0, this.#gathered)
  }

  /** What was taken belongs to somebody else: nothing may be appended to it. */
  #forget(): void {
    this.#gather = undefined
    this.#isLastSmall = false
  }
}
