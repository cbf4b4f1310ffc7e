import type { Block, BlockSink } from './block.ts'
import type { SizedBlockSource } from './find-block.ts'
import { multihashKey } from './multihash-key.ts'

/** Blocks in memory: what the code that reads and writes DAGs is tried against. Answers at once. */
export class MemoryBlocks implements SizedBlockSource, BlockSink {
  readonly #blocks = new Map<string, Uint8Array>()
  /** Calls of `get` so far. */
  reads = 0

  put(block: Block): void {
    this.add(block.multihash, Buffer.concat(block.bytes))
  }

  /** Keeps these very bytes under this multihash. Nothing is verified. */
  add(multihash: Uint8Array, bytes: Uint8Array): void {
    this.#blocks.set(multihashKey(multihash), bytes)
  }

  get(multihash: Uint8Array): Uint8Array | undefined {
    this.reads++
    return this.#blocks.get(multihashKey(multihash))
  }

  sizeOf(multihash: Uint8Array): number | undefined {
    return this.#blocks.get(multihashKey(multihash))?.length
  }

  /** Forgets a block; false when it was not here. */
  delete(multihash: Uint8Array): boolean {
    return this.#blocks.delete(multihashKey(multihash))
  }

  /** All of them. */
  *[Symbol.iterator](): Generator<{ multihash: Uint8Array; bytes: Uint8Array }> {
    for (const [key, bytes] of this.#blocks) yield { multihash: Buffer.from(key, 'latin1'), bytes }
  }

  get size(): number {
    return this.#blocks.size
  }
}
