/** One block: the parts of its CID and its bytes, maybe in several pieces, so that nothing is copied on the way to the pack. */
export interface Block {
  readonly version: 0 | 1
  readonly codec: number
  readonly multihash: Uint8Array
  readonly bytes: readonly Uint8Array[]
  /** The sum over `bytes`. */
  readonly sizeBytes: number
}

/** Takes blocks in order. The promise is back-pressure: after it resolves the pieces may be used again by the caller. */
export interface BlockSink {
  put(block: Block): Promise<void> | void
}

/** Bytes of a block by its multihash, already verified; undefined when it is absent for this reader. */
export interface BlockSource {
  /** `codec` is what the CID says of the block, for sources that ask others for it. */
  get(multihash: Uint8Array, codec?: number): Promise<Uint8Array | undefined> | Uint8Array | undefined
}

/**
 * The largest block that is taken in. Larger ones cannot travel by bitswap, so nobody could fetch them from us
 * (https://specs.ipfs.tech/bitswap-protocol/#block-sizes).
 */
export const maxBlockBytes = 2 * 1024 * 1024

/**
 * Blocks with more links are refused. The largest block has room for 55,000 by sha2-256; only CIDs that hold their own
 * content are short enough for more.
 */
export const maxLinksOfBlock = 60_000
