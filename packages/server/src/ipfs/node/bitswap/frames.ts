import { readVarint } from '../../../lib/varint.ts'

/** The largest message that is taken, as everybody has it (https://specs.ipfs.tech/bitswap-protocol/#block-sizes). */
export const maxMessageBytes = 4 * 1024 * 1024

const maxPieces = 1024

/**
 * Cuts a stream into its messages, each with its length before it. Holds no more than what came, and throws RangeError
 * when a length is above 4 MiB, before any of it is kept.
 */
export class Frames {
  #pieces: Uint8Array[] = []
  #heldBytes = 0
  /** Of the message that is coming; undefined while its length is not known. */
  #length: number | undefined

  /** Bytes held of a message that is not whole yet. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Takes what came and gives the messages that are whole with it. */
  *push(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
    for (const piece of pieces) {
      if (piece.length === 0) continue
      this.#pieces.push(piece)
      this.#heldBytes += piece.length
      // Each piece costs memory beside its bytes, which a peer that sends single bytes could fill.
      if (this.#pieces.length > maxPieces) this.#pieces = [Buffer.concat(this.#pieces)]
    }
    for (;;) {
      this.#length ??= this.#takeLength()
      if (this.#length === undefined || this.#heldBytes < this.#length) return
      const message = this.#take(this.#length)
      this.#length = undefined
      yield message
    }
  }

  #takeLength(): number | undefined {
    const [first] = this.#pieces
    if (first === undefined) return undefined
    // A length may be cut in two; the pieces behind it are looked at only then.
    const head = first.length >= 10 ? first : Buffer.concat(this.#pieces.slice(0, 10)).subarray(0, 10)
    const varint = readVarint(head, 0)
    if (varint === 'incomplete') {
      if (head.length >= 10) throw new RangeError('A message has a length without an end')
      return undefined
    }
    if (varint === 'malformed' || varint.value > maxMessageBytes) {
      throw new RangeError(`A message is longer than ${maxMessageBytes} bytes`)
    }
    this.#drop(varint.next)
    return varint.value
  }

  /** The next bytes in one piece. Copied only when they came in several. */
  #take(length: number): Uint8Array {
    const [first] = this.#pieces
    if (first !== undefined && first.length >= length) {
      const message = first.subarray(0, length)
      this.#drop(length)
      return message
    }
    const message = Buffer.allocUnsafeSlow(length)
    let at = 0
    for (const piece of this.#pieces) {
      const part = piece.length > length - at ? piece.subarray(0, length - at) : piece
      message.set(part, at)
      at += part.length
      if (at === length) break
    }
    this.#drop(length)
    return message
  }

  #drop(length: number): void {
    this.#heldBytes -= length
    let whole = 0
    let left = length
    for (const piece of this.#pieces) {
      if (piece.length > left) break
      left -= piece.length
      whole++
    }
    if (whole > 0) this.#pieces = this.#pieces.slice(whole)
    const [first] = this.#pieces
    if (left > 0 && first !== undefined) this.#pieces[0] = first.subarray(left)
  }
}
