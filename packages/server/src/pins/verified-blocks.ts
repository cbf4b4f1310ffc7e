import { LRUCache } from 'lru-cache'
import { multihashKey } from '../ipfs/multihash-key.ts'

/** What an entry costs beside its bytes. */
const entryBytes = 200
/** Damaged blocks that are remembered. */
const maxDamaged = 100_000

/**
 * What reading stored blocks has shown: bytes of hot blocks that were held against their hash, and blocks that did not
 * match theirs. It says nothing about who may see them: that is asked for each read. Bounded by `maxBytes` (64 MiB
 * unless told).
 */
export class VerifiedBlocks {
  readonly #blocks: LRUCache<string, Uint8Array>
  readonly #damaged = new LRUCache<string, true>({ max: maxDamaged })
  readonly #found = new Map<string, Uint8Array>()
  /** Where packs end that should be longer, by their id. */
  readonly #shortPacks = new Map<number, number>()

  constructor({ maxBytes = 64 * 1024 * 1024 }: { maxBytes?: number } = {}) {
    this.#blocks = new LRUCache({ maxSize: maxBytes, sizeCalculation: (bytes) => bytes.length + entryBytes })
  }

  /** Verified bytes, not to be written to; undefined when they are not at hand. */
  get(multihash: Uint8Array): Uint8Array | undefined {
    return this.#blocks.get(multihashKey(multihash))
  }

  /** Keeps bytes that were just verified. They must not change any more. */
  keep(multihash: Uint8Array, bytes: Uint8Array): void {
    const key = multihashKey(multihash)
    this.#blocks.set(key, bytes)
    this.#damaged.delete(key)
  }

  /** Bytes held now, with what the entries themselves cost. */
  get sizeBytes(): number {
    return this.#blocks.calculatedSize
  }

  /** The stored bytes of this block are not those its hash names. */
  markDamaged(multihash: Uint8Array): void {
    const key = multihashKey(multihash)
    if (!this.#damaged.has(key) && this.#found.size < maxDamaged) this.#found.set(key, multihash.slice())
    this.#damaged.set(key, true)
  }

  /** It is whole again, or was only not to be read for a moment. */
  markSound(multihash: Uint8Array): void {
    const key = multihashKey(multihash)
    this.#damaged.delete(key)
    this.#found.delete(key)
  }

  /** Blocks marked damaged since this was asked last. */
  takeFound(): Uint8Array[] {
    const found = [...this.#found.values()]
    this.#found.clear()
    return found
  }

  /** A pack ends here, before blocks that should lie in it; 0 when it is missing. */
  markShort(packId: number, endBytes: number): void {
    this.#shortPacks.set(packId, endBytes)
  }

  /** Whether the stored bytes of a block are known to be of no use, so that who sends it again must have it stored again. */
  isDamaged(block: { multihash: Uint8Array; pack_id: number; offset: number; length: number }): boolean {
    const endBytes = this.#shortPacks.get(block.pack_id)
    if (endBytes !== undefined && block.offset + block.length > endBytes) return true
    return this.#damaged.has(multihashKey(block.multihash))
  }
}
