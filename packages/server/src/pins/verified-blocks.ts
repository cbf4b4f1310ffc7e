import { LRUCache } from 'lru-cache'
import { multihashKey } from '../ipfs/multihash-key.ts'

/** What an entry costs beside its bytes. */
const entryBytes = 200

/**
 * Bytes of hot blocks that were held against their hash when they were read, by multihash. It says nothing about who
 * may see them: that is asked for each read. Bounded by `maxBytes` (64 MiB unless told).
 */
export class VerifiedBlocks {
  readonly #blocks: LRUCache<string, Uint8Array>

  constructor({ maxBytes = 64 * 1024 * 1024 }: { maxBytes?: number } = {}) {
    this.#blocks = new LRUCache({ maxSize: maxBytes, sizeCalculation: (bytes) => bytes.length + entryBytes })
  }

  /** Verified bytes, not to be written to; undefined when they are not at hand. */
  get(multihash: Uint8Array): Uint8Array | undefined {
    return this.#blocks.get(multihashKey(multihash))
  }

  /** Keeps bytes that were just verified. They must not change any more. */
  keep(multihash: Uint8Array, bytes: Uint8Array): void {
    this.#blocks.set(multihashKey(multihash), bytes)
  }

  /** Bytes held now, with what the entries themselves cost. */
  get sizeBytes(): number {
    return this.#blocks.calculatedSize
  }
}
