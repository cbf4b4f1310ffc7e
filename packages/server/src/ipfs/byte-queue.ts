import { Pieces } from '../lib/pieces.ts'

/**
 * Bytes of a stream, taken in lengths of the reader's choice. Nothing is copied but what has to stand together and came
 * in several pieces, and many small pieces in a row.
 */
export class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>
  /** What came and was not taken; the first piece from `#at` on. */
  readonly #pieces = new Pieces()
  #at = 0
  #available = 0
  #taken = 0

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** How many bytes were taken: the offset in the stream of the next one. */
  get offset(): number {
    return this.#taken
  }

  /** How many bytes can be taken without waiting. */
  get available(): number {
    return this.#available
  }

  /** Waits until `length` bytes are there. False when the stream ends before. */
  async fill(length: number): Promise<boolean> {
    while (this.#available < length) {
      const next = await this.#source.next()
      if (next.done === true) return false
      if (next.value.length === 0) continue
      this.#pieces.push(next.value)
      this.#available += next.value.length
    }
    return true
  }

  /** Up to `length` of the next bytes in one piece, not taken. Fewer when fewer are there. */
  peek(length: number): Uint8Array {
    const [first] = this.#pieces.list
    if (first !== undefined && first.length - this.#at >= length) return first.subarray(this.#at, this.#at + length)
    const size = Math.min(length, this.#available)
    const bytes = new Uint8Array(size)
    let end = 0
    let from = this.#at
    for (const piece of this.#pieces.list) {
      if (end === size) break
      const part = piece.subarray(from, from + size - end)
      bytes.set(part, end)
      end += part.length
      from = 0
    }
    return bytes
  }

  /** Takes `length` bytes, in the pieces they came in. They must be there (`fill`). */
  take(length: number): Uint8Array[] {
    if (length > this.#available) throw new RangeError('Took more than was there')
    const taken: Uint8Array[] = []
    let left = length
    while (left > 0) {
      // Bytes are available, so a piece is.
      const first = this.#pieces.list[0]!
      const end = Math.min(first.length, this.#at + left)
      taken.push(this.#at === 0 && end === first.length ? first : first.subarray(this.#at, end))
      left -= end - this.#at
      this.#at = end
      if (end === first.length) {
        this.#pieces.shift()
        this.#at = 0
      }
    }
    this.#available -= length
    this.#taken += length
    return taken
  }

  /** Passes over `length` bytes without keeping them. False when the stream ends before. */
  async skip(length: number): Promise<boolean> {
    for (let left = length; left > 0;) {
      if (this.#available === 0 && !(await this.fill(1))) return false
      const now = Math.min(left, this.#available)
      this.take(now)
      left -= now
    }
    return true
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.#source.return?.()
  }
}
