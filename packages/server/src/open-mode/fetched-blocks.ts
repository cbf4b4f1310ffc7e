import { maxBlockBytes } from '../ipfs/block.ts'
import { formatCid, type Cid } from '../ipfs/cid.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { requireHash } from '../ipfs/multihash.ts'
import { type BlockFetch, type IpfsNode, NoSource } from '../ipfs/node/node.ts'
import { AppError } from '../lib/errors.ts'
import type { BlockCache } from './block-cache.ts'
import { FairSlots } from './fair-slots.ts'
import type { OpenBlock, OpenBlocks, OpenWish } from './open-blocks.ts'
import type { OpenMetrics } from './open-metrics.ts'

/** A fetch nobody waits on stays open for so long: the next request for the same root finds its peers at once. */
const lingerMs = 10_000
/** Blocks that all requests of one client, and all together, wait for. */
const mostOfClient = 256
const most = 4_096
const againSeconds = 30

interface Fetch {
  readonly source: BlockFetch
  readonly controller: AbortController
  /** Blocks that are waited for. */
  waiting: number
  /** Gives its place back; undefined while nobody waits. */
  release: (() => void) | undefined
  timer: NodeJS.Timeout | undefined
}

interface Options {
  readonly node: Pick<IpfsNode, 'openFetch'>
  readonly cache: BlockCache
  readonly metrics: OpenMetrics
  /** Roots of which blocks are fetched at the same time; a quarter of them for one client. */
  readonly fetches: number
  /** A block that does not come within this is given up. */
  readonly blockMs: number
}

/**
 * Fetches blocks through the node and keeps them in the cache. Requests for the same root share one fetch. Fetches that
 * are waited on are bounded, and so is what one client has of them; what is kept or shared takes no place.
 */
export class FetchedBlocks implements OpenBlocks {
  readonly #node: Pick<IpfsNode, 'openFetch'>
  readonly #cache: BlockCache
  readonly #metrics: OpenMetrics
  readonly #blockMs: number
  readonly #slots: FairSlots
  readonly #maxIdle: number
  readonly #fetches = new Map<string, Fetch>()
  readonly #asking = new Map<string, number>()
  #allAsking = 0
  readonly #stops = new Set<AbortController>()

  constructor({ node, cache, metrics, fetches, blockMs }: Options) {
    this.#node = node
    this.#cache = cache
    this.#metrics = metrics
    this.#blockMs = blockMs
    this.#maxIdle = fetches
    const ofClient = Math.ceil(fetches / 4)
    this.#slots = new FairSlots({
      slots: fetches,
      ofClient,
      waiting: 16 * fetches,
      waitingOfClient: 4 * ofClient,
    })
    metrics.follow({
      fetches: () => this.#slots.taken,
      waiting: () => this.#slots.waiting,
      cacheBytes: () => cache.sizeBytes,
    })
  }

  async get(wish: OpenWish, signal: AbortSignal): Promise<OpenBlock | undefined> {
    const { cid, client, cachedOnly } = wish
    requireHash(cid.multihash)
    const kept = await this.#cache.get(cid.multihash)
    if (kept !== undefined) {
      this.#metrics.blocks.inc({ from: 'cache' })
      return { bytes: kept, isFetched: false }
    }
    if (cachedOnly) return undefined
    const asking = this.#asking.get(client) ?? 0
    if (asking >= mostOfClient || this.#allAsking >= most) throw this.#refused(tooMuch())
    this.#asking.set(client, asking + 1)
    this.#allAsking++
    // Thousands of these are refused in a second: signals made of others cost more than all the rest.
    const stop = new AbortController()
    const onAbort = () => stop.abort(signal.reason)
    const timer = setTimeout(() => stop.abort(new NotInTime()), this.#blockMs)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    this.#stops.add(stop)
    try {
      const bytes = await this.#fetch(wish, stop.signal)
      if (bytes.length > maxBlockBytes) {
        throw new AppError('too_large', `A block of it has more than ${maxBlockBytes} bytes.`)
      }
      this.#metrics.blocks.inc({ from: 'network' })
      this.#metrics.bytes.inc(bytes.length)
      this.#cache.put(cid.multihash, bytes)
      return { bytes, isFetched: true }
    } catch (error) {
      signal.throwIfAborted()
      throw this.#refused(inWords(error, wish))
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      this.#stops.delete(stop)
      const left = (this.#asking.get(client) ?? 1) - 1
      if (left > 0) this.#asking.set(client, left)
      else this.#asking.delete(client)
      this.#allAsking--
    }
  }

  async close(): Promise<void> {
    const error = new AppError('unavailable', 'The server is stopping.', { retryAfterSeconds: againSeconds })
    for (const stop of this.#stops) stop.abort(error)
    for (const [key, fetch] of this.#fetches) this.#end(key, fetch)
    await this.#cache.close()
  }

  async #fetch({ root, cid, client, isUnderWay }: OpenWish, signal: AbortSignal): Promise<Uint8Array> {
    const key = `${root.codec} ${multihashKey(root.multihash)}`
    let fetch = this.#fetches.get(key)
    if (fetch?.release === undefined) {
      const release = await this.#slots.take(client, { signal, isUnderWay })
      // Others may have begun while this one waited.
      fetch = this.#fetches.get(key) ?? this.#open(key, root)
      if (fetch.release === undefined) fetch.release = release
      else release()
    }
    clearTimeout(fetch.timer)
    fetch.waiting++
    try {
      return await fetch.source.get(cid, signal)
    } finally {
      fetch.waiting--
      if (fetch.waiting === 0) this.#rest(key, fetch)
    }
  }

  #open(key: string, root: Cid): Fetch {
    const controller = new AbortController()
    const fetch: Fetch = {
      source: this.#node.openFetch({ root, origins: [], signal: controller.signal }),
      controller,
      waiting: 0,
      release: undefined,
      timer: undefined,
    }
    this.#fetches.set(key, fetch)
    return fetch
  }

  /** Nobody waits on it: its place is another's, and soon it ends. */
  #rest(key: string, fetch: Fetch): void {
    fetch.release?.()
    fetch.release = undefined
    // The last to rest stand last.
    if (this.#fetches.get(key) !== fetch) return
    this.#fetches.delete(key)
    this.#fetches.set(key, fetch)
    fetch.timer = setTimeout(() => this.#end(key, fetch), lingerMs)
    fetch.timer.unref()
    let idle = 0
    for (const { waiting } of this.#fetches.values()) if (waiting === 0) idle++
    if (idle <= this.#maxIdle) return
    for (const [otherKey, other] of this.#fetches) if (other.waiting === 0) return this.#end(otherKey, other)
  }

  #end(key: string, fetch: Fetch): void {
    clearTimeout(fetch.timer)
    this.#fetches.delete(key)
    fetch.controller.abort(new NoSource('The fetch is over'))
    void fetch.source[Symbol.asyncDispose]()
  }

  #refused(error: unknown): unknown {
    if (error instanceof AppError) this.#metrics.refused.inc({ reason: error.code })
    return error
  }
}

class NotInTime extends Error {
  override readonly name = 'NotInTime'
}

function tooMuch(): AppError {
  return new AppError(
    'rate_limited',
    `Too much that is not here is being fetched. Try again in ${againSeconds} seconds.`,
    { retryAfterSeconds: againSeconds },
  )
}

function inWords(error: unknown, { root, cid }: OpenWish): unknown {
  const isTimeout = error instanceof NotInTime
  if (!isTimeout && !(error instanceof NoSource)) return error
  const what = `${formatCid(cid)}${cid.codec === root.codec && Buffer.compare(cid.multihash, root.multihash) === 0 ? '' : ` of ${formatCid(root)}`}`
  return new AppError(
    'not_found_in_time',
    `This content is not held here, and ${isTimeout ? 'nobody gave it in time' : 'nobody who was asked has it'}: ${what}. Try again in ${againSeconds} seconds.`,
    { retryAfterSeconds: againSeconds, cause: error },
  )
}
