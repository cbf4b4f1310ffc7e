/** Blocks of one chunk: two bits each, in 64 KiB. */
const chunkBlocks = 2 ** 18

/** Which blocks were met once, and which again: two bits for each block id, so that millions of blocks take little. */
export class SeenBlocks {
  readonly #chunks = new Map<number, Uint8Array>()
  blocks = 0
  uniqueBytes = 0
  sharedBytes = 0

  /** A file needs this block. */
  meet(blockId: number, sizeBytes: number): void {
    const number = Math.floor(blockId / chunkBlocks)
    let chunk = this.#chunks.get(number)
    if (chunk === undefined) this.#chunks.set(number, (chunk = new Uint8Array(chunkBlocks / 4)))
    const within = blockId % chunkBlocks
    const at = within >> 2
    const bit = 1 << ((within & 3) * 2)
    const bits = chunk[at]! // within the chunk
    if ((bits & bit) === 0) {
      chunk[at] = bits | bit
      this.blocks++
      this.uniqueBytes += sizeBytes
    } else if ((bits & (bit << 1)) === 0) {
      chunk[at] = bits | (bit << 1)
      this.sharedBytes += sizeBytes
    }
  }
}
