import type { Cid } from './cid.ts'
import { codecs } from './codecs.ts'

/** How files are cut into blocks and how nodes are addressed. Two layouts give the same bytes two CIDs. */
export interface Layout {
  /** Version of the CIDs of nodes and directories, and of leaves that are not raw. */
  readonly cidVersion: 0 | 1
  /** True: a leaf is the bytes alone. False: it is a dag-pb node that holds them. */
  readonly rawLeaves: boolean
  readonly chunkSizeBytes: number
  /** Most links of one file node. */
  readonly maxLinks: number
}

/** What Pinata and `ipfs add --cid-version=0` do. */
export const layoutV0: Layout = { cidVersion: 0, rawLeaves: false, chunkSizeBytes: 262_144, maxLinks: 174 }

/** What Pinata and `ipfs add --cid-version=1` with 256 KiB chunks do. */
export const layoutV1: Layout = { cidVersion: 1, rawLeaves: true, chunkSizeBytes: 262_144, maxLinks: 174 }

/** A file or directory whose blocks were all put into the sink. */
export interface ImportedNode {
  readonly cid: Cid
  /** Bytes of the file, or of all files below the directory. */
  readonly contentBytes: number
  /** Bytes of its blocks, a block counted as often as it is linked; what dag-pb calls Tsize. */
  readonly cumulativeBytes: number
  /** How many blocks were put for it and everything below it. */
  readonly blockCount: number
}

/** The CID of a dag-pb node in a layout. */
export function nodeCid(layout: Layout, multihash: Uint8Array): Cid {
  return { version: layout.cidVersion, codec: codecs.dagPb, multihash }
}
