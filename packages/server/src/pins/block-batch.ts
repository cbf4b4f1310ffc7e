import { cidBytes } from '../ipfs/cid.ts'
import type { Block } from '../ipfs/block.ts'

const firstBytes = 16 * 1024
const mostBytes = 8 * 1024 * 1024

/** A block on its way into the store. */
export interface PendingBlock {
  readonly key: string
  readonly multihash: Uint8Array
  readonly cid: Uint8Array
  readonly bytes: readonly Uint8Array[]
}

/** Blocks, none larger than 1 MiB, that are stored together. They are copied, because who puts them uses their bytes again at once. */
export class BlockBatch {
  readonly #blocks = new Map<string, PendingBlock>()
  #room: Uint8Array = new Uint8Array(0)
  #used = 0
  #sizeBytes = 0

  add(key: string, block: Block): void {
    const bytes = this.#copy(block)
    // The multihash may be a view of bytes that are used again, too.
    const multihash = block.multihash.slice()
    this.#blocks.set(key, { key, multihash, cid: cidBytes({ ...block, multihash }), bytes: [bytes] })
    this.#sizeBytes += block.sizeBytes
  }

  has(key: string): boolean {
    return this.#blocks.has(key)
  }

  get blocks(): readonly PendingBlock[] {
    return [...this.#blocks.values()]
  }

  get isEmpty(): boolean {
    return this.#blocks.size === 0
  }

  get numberOfBlocks(): number {
    return this.#blocks.size
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Forgets all, so that the room can be used again. */
  clear(): void {
    this.#blocks.clear()
    this.#used = 0
    this.#sizeBytes = 0
  }

  #copy({ bytes, sizeBytes }: Block): Uint8Array {
    if (this.#used + sizeBytes > this.#room.length) {
      // Blocks copied so far keep the old room. It doubles, so a long upload soon has all it ever needs.
      this.#room = Buffer.allocUnsafeSlow(Math.min(Math.max(firstBytes, sizeBytes, 2 * this.#room.length), mostBytes))
      this.#used = 0
    }
    const from = this.#used
    for (const piece of bytes) {
      this.#room.set(piece, this.#used)
      this.#used += piece.length
    }
    return this.#room.subarray(from, this.#used)
  }
}
