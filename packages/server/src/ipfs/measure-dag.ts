import { AppError } from '../lib/errors.ts'
import { LoopShare } from '../lib/loop-share.ts'
import type { Cid } from './cid.ts'
import { codecs } from './codecs.ts'
import { findBlockSize, BlockUnavailable, getBlock, isIdentity, type SizedBlockSource } from './find-block.ts'
import { linksOf } from './links-of.ts'
import { MultihashTable } from './multihash-table.ts'
import { PbBlock } from './pb-block.ts'
import { VisitedBlocks, walkDag, type WalkBounds } from './walk-dag.ts'

/** What a DAG holds, counted and not believed. */
export interface DagMeasure {
  /** Bytes of all files, each as often as it is linked; of blocks that are no UnixFS, the bytes, each once. */
  readonly sizeBytes: number
  /** Files, symlinks and other entries of a folder and its folders, as often as they are linked; 1 for a file. */
  readonly files: number
}

/** What is being added up: a node whose children are not all measured. */
interface Frame {
  readonly number: number
  readonly isFile: boolean
  readonly links: readonly Cid[]
  index: number
  sizeBytes: number
  files: number
}

const nothing: DagMeasure = { sizeBytes: 0, files: 0 }

/**
 * Counts the content bytes of a DAG over its real leaves. No declared size counts. Every node is read once, however
 * many paths lead to it, and raw leaves not at all where the source can say how long they are. Throws
 * `BlockUnavailable` when a block is absent, `too_large` above a bound or 2^53 bytes, and what `linksOf` throws.
 */
export async function measureDag(source: SizedBlockSource, root: Cid, bounds: WalkBounds = {}): Promise<DagMeasure> {
  return new Measuring(source, bounds).run(root)
}

class Measuring {
  readonly #source: SizedBlockSource
  readonly #bounds: WalkBounds
  readonly #share = new LoopShare()
  readonly #frames: Frame[] = []
  /** dag-pb nodes that were measured, and by their number what came out; undefined while they are under way. */
  readonly #nodes = new MultihashTable()
  readonly #measures: (DagMeasure | undefined)[] = []
  /** Raw leaves that were met, and their lengths. */
  readonly #leaves = new MultihashTable()
  readonly #leafSizes: number[] = []
  readonly #directories = new Set<number>()
  /** Roots of what is no UnixFS. */
  readonly #others: Cid[] = []
  #blocks = 0

  constructor(source: SizedBlockSource, bounds: WalkBounds) {
    this.#source = source
    this.#bounds = bounds
  }

  async run(root: Cid): Promise<DagMeasure> {
    let last = await this.#measure(root, false)
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      if (last !== undefined) {
        frame.sizeBytes += last.sizeBytes
        frame.files += last.files
        requireSafe(frame)
      }
      if (this.#share.isOver()) await this.#share.pass()
      const child = frame.links[frame.index++]
      if (child === undefined) {
        last = this.#finish(frame)
      } else {
        const measured = this.#measure(child, frame.isFile)
        last = measured instanceof Promise ? await measured : measured
      }
    }
    const { sizeBytes, files } = last ?? nothing
    const measure = { sizeBytes: sizeBytes + (await this.#measureOthers()), files }
    requireSafe(measure)
    return measure
  }

  /** What a block amounts to, if that is known at once; else its frame is opened. */
  #measure(cid: Cid, isPart: boolean): DagMeasure | undefined | Promise<DagMeasure | undefined> {
    if (cid.codec === codecs.raw) return this.#leaf(cid)
    if (cid.codec !== codecs.dagPb) return this.#other(cid)
    const number = this.#nodes.find(cid.multihash)
    const known = number < 0 ? undefined : this.#measures[number]
    if (known !== undefined) return isPart && this.#directories.has(number) ? this.#other(cid) : known
    const block = getBlock(this.#source, cid)
    return block instanceof Promise
      ? block.then((bytes) => this.#open(cid, bytes, isPart))
      : this.#open(cid, block, isPart)
  }

  #leaf(cid: Cid): DagMeasure | Promise<DagMeasure> {
    const known = this.#leafSizes[this.#leaves.find(cid.multihash)]
    const size = known ?? findBlockSize(this.#source, cid)
    return size instanceof Promise ? size.then((found) => this.#keepLeaf(cid, found)) : this.#keepLeaf(cid, size)
  }

  #keepLeaf(cid: Cid, sizeBytes: number | undefined): DagMeasure {
    if (sizeBytes === undefined) throw new BlockUnavailable(cid)
    this.#leafSizes[this.#leaves.add(cid.multihash)] = sizeBytes
    return { sizeBytes, files: 1 }
  }

  #open(cid: Cid, block: Uint8Array, isPart: boolean): DagMeasure | undefined {
    const { maxBlocks = 4_000_000, maxDepth = 100_000, signal } = this.#bounds
    signal?.throwIfAborted()
    if (++this.#blocks > maxBlocks) throw new AppError('too_large', 'The DAG has too many blocks')
    if (this.#frames.length > maxDepth) throw new AppError('too_large', 'The DAG is too deep')
    const { unixfs, linkCount } = new PbBlock(block)
    const isFile = unixfs?.type === 'file' || unixfs?.type === 'raw'
    const isDirectory = unixfs?.type === 'directory' || unixfs?.type === 'hamt-shard'
    const content = unixfs?.data?.length ?? 0
    if (unixfs?.type === 'symlink') return { sizeBytes: content, files: 1 }
    if (!isFile && (!isDirectory || isPart)) return this.#other(cid)
    const number = this.#nodes.add(cid.multihash)
    if (isFile && linkCount === 0) return (this.#measures[number] = { sizeBytes: content, files: 1 })
    if (isDirectory) this.#directories.add(number)
    const links = linksOf(cid.codec, block)
    this.#frames.push({ number, isFile, links, index: 0, sizeBytes: isFile ? content : 0, files: 0 })
    return undefined
  }

  #finish(frame: Frame): DagMeasure {
    this.#frames.pop()
    const measure = { sizeBytes: frame.sizeBytes, files: frame.isFile ? 1 : frame.files }
    this.#measures[frame.number] = measure
    return measure
  }

  #other(cid: Cid): DagMeasure {
    this.#others.push(cid)
    return { sizeBytes: 0, files: 1 }
  }

  async #measureOthers(): Promise<number> {
    const visited = new VisitedBlocks()
    const counted = new MultihashTable()
    let sizeBytes = 0
    for (const root of this.#others) {
      if (this.#share.isOver()) await this.#share.pass()
      for await (const { cid, block } of walkDag(this.#source, root, { ...this.#bounds, visited })) {
        const known = counted.size
        if (!isIdentity(cid) && counted.add(cid.multihash) === known) sizeBytes += block.length
      }
    }
    return sizeBytes
  }
}

function requireSafe({ sizeBytes, files }: DagMeasure): void {
  if (!Number.isSafeInteger(sizeBytes) || !Number.isSafeInteger(files)) {
    throw new AppError('too_large', 'The DAG unfolds to more than can be counted')
  }
}
