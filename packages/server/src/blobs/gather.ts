import type { NewBlock } from './blob-store.ts'
import { frontLength, writeFront } from './car-section.ts'

/**
 * Payloads up to this size are copied beside their front; larger ones are handed to the kernel where they lie. The
 * border is where a piece of its own in `writev` costs as much as the copy: measured between 1 and 2 KiB.
 */
const copyUpToBytes = 1024

/** What sections take: in the pack, and of that how much is copied on the way there. */
export function measure(blocks: readonly NewBlock[]): { payloads: number[]; totalBytes: number; copiedBytes: number } {
  const payloads: number[] = []
  let totalBytes = 0
  let copiedBytes = 0
  for (const { cid, bytes } of blocks) {
    let payload = 0
    for (const piece of bytes) payload += piece.length
    const front = frontLength(cid, payload)
    payloads.push(payload)
    totalBytes += front + payload
    copiedBytes += payload <= copyUpToBytes ? front + payload : front
  }
  return { payloads, totalBytes, copiedBytes }
}

/** Lays sections out as pieces for one `writev`, using `copy` for fronts and small payloads. */
export class Gather {
  readonly pieces: Uint8Array[] = []
  readonly #copy: Uint8Array
  #begin = 0
  #end = 0

  constructor(copy: Uint8Array) {
    this.#copy = copy
  }

  add(block: NewBlock, payloadBytes: number): void {
    this.#end = writeFront(block.cid, payloadBytes, this.#copy, this.#end)
    if (payloadBytes > copyUpToBytes) {
      this.finish()
      this.pieces.push(...block.bytes)
      return
    }
    for (const piece of block.bytes) {
      this.#copy.set(piece, this.#end)
      this.#end += piece.length
    }
  }

  /** Puts what was copied last among the pieces. */
  finish(): void {
    if (this.#end > this.#begin) this.pieces.push(this.#copy.subarray(this.#begin, this.#end))
    this.#begin = this.#end
  }
}
