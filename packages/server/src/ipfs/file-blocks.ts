import { LoopShare } from '../lib/loop-share.ts'
import type { BlockSource } from './block.ts'
import type { Cid } from './cid.ts'
import { BlockUnavailable, findBlock } from './find-block.ts'
import { malformed } from './protobuf.ts'
import type { Pull } from './pull.ts'
import { type FileNode, nodeOf } from './read-node.ts'

/** Bytes of a file from `start` to before `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** A block of a file, and the bytes of the range that stand in it; none in most nodes between root and leaves. */
export interface FileBlock {
  readonly cid: Cid
  readonly block: Uint8Array
  readonly content: Uint8Array
}

/** Deeper than any file that a program would write: with two links a node that is 2^128 leaves. */
const maxDepth = 128

/** Blocks that are asked for before they are needed, of a source that takes time, for a reader that keeps up. */
const blocksAhead = 2
/** A reader that takes longer over a piece is not waiting for us; nothing is kept in memory for it. */
const keepsUpMs = 20

type Found = ReturnType<typeof findBlock>

/** A node on the way down: its children that are still to come, and where in the file the next of them begins. */
interface Frame {
  readonly node: FileNode
  index: number
  at: number
  /** Children that were asked for already, by their index. */
  readonly ahead: Map<number, Found>
}

/** A part of the file that is wanted next: which child of which node, its place and its declared size. */
interface Child {
  readonly frame: Frame
  readonly index: number
  readonly cid: Cid
  readonly at: number
  readonly size: number
}

/**
 * The blocks below the root of a file that overlap a range, in the order of their bytes. No other is ever read, and they
 * are read as they are asked for, or two ahead. Every part must have the size that the node above declares for it, so that what comes out is as
 * long as the root says. `next` throws `BlockUnavailable` for an absent block, `invalid_block` where sizes lie or
 * a part is no file.
 */
export class FileBlocks implements Pull<FileBlock> {
  readonly #source: BlockSource
  readonly #range: ByteRange
  readonly #frames: Frame[] = []
  readonly #share = new LoopShare()
  readonly #signal: AbortSignal | undefined
  readonly #isKnown: ((cid: Cid) => boolean) | undefined
  /** How many more blocks may bring nothing: a real file has no long way to each of its bytes. */
  #patience = 1000
  #givenAt = -Infinity

  /** Parts that lie wholly in the range and that `isKnown` says yes to are passed over, with all that is below them. */
  constructor(
    source: BlockSource,
    root: FileNode,
    range: ByteRange,
    { signal, isKnown }: { signal?: AbortSignal | undefined; isKnown?: ((cid: Cid) => boolean) | undefined } = {},
  ) {
    if (typeof root.size !== 'number') throw root.size
    this.#source = source
    this.#range = range
    this.#signal = signal
    this.#isKnown = isKnown
    this.#descend(root, 0)
  }

  next(): FileBlock | undefined | Promise<FileBlock | undefined> {
    this.#signal?.throwIfAborted()
    if (this.#share.isOver()) return this.#share.pass().then(() => this.next())
    const child = this.#nextChild()
    if (child === undefined) return undefined
    const { ahead } = child.frame
    const found = ahead.get(child.index) ?? findBlock(this.#source, child.cid)
    ahead.delete(child.index)
    if (!(found instanceof Promise)) return this.#take(child, found)
    if (performance.now() - this.#givenAt < keepsUpMs) this.#readAhead(child.frame)
    return found.then((block) => this.#take(child, block))
  }

  /** The next part that overlaps the range. Parts beside it, and empty ones, are passed over unread. */
  #nextChild(): Child | undefined {
    const { start, end } = this.#range
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const { blockSizes, pb } = frame.node
      while (frame.index < blockSizes.length && frame.at < end) {
        const { at, index } = frame
        const size = blockSizes[index] ?? 0
        frame.index++
        frame.at += size
        const cid = pb.links[index]
        if (cid === undefined || size === 0 || frame.at <= start) continue
        const isWhole = at >= start && frame.at <= end
        if (isWhole && this.#isKnown?.(cid) === true) continue
        return { frame, index, cid, at, size }
      }
      this.#frames.pop()
    }
    return undefined
  }

  /** Asks for the next parts below the same node that overlap the range. */
  #readAhead({ node, index: next, at: nextAt, ahead }: Frame): void {
    let at = nextAt
    const last = Math.min(next + blocksAhead, node.blockSizes.length) - 1
    for (let index = next; index <= last && at < this.#range.end; index++) {
      const cid = node.pb.links[index]
      const size = node.blockSizes[index] ?? 0
      at += size
      if (cid === undefined || size === 0 || ahead.has(index)) continue
      const found = findBlock(this.#source, cid)
      // It fails when its turn comes; should nobody ask for it any more, it must not be an unhandled rejection.
      if (found instanceof Promise) found.catch(() => undefined)
      ahead.set(index, found)
    }
  }

  #take({ cid, at, size }: Child, block: Uint8Array | undefined): FileBlock {
    if (block === undefined) throw new BlockUnavailable(cid)
    const node = nodeOf(cid, block)
    if (node.kind !== 'raw' && node.kind !== 'file') throw malformed('a part of a file is no file')
    if (node.size !== size) throw malformed('a part of a file has another size than is declared')
    if (node.kind === 'file') this.#descend(node, at)
    const content = overlap(node.kind === 'file' ? node.content : block, at, this.#range)
    this.#patience += content.length > 0 ? 8 : -1
    if (this.#patience < 0) throw malformed('a file of many nodes and hardly any bytes')
    this.#givenAt = performance.now()
    return { cid, block, content }
  }

  /** The content of a node comes before what it links. */
  #descend(node: FileNode, at: number): void {
    if (node.blockSizes.length === 0) return
    if (this.#frames.length === maxDepth) throw malformed('a file nested too deep')
    this.#frames.push({ node, index: 0, at: at + node.content.length, ahead: new Map() })
  }
}

/** The part of `bytes`, which stand at `at` of a file, that lies in a range. */
export function overlap(bytes: Uint8Array, at: number, { start, end }: ByteRange): Uint8Array {
  if (start <= at && end >= at + bytes.length) return bytes
  return bytes.subarray(Math.max(0, start - at), Math.max(0, end - at))
}
