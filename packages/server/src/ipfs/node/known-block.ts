import type { Cid } from '../cid.ts'
import { identityBytes, verifyBytes } from '../multihash.ts'

const nothing = new Uint8Array(0)

/**
 * The block of a CID that says by itself what it is: identity CIDs, and the empty block under every hash function.
 * Undefined for all others. Throws `unsupported_hash`.
 */
export function knownBlock(cid: Cid): Uint8Array | undefined {
  return identityBytes(cid.multihash) ?? (verifyBytes(cid.multihash, nothing) ? nothing : undefined)
}
