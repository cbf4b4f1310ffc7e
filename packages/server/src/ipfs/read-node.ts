import type { AppError } from '../lib/errors.ts'
import type { BlockSource } from './block.ts'
import type { Cid } from './cid.ts'
import { codecs } from './codecs.ts'
import { findBlock } from './find-block.ts'
import { type PbBlock, readPbBlock } from './pb-block.ts'
import { malformed } from './protobuf.ts'
import type { UnixFs } from './unixfs.ts'

interface NodeBase {
  readonly cid: Cid
  /** The bytes of the block itself. */
  readonly block: Uint8Array
}

/** A UnixFS file of one or many blocks. */
export interface FileNode extends NodeBase {
  readonly kind: 'file'
  readonly pb: PbBlock
  /** The bytes that stand in the root itself: all of a small file, none of a large one. */
  readonly content: Uint8Array
  /** Declared bytes below each link. */
  readonly blockSizes: readonly number[]
  /** The declared size, or why the file cannot be read: its root contradicts itself. */
  readonly size: number | AppError
}

/** A UnixFS directory: one block, or a tree of shards. */
export interface DirectoryNode extends NodeBase {
  readonly kind: 'directory'
  readonly pb: PbBlock
  /** Links of a shard: a power of two. Undefined for a directory of one block. */
  readonly fanout: number | undefined
}

/** A block that is a file by itself. */
export interface RawNode extends NodeBase {
  readonly kind: 'raw'
  readonly size: number
}

/** A UnixFS symlink; what it points to is never followed. */
export interface SymlinkNode extends NodeBase {
  readonly kind: 'symlink'
  readonly content: Uint8Array
  readonly size: number
}

/** Structured data that is given out as it is. */
interface DataNode extends NodeBase {
  readonly kind: 'dag-cbor' | 'dag-json' | 'cbor' | 'json'
}

/** Everything else: other codecs, dag-pb that is no UnixFS we know. It can be had as a block or in a CAR. */
interface OtherNode extends NodeBase {
  readonly kind: 'other'
  /** Present for dag-pb: links can still be followed by name. */
  readonly pb?: PbBlock
  /** Why the block is not what its codec says. */
  readonly problem?: AppError
}

/** What a block is, as far as a reader cares. */
export type Node = FileNode | DirectoryNode | RawNode | SymlinkNode | DataNode | OtherNode

/** Reads a block and says what it is; undefined when the block is absent. */
export function findNode(source: BlockSource, cid: Cid): Node | undefined | Promise<Node | undefined> {
  const found = findBlock(source, cid)
  if (found instanceof Promise) return found.then((bytes) => (bytes === undefined ? undefined : nodeOf(cid, bytes)))
  return found === undefined ? undefined : nodeOf(cid, found)
}

/** Says what a block is. Bytes that are not what the codec says make an `other` node with the problem. */
export function nodeOf(cid: Cid, block: Uint8Array): Node {
  switch (cid.codec) {
    case codecs.raw:
      return { kind: 'raw', cid, block, size: block.length }
    case codecs.dagPb:
      return pbNodeOf(cid, block)
    case codecs.dagCbor:
      return { kind: 'dag-cbor', cid, block }
    case codecs.dagJson:
      return { kind: 'dag-json', cid, block }
    case codecs.cbor:
      return { kind: 'cbor', cid, block }
    case codecs.json:
      return { kind: 'json', cid, block }
    default:
      return { kind: 'other', cid, block }
  }
}

/**
 * The size a file declares. The parts must agree: as many sizes as links, and the whole their sum; throws or is given
 * back as `invalid_block`.
 */
function declaredSize(pb: PbBlock, unixfs: UnixFs): number | AppError {
  const { blockSizes = [], data, fileSize } = unixfs
  if (blockSizes.length !== pb.linkCount) return malformed('a file with another number of sizes than links')
  let size = data?.length ?? 0
  for (const blockSize of blockSizes) size += blockSize
  if (!Number.isSafeInteger(size)) return malformed('a file larger than 2^53')
  if (fileSize !== undefined && fileSize !== size) return malformed('a file whose size is not the sum of its parts')
  return size
}

function pbNodeOf(cid: Cid, block: Uint8Array): Node {
  let pb: PbBlock
  try {
    pb = readPbBlock(cid.multihash, block)
  } catch (cause) {
    return { kind: 'other', cid, block, problem: malformed('it is no dag-pb node', cause) }
  }
  const { unixfs } = pb
  switch (unixfs?.type) {
    case 'file':
    case 'raw':
      return {
        kind: 'file',
        cid,
        block,
        pb,
        content: unixfs.data ?? empty,
        blockSizes: unixfs.blockSizes ?? [],
        size: declaredSize(pb, unixfs),
      }
    case 'directory':
      return { kind: 'directory', cid, block, pb, fanout: undefined }
    case 'hamt-shard':
      return shardNodeOf(cid, pb, unixfs)
    case 'symlink': {
      const content = unixfs.data ?? empty
      return { kind: 'symlink', cid, block, content, size: content.length }
    }
    default:
      return { kind: 'other', cid, block, pb }
  }
}

/** https://specs.ipfs.tech/unixfs/#dag-pb-hamtdirectory: murmur3-x64-64, a power of two, at most 1,024. */
function shardNodeOf(cid: Cid, pb: PbBlock, { hashType, fanout = 0 }: UnixFs): DirectoryNode | OtherNode {
  const isPowerOfTwo = fanout >= 2 && fanout <= 1024 && (fanout & (fanout - 1)) === 0
  if (hashType !== 0x22 || !isPowerOfTwo || pb.linkCount > fanout) {
    return { kind: 'other', cid, block: pb.bytes, problem: malformed('a directory shard that cannot be walked') }
  }
  return { kind: 'directory', cid, block: pb.bytes, pb, fanout }
}

const empty = new Uint8Array(0)
