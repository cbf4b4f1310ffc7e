import type { Cid } from '../ipfs/cid.ts'

/** A block that somebody wants who asked for content that is not held here. */
export interface OpenWish {
  /** What the request is for: its providers are who is asked. */
  readonly root: Cid
  readonly cid: Cid
  /** Whose turn it takes. */
  readonly client: string
  /** Only what was kept from before. */
  readonly cachedOnly: boolean
  /** Its request has had blocks before. */
  readonly isUnderWay: boolean
}

/** What came of a wish. */
export interface OpenBlock {
  readonly bytes: Uint8Array
  readonly isFetched: boolean
}

/**
 * Blocks that are not held here, from the cache of the open mode or from the network, held against their hash. Processes
 * of the gateway ask the main one.
 */
export interface OpenBlocks {
  /**
   * Undefined only for a wish with `cachedOnly`. Rejects with `not_found_in_time`, `rate_limited`, `too_large`,
   * `unsupported_hash`, and the reason of `signal`.
   */
  get(wish: OpenWish, signal: AbortSignal): Promise<OpenBlock | undefined>
}
