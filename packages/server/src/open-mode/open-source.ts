import type { OpenSettings } from '../config/config.ts'
import type { Denials } from '../denials/denials.ts'
import type { BlockSource } from '../ipfs/block.ts'
import type { Cid } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { AppError } from '../lib/errors.ts'
import type { OpenBlocks } from './open-blocks.ts'

/** One request for content that may not be held here. */
export interface OpenReading {
  readonly root: Cid
  /** Whose turn it takes. */
  readonly client: string
  /** Nothing is fetched for it. */
  readonly cachedOnly: boolean
  readonly signal: AbortSignal
  /** Told before its first block is fetched; what it throws ends the request. */
  onMiss(): void
}

/**
 * What `held` shows, and for the rest what others have, within the bounds of one request. What is private here is not in
 * `held`, so it is asked of others as if it were not here. `get` throws what `held` and `OpenBlocks` do, `too_large`
 * and `not_found_in_time` above the bounds, and what says that content was taken down.
 */
export function openSource(
  services: { readonly openBlocks: OpenBlocks; readonly denials: Pick<Denials, 'requireReadable'> },
  held: BlockSource,
  reading: OpenReading,
  settings: Pick<OpenSettings, 'maxBytes' | 'maxBlocks' | 'maxMs'>,
): BlockSource {
  return new BoundedSource(services, held, reading, settings)
}

class BoundedSource implements BlockSource {
  readonly #services: Parameters<typeof openSource>[0]
  readonly #held: BlockSource
  readonly #reading: OpenReading
  readonly #bounds: Parameters<typeof openSource>[3]
  #since: number | undefined
  #blocks = 0
  #bytes = 0
  /** Blocks that are waited for; each is taken to be as large as the largest was. */
  #underWay = 0
  #largestBytes = 0

  constructor(...[services, held, reading, bounds]: Parameters<typeof openSource>) {
    this.#services = services
    this.#held = held
    this.#reading = reading
    this.#bounds = bounds
  }

  get(multihash: Uint8Array, codec?: number): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const found = this.#held.get(multihash, codec)
    if (found instanceof Promise) return found.then((bytes) => bytes ?? this.#open(multihash, codec))
    return found ?? this.#open(multihash, codec)
  }

  async #open(multihash: Uint8Array, codec: number = codecs.raw): Promise<Uint8Array | undefined> {
    const { openBlocks, denials } = this.#services
    const { root, client, cachedOnly, signal } = this.#reading
    signal.throwIfAborted()
    if (!cachedOnly) this.#requireRoom()
    // Views of larger pieces of memory are written over, or keep them alive.
    const cid: Cid = { version: 1, codec, multihash: multihash.slice() }
    this.#underWay++
    const found = await openBlocks
      .get({ root, cid, client, cachedOnly, isUnderWay: this.#blocks > 0 }, signal)
      .finally(() => this.#underWay--)
    denials.requireReadable(multihash)
    if (found === undefined) return undefined
    if (found.isFetched) {
      this.#blocks++
      this.#bytes += found.bytes.length
      this.#largestBytes = Math.max(this.#largestBytes, found.bytes.length)
    }
    return found.bytes
  }

  #requireRoom(): void {
    const { maxBlocks, maxBytes, maxMs } = this.#bounds
    if (this.#since === undefined) {
      this.#reading.onMiss()
      this.#since = performance.now()
    }
    if (this.#blocks + this.#underWay >= maxBlocks) throw tooLarge(`${maxBlocks} blocks`)
    if (this.#bytes + this.#underWay * this.#largestBytes >= maxBytes) throw tooLarge(`${maxBytes} bytes`)
    if (performance.now() - this.#since < maxMs) return
    throw new AppError('not_found_in_time', `This content could not be fetched within ${maxMs / 1000} s.`, {
      retryAfterSeconds: 30,
    })
  }
}

function tooLarge(what: string): AppError {
  return new AppError(
    'too_large',
    `This content is not held here, and one request may have at most ${what} of it fetched. Ask for less of it, or pin it.`,
  )
}
