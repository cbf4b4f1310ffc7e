import type { ReadableNode } from './read-file.ts'
import type { Node } from './read-node.ts'

/**
 * What can be sent as a row of bytes: files, raw blocks, symlinks (their target), and structured data as the block it
 * is; undefined for directories and for what is no content of its own.
 */
export function readableOf(node: Node): ReadableNode | undefined {
  switch (node.kind) {
    case 'file':
    case 'raw':
    case 'symlink':
      return node
    case 'dag-cbor':
    case 'dag-json':
    case 'cbor':
    case 'json':
      // The block's own bytes: a raw node over the same block.
      return { kind: 'raw', cid: node.cid, block: node.block, size: node.block.length }
    case 'directory':
    case 'other':
      return undefined
  }
}
