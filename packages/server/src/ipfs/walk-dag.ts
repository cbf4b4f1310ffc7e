import { AppError } from '../lib/errors.ts'
import { LoopShare } from '../lib/loop-share.ts'
import type { BlockSource } from './block.ts'
import type { Cid } from './cid.ts'
import { codecs } from './codecs.ts'
import { BlockUnavailable, findBlock, findBlockSize, type SizedBlockSource } from './find-block.ts'
import { linksOf } from './links-of.ts'
import { MultihashTable } from './multihash-table.ts'
import { iterate, type Pull } from './pull.ts'

/** Bounds of a walk; `too_large` is thrown above them. */
export interface WalkBounds {
  /** Blocks visited; 4 million unless told. */
  readonly maxBlocks?: number
  /** Links from the root to a block; 100,000 unless told. */
  readonly maxDepth?: number
  readonly signal?: AbortSignal
}

interface WalkOptions extends WalkBounds {
  /** What to follow; all links of a block unless told. */
  readonly follow?: (cid: Cid, block: Uint8Array) => readonly Cid[]
  /** Blocks that count as visited before; the walk adds its own. */
  readonly visited?: VisitedBlocks
  /** True: a block is given as often as it is linked. */
  readonly repeats?: boolean
}

/** A block that a walk came to. */
export interface WalkedBlock {
  readonly cid: Cid
  readonly block: Uint8Array
}

/** What there is below a root. */
export interface DagSurvey {
  /** Blocks that are linked and absent, as many as were asked for at most. */
  readonly missing: readonly Cid[]
  /** Multihashes of all blocks that are linked, identity CIDs left out. All are present when nothing is missing. */
  readonly reached: MultihashTable
}

/** Links that may wait on the way down, some 50 MB of them: more than five of the largest blocks can hold. */
const maxWaiting = 1 << 18

/**
 * All blocks of a DAG, depth first, children in the order of their links, each once. Identity CIDs are given too.
 * While walking it throws `BlockUnavailable`, `too_large`, and what `linksOf` throws.
 */
export function walkDag(source: BlockSource, root: Cid, options: WalkOptions = {}): DagWalk {
  return new DagWalk(source, root, options)
}

/**
 * Walks a DAG to see whether it is complete, up to `maxMissing` (100) absent blocks. Raw leaves are not read where the
 * source can say how long they are. Throws `too_large`, and what `linksOf` throws.
 */
export async function surveyDag(
  source: SizedBlockSource,
  root: Cid,
  { maxMissing = 100, ...bounds }: WalkBounds & { maxMissing?: number } = {},
): Promise<DagSurvey> {
  const way = new WayDown(root, bounds)
  const visited = new VisitedBlocks()
  const missing: Cid[] = []
  while (missing.length < maxMissing) {
    const cid = way.next()
    if (cid === undefined) break
    if (way.share.isOver()) await way.share.pass()
    if (!visited.add(cid)) continue
    way.count()
    const finding = cid.codec === codecs.raw ? findBlockSize(source, cid) : findBlock(source, cid)
    const found = finding instanceof Promise ? await finding : finding
    if (found === undefined) missing.push(cid)
    else if (typeof found !== 'number') way.descend(linksOf(cid.codec, found))
  }
  return { missing, reached: visited.multihashes }
}

/** See `walkDag`. */
export class DagWalk implements Pull<WalkedBlock>, AsyncIterable<WalkedBlock> {
  readonly #source: BlockSource
  readonly #way: WayDown
  readonly #visited: VisitedBlocks | undefined
  readonly #follow: (cid: Cid, block: Uint8Array) => readonly Cid[]

  constructor(source: BlockSource, root: Cid, options: WalkOptions) {
    this.#source = source
    this.#way = new WayDown(root, options)
    this.#visited = options.repeats === true ? undefined : (options.visited ?? new VisitedBlocks())
    this.#follow = options.follow ?? ((cid, block) => linksOf(cid.codec, block))
  }

  next(): WalkedBlock | undefined | Promise<WalkedBlock | undefined> {
    for (;;) {
      if (this.#way.share.isOver()) return this.#way.share.pass().then(() => this.next())
      const cid = this.#way.next()
      if (cid === undefined) return undefined
      if (this.#visited !== undefined && !this.#visited.add(cid)) continue
      this.#way.count()
      const found = findBlock(this.#source, cid)
      return found instanceof Promise ? found.then((block) => this.#take(cid, block)) : this.#take(cid, found)
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<WalkedBlock> {
    return iterate(this)
  }

  #take(cid: Cid, block: Uint8Array | undefined): WalkedBlock {
    if (block === undefined) throw new BlockUnavailable(cid)
    this.#way.descend(this.#follow(cid, block))
    return { cid, block }
  }
}

/** Blocks by multihash and codec: the same bytes have other links under another codec. Identity CIDs are never held. */
export class VisitedBlocks {
  readonly multihashes = new MultihashTable()
  /** For members met under a second codec: what was met, by the number of the member. */
  readonly #codecs: number[] = []
  readonly #moreCodecs = new Map<number, Set<number>>()

  /** False when it was visited before. */
  add({ codec, multihash }: Cid): boolean {
    if (multihash[0] === 0) return true
    const known = this.multihashes.size
    const number = this.multihashes.add(multihash)
    if (number === known) {
      this.#codecs.push(codec)
      return true
    }
    if (this.#codecs[number] === codec) return false
    const more = this.#moreCodecs.get(number) ?? new Set()
    if (more.has(codec)) return false
    this.#moreCodecs.set(number, more.add(codec))
    return true
  }
}

/** Where a walk stands: for each node on the way from the root, the links that are still to come. Holds the bounds. */
class WayDown {
  readonly share = new LoopShare()
  readonly #frames: { readonly links: readonly Cid[]; index: number }[]
  readonly #maxBlocks: number
  readonly #maxDepth: number
  readonly #signal: AbortSignal | undefined
  #waiting = 1
  #blocks = 0

  constructor(root: Cid, { maxBlocks = 4_000_000, maxDepth = 100_000, signal }: WalkBounds) {
    this.#frames = [{ links: [root], index: 0 }]
    this.#maxBlocks = maxBlocks
    this.#maxDepth = maxDepth
    this.#signal = signal
  }

  next(): Cid | undefined {
    this.#signal?.throwIfAborted()
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const cid = frame.links[frame.index++]
      if (cid !== undefined) return cid
      this.#frames.pop()
      this.#waiting -= frame.links.length
    }
    return undefined
  }

  descend(links: readonly Cid[]): void {
    if (links.length === 0) return
    if (this.#frames.length > this.#maxDepth) throw new AppError('too_large', 'The DAG is too deep')
    this.#waiting += links.length
    if (this.#waiting > maxWaiting) throw new AppError('too_large', 'The DAG is too deep for nodes with so many links')
    this.#frames.push({ links, index: 0 })
  }

  count(): void {
    if (++this.#blocks > this.#maxBlocks) throw new AppError('too_large', 'The DAG has too many blocks')
  }
}
