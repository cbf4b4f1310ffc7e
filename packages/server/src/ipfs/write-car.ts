import type { BlockSource } from './block.ts'
import type { Cid } from './cid.ts'
import { codecs } from './codecs.ts'
import { CarPieces } from './car-pieces.ts'
import { type ByteRange, FileBlocks } from './file-blocks.ts'
import { getBlock, isIdentity } from './find-block.ts'
import { slotWidth } from './find-in-hamt.ts'
import type { Pull } from './pull.ts'
import { type FileNode, nodeOf } from './read-node.ts'
import { LinkScan } from './scan-links.ts'
import { DagWalk, VisitedBlocks, type WalkBounds, type WalkedBlock } from './walk-dag.ts'

/** How much of the DAG below the target goes into a CAR: https://specs.ipfs.tech/http-gateways/trustless-gateway/#dag-scope-request-query-parameter */
type DagScope = 'block' | 'entity' | 'all'

/** `entity-bytes`: both ends inclusive, negative ones count from the end, `to` undefined is `*`. */
export interface EntityBytes {
  readonly from: number
  readonly to: number | undefined
}

/** What a CAR is to hold. */
export interface CarOptions extends WalkBounds {
  readonly scope: DagScope
  /** A part of a file; with scope `entity` only. For anything but a file it changes nothing. */
  readonly entityBytes?: EntityBytes | undefined
  /** Blocks that come before the target, in order: the way to it (`Resolved.pathBlocks`). */
  readonly pathBlocks?: readonly Cid[]
  /** `dups=y`: a block comes as often as it is linked. */
  readonly repeats?: boolean
  /** What the header names; the target unless told. */
  readonly roots?: readonly Cid[]
}

/**
 * A CARv1 of the target and what lies below it, depth first in the order of links (IPIP-402, IPIP-412). Blocks with
 * identity CIDs are left out. Holds one block at a time, and 50 bytes for each that it has written unless `repeats`.
 * While reading it throws `BlockUnavailable` for an absent block, `too_large`, `invalid_block`.
 */
export async function* writeCar(source: BlockSource, target: Cid, options: CarOptions): AsyncGenerator<Uint8Array> {
  const { pathBlocks = [], repeats = false, roots = [target] } = options
  const visited = new VisitedBlocks()
  const pieces = new CarPieces(roots)
  for (const cid of pathBlocks) {
    if (isIdentity(cid) || (!visited.add(cid) && !repeats)) continue
    const block = getBlock(source, cid)
    yield* pieces.add(cid, block instanceof Promise ? await block : block)
  }
  const walk = await blocksOf(source, target, options, visited)
  for (;;) {
    const found = walk.next()
    const walked = found instanceof Promise ? await found : found
    if (walked === undefined) break
    if (!isIdentity(walked.cid)) yield* pieces.add(walked.cid, walked.block)
  }
  yield* pieces.end()
}

async function blocksOf(
  source: BlockSource,
  target: Cid,
  { scope, entityBytes, repeats = false, ...bounds }: CarOptions,
  visited: VisitedBlocks,
): Promise<Pull<WalkedBlock>> {
  const walk = { ...bounds, repeats, visited }
  if (scope === 'all') return new DagWalk(source, target, walk)
  const nothing = { ...walk, follow: () => [] }
  if (scope === 'block') return new DagWalk(source, target, nothing)
  const node = nodeOf(target, await getBlock(source, target))
  if (node.kind === 'file') {
    if (entityBytes === undefined) return new DagWalk(source, target, walk)
    const range = rangeOf(node, entityBytes)
    if (range === undefined) return new DagWalk(source, target, nothing)
    return new FilePart(source, node, range, repeats ? undefined : visited, bounds.signal)
  }
  if (node.kind === 'directory' && node.fanout !== undefined) {
    const width = slotWidth(node.fanout)
    return new DagWalk(source, target, { ...walk, follow: (cid, block) => shardsIn(cid, block, width) })
  }
  return new DagWalk(source, target, nothing)
}

/** The bytes that are asked for, as far as the file has them; undefined when it has none. */
function rangeOf({ size }: FileNode, { from, to }: EntityBytes): ByteRange | undefined {
  if (typeof size !== 'number') throw size
  const start = from < 0 ? Math.max(0, size + from) : from
  const last = to === undefined ? size - 1 : to < 0 ? size + to : to
  const end = Math.min(size, last + 1)
  return start < end ? { start, end } : undefined
}

/** The shards below a shard: links whose name is the number of a slot and no more. Entries are not followed. */
function shardsIn(cid: Cid, block: Uint8Array, width: number): Cid[] {
  const shards: Cid[] = []
  if (cid.codec !== codecs.dagPb) return shards
  const scan = new LinkScan(block)
  while (scan.next()) if (scan.nameBytes === width) shards.push(scan.cid())
  return shards
}

/** The root of a file and the blocks of it that overlap a range. */
class FilePart implements Pull<WalkedBlock> {
  #root: WalkedBlock | undefined
  readonly #blocks: FileBlocks
  /** Undefined when repeats are wanted. */
  readonly #visited: VisitedBlocks | undefined

  constructor(
    source: BlockSource,
    node: FileNode,
    range: ByteRange,
    visited: VisitedBlocks | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#root = node
    // A few blocks may be 2^50 bytes: what came whole need not be walked again for blocks that come once.
    const whole = visited === undefined ? undefined : new VisitedBlocks()
    const isKnown = whole === undefined ? undefined : (cid: Cid) => !whole.add(cid)
    this.#blocks = new FileBlocks(source, node, range, { signal, isKnown })
    this.#visited = visited
  }

  next(): WalkedBlock | undefined | Promise<WalkedBlock | undefined> {
    const root = this.#root
    this.#root = undefined
    if (root !== undefined && this.#isNew(root)) return root
    for (;;) {
      const block = this.#blocks.next()
      if (block instanceof Promise) return block.then((found) => (this.#isNew(found) ? found : this.next()))
      if (this.#isNew(block)) return block
    }
  }

  #isNew(block: WalkedBlock | undefined): boolean {
    return block === undefined || this.#visited === undefined || this.#visited.add(block.cid)
  }
}
