import type { BlockSource } from './block.ts'
import { type ByteRange, type FileBlock, FileBlocks, overlap } from './file-blocks.ts'
import { iterate, type Pull } from './pull.ts'
import type { FileNode, RawNode, SymlinkNode } from './read-node.ts'

/** A node whose content is a row of bytes. */
export type ReadableNode = FileNode | RawNode | SymlinkNode

/**
 * The bytes of a file, raw block or symlink (its target), or a range of them; what lies past the end is left out. Blocks
 * are read one at a time as the reader asks, only those that overlap the range. Pieces are views: do not write to them.
 * While reading it throws `BlockUnavailable` or `invalid_block`; fewer bytes than declared never look like the end.
 */
export function readFile(
  source: BlockSource,
  node: ReadableNode,
  { range = { start: 0, end: Infinity }, signal }: { range?: ByteRange; signal?: AbortSignal } = {},
): FileReader {
  return new FileReader(source, node, range, signal)
}

/** See `readFile`. `next` answers at once where the source does; the faster way for those who can use that. */
export class FileReader implements Pull<Uint8Array>, AsyncIterable<Uint8Array> {
  /** What stands in the root, until it was given out. */
  #first: Uint8Array | undefined
  readonly #blocks: Pull<FileBlock> | undefined

  constructor(source: BlockSource, node: ReadableNode, range: ByteRange, signal?: AbortSignal) {
    this.#first = overlap(node.kind === 'raw' ? node.block : node.content, 0, range)
    if (node.kind === 'file') this.#blocks = new FileBlocks(source, node, range, { signal })
  }

  next(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const first = this.#first
    this.#first = undefined
    if (first !== undefined && first.length > 0) return first
    for (;;) {
      const block = this.#blocks?.next()
      if (block instanceof Promise) return block.then((found) => this.#contentOf(found))
      if (block === undefined) return undefined
      if (block.content.length > 0) return block.content
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return iterate(this)
  }

  #contentOf(block: FileBlock | undefined): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    return block === undefined || block.content.length > 0 ? block?.content : this.next()
  }
}
