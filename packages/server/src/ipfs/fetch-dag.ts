import { AppError } from '../lib/errors.ts'
import { LoopShare } from '../lib/loop-share.ts'
import { maxBlockBytes } from './block.ts'
import type { Cid } from './cid.ts'
import { codecs } from './codecs.ts'
import { isIdentity } from './find-block.ts'
import { linksOf, requireCodec } from './links-of.ts'
import type { MultihashTable } from './multihash-table.ts'
import { requireHash } from './multihash.ts'
import { knownBlock } from './node/known-block.ts'
import { VisitedBlocks } from './walk-dag.ts'
import type { WantRoom } from './want-room.ts'

/** Where blocks of a DAG come from, and where they go. */
export interface DagPlaces {
  /** A block that is here already, with its bytes when asked for; undefined when it is not. */
  findHere(cid: Cid, options: { withBytes: boolean }): Promise<HereBlock | undefined>
  /** The bytes of a block from elsewhere, held against its hash. */
  get(cid: Cid): Promise<Uint8Array>
  /** Keeps a block. Called for one block after another. */
  put(cid: Cid, bytes: Uint8Array): Promise<void>
  /** The bytes of a block that was kept or found before. */
  readAgain(cid: Cid): Promise<Uint8Array>
  /** Told of each block that is here, once; `bytes` are absent for leaves that were not read. What it throws ends the fetch. */
  onBlock(cid: Cid, block: { sizeBytes: number; bytes: Uint8Array | undefined; isNew: boolean }): Promise<void> | void
}

/** A block that is here. */
interface HereBlock {
  readonly sizeBytes: number
  readonly bytes: Uint8Array | undefined
}

/** All blocks of a DAG. */
export interface FetchedBlocks {
  readonly reached: MultihashTable
  sizeOf(multihash: Uint8Array): number | undefined
}

interface FetchBounds {
  /** Blocks; 4 million unless told. */
  readonly maxBlocks?: number
  /** Links from the root to a block; 100,000 unless told. */
  readonly maxDepth?: number
  readonly room: WantRoom
  readonly signal: AbortSignal
}

/** Links that may wait on the way down: some 50 MB of them. */
const maxWaiting = 1 << 18
/** Above so many, one node at a time is opened, so that the way down is as narrow as can be. */
const manyWaiting = maxWaiting / 2

/**
 * Brings every block of a DAG here: depth first, many at once, each once. Resolves with the multihashes of all of them,
 * identity CIDs left out, and how long each is. Memory is bounded by `room` and by the links that wait, not by the DAG. Rejects with the first
 * fault, when everything that was under way has ended: `too_large`, `block_too_large`, `unsupported_codec`,
 * `unsupported_hash`, what `linksOf` throws, and what the places throw.
 */
export async function fetchDag(places: DagPlaces, root: Cid, bounds: FetchBounds): Promise<FetchedBlocks> {
  return new DagFetch(places, bounds).run(root)
}

interface Frame {
  readonly links: readonly Cid[]
  index: number
  readonly depth: number
  /** Its one link is a node that was brought and is to be opened now. */
  readonly isPostponed: boolean
}

class DagFetch {
  readonly #places: DagPlaces
  readonly #bounds: Required<FetchBounds>
  readonly #share = new LoopShare()
  readonly #visited = new VisitedBlocks()
  /** By the number of the multihash in what was visited. */
  readonly #sizes: number[] = []
  readonly #frames: Frame[] = []
  readonly #running = new Set<Promise<void>>()
  #runningNodes = 0
  #waiting = 0
  #blocks = 0
  #keeping: Promise<void> = Promise.resolve()
  #fault: { readonly error: unknown } | undefined
  #changed = Promise.withResolvers<void>()

  constructor(places: DagPlaces, bounds: FetchBounds) {
    this.#places = places
    this.#bounds = { maxBlocks: 4_000_000, maxDepth: 100_000, ...bounds }
  }

  async run(root: Cid): Promise<FetchedBlocks> {
    const { signal } = this.#bounds
    const onAbort = () => this.#changed.resolve()
    signal.addEventListener('abort', onAbort)
    try {
      this.#push([root], 0)
      await this.#walk()
    } catch (error) {
      this.#fault ??= { error }
    } finally {
      signal.removeEventListener('abort', onAbort)
      await Promise.all(this.#running)
    }
    if (this.#fault !== undefined) throw this.#fault.error
    const { multihashes: reached } = this.#visited
    return { reached, sizeOf: (multihash) => this.#sizes[reached.find(multihash)] }
  }

  async #walk(): Promise<void> {
    for (;;) {
      this.#bounds.signal.throwIfAborted()
      if (this.#fault !== undefined) return
      if (this.#share.isOver()) await this.#share.pass()
      const frame = this.#top()
      const cid = frame?.links[frame.index]
      if (frame === undefined || cid === undefined) {
        if (this.#running.size === 0) return
        await this.#change()
      } else if (!this.#mayStart(cid)) {
        await this.#change()
      } else {
        frame.index++
        this.#start(cid, frame)
      }
    }
  }

  /** The innermost frame that has links left. */
  #top(): Frame | undefined {
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      if (frame.index < frame.links.length) return frame
      this.#frames.pop()
      this.#waiting -= frame.links.length
    }
    return undefined
  }

  #mayStart(cid: Cid): boolean {
    if (this.#running.size === 0) return true
    if (cid.codec !== codecs.raw && this.#runningNodes > 0 && this.#waiting > manyWaiting) return false
    return this.#bounds.room.hasRoom(this.#running.size)
  }

  #start(cid: Cid, { depth, isPostponed }: Frame): void {
    requireHash(cid.multihash)
    requireCodec(cid.codec)
    if (!isPostponed) {
      if (!this.#visited.add(cid)) return
      if (++this.#blocks > this.#bounds.maxBlocks) throw new AppError('too_large', 'The DAG has too many blocks')
    }
    const isNode = cid.codec !== codecs.raw
    if (isNode) this.#runningNodes++
    const task = this.#bring(cid, depth, isPostponed)
      .catch((error: unknown) => {
        this.#fault ??= { error }
      })
      .finally(() => {
        if (isNode) this.#runningNodes--
        this.#running.delete(task)
        this.#changed.resolve()
      })
    this.#running.add(task)
  }

  async #bring(cid: Cid, depth: number, isPostponed: boolean): Promise<void> {
    const known = knownBlock(cid)
    if (isIdentity(cid) && known !== undefined) return this.#descend(cid, linksOf(cid.codec, known), depth)
    if (isPostponed) return this.#descend(cid, linksOf(cid.codec, await this.#places.readAgain(cid)), depth)
    const here = await this.#places.findHere(cid, { withBytes: cid.codec !== codecs.raw })
    if (here !== undefined) {
      this.#noteSize(cid, here.sizeBytes)
      await this.#places.onBlock(cid, { ...here, isNew: false })
      if (here.bytes !== undefined) this.#descend(cid, linksOf(cid.codec, here.bytes), depth)
      return
    }
    if (known !== undefined) return this.#take(cid, known, depth, false)
    const room = this.#bounds.room.take()
    try {
      const bytes = await this.#places.get(cid)
      room.fill(bytes.length)
      if (bytes.length > maxBlockBytes) {
        throw new AppError('block_too_large', `A block of it has ${bytes.length} bytes; ${maxBlockBytes} are allowed`)
      }
      await this.#take(cid, bytes, depth, true)
    } finally {
      room.release()
    }
  }

  /** Nothing is kept that cannot be read: a block that its codec does not fit is no part of anything. */
  async #take(cid: Cid, bytes: Uint8Array, depth: number, isNew: boolean): Promise<void> {
    const links = linksOf(cid.codec, bytes)
    const kept = this.#keeping.then(() => this.#places.put(cid, bytes))
    this.#keeping = kept.catch(() => {}) // whoever waits for it gets it
    await kept
    this.#noteSize(cid, bytes.length)
    await this.#places.onBlock(cid, { sizeBytes: bytes.length, bytes, isNew })
    this.#descend(cid, links, depth)
  }

  #noteSize({ multihash }: Cid, sizeBytes: number): void {
    this.#sizes[this.#visited.multihashes.find(multihash)] = sizeBytes
  }

  #descend(cid: Cid, links: readonly Cid[], depth: number): void {
    if (links.length === 0) return
    if (depth >= this.#bounds.maxDepth) throw new AppError('too_large', 'The DAG is too deep')
    const isAlone = this.#runningNodes <= 1
    if (this.#waiting + links.length <= manyWaiting || (isAlone && this.#waiting + links.length <= maxWaiting)) {
      return this.#push(links, depth + 1)
    }
    if (isAlone) throw new AppError('too_large', 'The DAG is too deep for nodes with so many links')
    // Many nodes came at the same time: this one is opened when the others are done with.
    this.#frames.push({ links: [{ ...cid, multihash: cid.multihash.slice() }], index: 0, depth, isPostponed: true })
    this.#waiting++
  }

  #push(links: readonly Cid[], depth: number): void {
    this.#frames.push({ links, index: 0, depth, isPostponed: false })
    this.#waiting += links.length
  }

  async #change(): Promise<void> {
    await this.#changed.promise
    this.#changed = Promise.withResolvers()
  }
}
