import { AppError } from '../lib/errors.ts'
import type { BlockSource } from './block.ts'
import { type Cid, formatCid } from './cid.ts'
import { identityBytes } from './multihash.ts'

/** A source that can also say how long a block is without reading it; undefined when the block is absent. */
export interface SizedBlockSource extends BlockSource {
  sizeOf?(multihash: Uint8Array): Promise<number | undefined> | number | undefined
}

/** A block that is needed is not here for this reader. */
export class BlockUnavailable extends AppError {
  readonly cid: Cid

  constructor(cid: Cid) {
    super('storage_failed', `Block ${formatCid(cid)} is not available`)
    this.name = 'BlockUnavailable'
    this.cid = cid
  }
}

/**
 * Bytes of a block, at once where the source answers at once. Identity CIDs carry their bytes and need no source.
 * Undefined when absent; throws `unsupported_hash` for a malformed identity CID.
 */
export function findBlock(source: BlockSource, cid: Cid): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  return identityBytes(cid.multihash) ?? source.get(cid.multihash, cid.codec)
}

/** As `findBlock`; throws `BlockUnavailable` when the block is absent. */
export function getBlock(source: BlockSource, cid: Cid): Uint8Array | Promise<Uint8Array> {
  const found = findBlock(source, cid)
  return found instanceof Promise ? found.then((bytes) => orThrow(cid, bytes)) : orThrow(cid, found)
}

/**
 * How long a block is, without reading it where the source can say. Undefined when absent.
 */
export function findBlockSize(source: SizedBlockSource, cid: Cid): number | undefined | Promise<number | undefined> {
  const carried = identityBytes(cid.multihash)
  if (carried !== undefined) return carried.length
  if (source.sizeOf !== undefined) return source.sizeOf(cid.multihash)
  const found = source.get(cid.multihash, cid.codec)
  return found instanceof Promise ? found.then((bytes) => bytes?.length) : found?.length
}

/** True for CIDs that carry their block. */
export function isIdentity(cid: Cid): boolean {
  return cid.multihash[0] === 0
}

function orThrow(cid: Cid, bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new BlockUnavailable(cid)
  return bytes
}
