import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { BlockSource } from '../ipfs/block.ts'
import { formatCid } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { findBlockSize, type SizedBlockSource } from '../ipfs/find-block.ts'
import { readFile, type ReadableNode } from '../ipfs/read-file.ts'
import { AppError } from '../lib/errors.ts'
import { imageBounds, type ImageOptions, type MadeImage } from './image-options.ts'
import { ImageQueue } from './image-queue.ts'
import { ImageWorker } from './image-worker.ts'

/** What stands for how images are made: a change of it, or of what makes them, changes every entity tag. */
const edition = 'sharp 0.35.5, 1'
/** How long it is known that no image can be made of an original; when making it was broken off, not for as long. */
const failedMs = 600_000
const brokenOffMs = 60_000
/** Originals of more blocks are made again each time: their blocks would have to be asked about one by one. */
const maxBlocks = 512
/** What an entry of the cache costs beside its bytes. */
const entryBytes = 500

/** What is wanted, and on whose behalf. */
export interface ImageWish {
  /** Where the original is read; what it does not show makes no image. */
  readonly source: SizedBlockSource
  readonly node: ReadableNode
  readonly options: ImageOptions
  /** Who may be shown what was made for another: the same text for all that see the same originals. */
  readonly scope: string
  /** Whose turn it takes. */
  readonly share: string
  readonly signal: AbortSignal
}

interface Kept extends MadeImage {
  /** Blocks of the original: when one of them may be seen no more, this may not. */
  readonly blocks: readonly Uint8Array[]
}

interface UnderWay {
  readonly promise: Promise<Kept>
  readonly controller: AbortController
  waiting: number
}

interface ImageSettings {
  /** Images that are made at the same time, each in a process of its own. */
  readonly workers: number
  /** Bytes of made images that are kept. */
  readonly cacheBytes: number
}

/**
 * Makes other sizes and formats of images, in processes of their own, and keeps what was made in memory. Whoever asks has
 * found the original visible: it is the caller's to read its root first. Ones that many ask for at once are made once.
 */
export class Images {
  readonly #isDenied: (multihash: Uint8Array) => boolean
  readonly #workers: readonly ImageWorker[]
  readonly #queue: ImageQueue<ImageWorker>
  readonly #made: LRUCache<string, Kept>
  readonly #failed = new LRUCache<string, AppError>({ max: 10_000 })
  readonly #underWay = new Map<string, UnderWay>()

  constructor(
    isDenied: (multihash: Uint8Array) => boolean,
    { workers, cacheBytes }: ImageSettings,
    newWorker: () => ImageWorker = () => new ImageWorker(),
  ) {
    this.#isDenied = isDenied
    this.#workers = Array.from({ length: workers }, newWorker)
    this.#queue = new ImageQueue(this.#workers)
    this.#made = new LRUCache({
      maxSize: Math.max(1, cacheBytes),
      // The largest ones would drive out all others.
      maxEntrySize: Math.max(1, Math.ceil(cacheBytes / 8)),
      sizeCalculation: ({ bytes, blocks }) => bytes.length + entryBytes + blocks.length * 100,
    })
  }

  /** Whether any are made: else originals stand for them. */
  get isOn(): boolean {
    return this.#workers.length > 0
  }

  /** Bytes held now, with what the entries themselves cost. */
  get sizeBytes(): number {
    return this.#made.calculatedSize
  }

  /** Bytes of an image, made or kept. Throws `unsupported_media_type`, `too_large`, `unavailable`, or what reading throws. */
  async make(wish: ImageWish): Promise<MadeImage> {
    const { node, options, scope } = wish
    const key = `${scope} ${formatCid(node.cid)} ${JSON.stringify(options)}`
    const kept = this.#made.get(key)
    if (kept !== undefined) {
      if (await this.#isShown(kept, wish.source)) return kept
      this.#made.delete(key)
    }
    const failed = this.#failed.get(key)
    if (failed !== undefined) throw failed
    return this.#wait(key, this.#underWay.get(key) ?? this.#begin(key, wish), wish.signal)
  }

  /** Ends the processes. */
  close(): void {
    for (const worker of this.#workers) worker.close()
  }

  #begin(key: string, wish: ImageWish): UnderWay {
    const controller = new AbortController()
    const promise = this.#makeNew(wish, controller.signal)
      .then((kept) => {
        if (kept.blocks.length <= maxBlocks) this.#made.set(key, kept)
        return kept
      })
      .catch((error: unknown) => {
        if (error instanceof AppError && lasts.has(error.code))
          this.#failed.set(key, error, { ttl: error.cause === undefined ? failedMs : brokenOffMs })
        throw error
      })
    promise.catch(() => undefined) // everybody who waited may be gone
    const work: UnderWay = { promise, controller, waiting: 0 }
    this.#underWay.set(key, work)
    return work
  }

  /** Waits for work that others may wait for too; when the last of them goes, it need not go on. */
  async #wait(key: string, work: UnderWay, signal: AbortSignal): Promise<Kept> {
    work.waiting++
    let gone = () => {}
    try {
      return await Promise.race([
        work.promise,
        new Promise<never>((_, reject) => {
          gone = () => reject(signal.reason as Error) // whatever it ended with
          if (signal.aborted) gone()
          else signal.addEventListener('abort', gone, { once: true })
        }),
      ])
    } finally {
      signal.removeEventListener('abort', gone)
      if (--work.waiting === 0) {
        // Whoever comes now begins anew.
        if (this.#underWay.get(key) === work) this.#underWay.delete(key)
        work.controller.abort(signal.reason)
      }
    }
  }

  /** Each block is asked about: of what is no longer public, some may be so as parts of something else. */
  async #isShown({ blocks }: Kept, source: SizedBlockSource): Promise<boolean> {
    for (const block of blocks) {
      if (this.#isDenied(block)) return false
      const size = findBlockSize(source, { version: 1, codec: codecs.raw, multihash: block })
      if ((size instanceof Promise ? await size : size) === undefined) return false
    }
    return true
  }

  #makeNew({ source, node, options, share }: ImageWish, signal: AbortSignal): Promise<Kept> {
    return this.#queue.run(share, signal, async (worker) => {
      const blocks: Uint8Array[] = [node.cid.multihash]
      const input = await readWhole(noting(source, blocks), node, signal)
      return { ...(await worker.make(input, options)), blocks }
    })
  }
}

/** Part of the entity tag of an image: the same wishes have the same. */
export function tagOfOptions(options: ImageOptions): string {
  return createHash('sha256')
    .update(`${edition} ${JSON.stringify(options)}`)
    .digest('hex')
    .slice(0, 16)
}

/** What the original is to blame for, and so will fail again. */
const lasts = new Set<string>(['unsupported_media_type', 'too_large'])

async function readWhole(source: BlockSource, node: ReadableNode, signal: AbortSignal): Promise<Buffer> {
  if (typeof node.size !== 'number') throw node.size
  if (node.size > imageBounds.inputBytes) {
    throw new AppError(
      'too_large',
      `This image is too large to be changed: it has more than ${imageBounds.inputBytes / 1024 / 1024} MiB.`,
    )
  }
  const pieces: Uint8Array[] = []
  for await (const piece of readFile(source, node, { signal })) pieces.push(piece)
  return Buffer.concat(pieces)
}

function noting(source: BlockSource, blocks: Uint8Array[]): BlockSource {
  return {
    get(multihash, codec) {
      if (blocks.length <= maxBlocks) blocks.push(multihash)
      return source.get(multihash, codec)
    },
  }
}
