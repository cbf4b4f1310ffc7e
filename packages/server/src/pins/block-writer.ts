import { setImmediate } from 'node:timers/promises'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Reach } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { withoutJournal } from '../db/journal.ts'
import type { Block, BlockSink } from '../ipfs/block.ts'
import { cidBytes } from '../ipfs/cid.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import type { MultihashTable } from '../ipfs/multihash-table.ts'
import { BlockBatch, type PendingBlock } from './block-batch.ts'
import type { UploadHolds } from './blocks-in-flight.ts'
import { networkNumbers, noNetworkYet } from './network.ts'
import { findPlace } from './block-queries.ts'
import { BlockDamaged, readBlock } from './read-verified.ts'
import { moveToNetwork } from './staging.ts'
import { UploadBlocks, type WriteServices } from './upload-blocks.ts'
import type { WrittenBlocks } from './written-blocks.ts'

interface WriterOptions {
  readonly accountId: string
  /** What of the account's pins counts as here; left out: all of them. */
  readonly reach?: Reach | undefined
  /** The network of the pin, when it is known already; that saves work for large uploads. */
  readonly network?: NetworkName
  /** Blocks remembered in memory; beyond, they are named by a staging in the database. */
  readonly maxBlocksInMemory?: number
  /** A staging of an earlier writer, which this one goes on with. It was begun for the same network. */
  readonly staging?: { readonly pinId: string; readonly numberOfBlocks: number } | undefined
  /** Part of the write that makes the staging's row: for who wants to find it again. What it throws ends the writing. */
  readonly onStaging?: (tx: Db, pinId: string) => Promise<void>
}

/**
 * Blocks that are copied are stored together while the next ones come in; others go to the store from where they lie,
 * and the upload waits. Copying is faster for all but the largest, and large batches are, since a busy event loop hears
 * late that one is stored; both take memory. Uploads that got less of what there is gather less, those that got none
 * copy only small blocks.
 */
const copied = { upToBytes: 512 * 1024, batchBytes: 4 * 1024 * 1024 }
const copiedInLess = { upToBytes: 512 * 1024, batchBytes: 1024 * 1024 }
const copiedWithoutRoom = { upToBytes: 64 * 1024, batchBytes: 256 * 1024 }
/** Two batches, in which what does not fit leaves up to half of the room empty. */
const room = { mostBytes: 4 * copied.batchBytes, leastBytes: 4 * copiedInLess.batchBytes }
const batchBlocks = 256
/**
 * So much is taken at a time while a batch is being stored, then the event loop has its turn. Node reads up to 2 MiB from
 * a socket before it looks at anything else, and a batch takes several writes one after another: without this, each was
 * heard of so late that uploads waited for a disk that had nothing to do.
 */
const turnBytes = 512 * 1024

/** Begins to write the blocks of one upload: `await using writer = openBlockWriter(...)`. */
export function openBlockWriter(services: WriteServices, options: WriterOptions): BlockWriter {
  return new BlockWriter(services, options)
}

/**
 * Stores the blocks of one upload, each once, and only those that are not stored yet; what comes of them is published by
 * `publishPin`, or nothing is. Memory does not grow with the upload. Also a source of blocks: those it was given, those
 * of public pins and those of the account's own pins; everything else is as if absent. After an error it is of no use
 * but to be disposed of.
 */
export class BlockWriter implements BlockSink, SizedBlockSource, AsyncDisposable {
  readonly #services: WriteServices
  readonly #network: number
  readonly #holds: UploadHolds
  readonly #blocks: UploadBlocks
  /** Whether somebody keeps the staging of an upload that was not published. */
  readonly #isKept: boolean
  #filling = new BlockBatch()
  #storing = new BlockBatch()
  /** Taken since the event loop had its turn. */
  #takenBytes = 0
  /** What was begun last; never rejects. */
  #tail: Promise<void> = Promise.resolve()
  #fault: { readonly error: unknown } | undefined
  #ended = false
  #isPublished = false

  constructor(services: WriteServices, options: WriterOptions) {
    this.#services = { ...services, db: withoutJournal(services.db) }
    this.#network = options.network === undefined ? noNetworkYet : networkNumbers[options.network]
    this.#holds = services.blocksInFlight.open()
    this.#isKept = options.onStaging !== undefined
    this.#blocks = new UploadBlocks(this.#services, this.#holds, {
      accountId: options.accountId,
      reach: options.reach,
      network: this.#network,
      maxBlocks: options.maxBlocksInMemory ?? 8192,
      before: options.staging,
      onStaging: options.onStaging,
    })
  }

  /** Takes a block whose bytes were held against its hash. Identity blocks are passed over. Throws `content_denied`. */
  put(block: Block): Promise<void> | void {
    this.#requireSound()
    if (block.multihash[0] === 0) return
    this.#services.denials.requireWelcome(block.multihash)
    const key = multihashKey(block.multihash)
    if (this.#blocks.written.has(key) || this.#filling.has(key) || this.#storing.has(key)) return
    if (block.sizeBytes > this.#boundFor(block.sizeBytes).upToBytes) return this.#putLarge(key, block)
    this.#filling.add(key, block)
    const { sizeBytes, numberOfBlocks } = this.#filling
    if (numberOfBlocks >= batchBlocks || sizeBytes >= this.#boundFor(sizeBytes).batchBytes) return this.#storeBatch()
    return this.#giveTurn(block.sizeBytes)
  }

  /**
   * Makes a block that is here part of the pin: one of the staging, of a public pin or of a pin of the account. Gives its
   * length, and its bytes when asked for; undefined when it is absent or damaged, so that it must be put. May be called
   * while other calls are under way.
   */
  async adopt(
    multihash: Uint8Array,
    { withBytes }: { withBytes: boolean },
  ): Promise<{ sizeBytes: number; bytes: Uint8Array | undefined } | undefined> {
    this.#requireSound()
    this.#services.denials.requireWelcome(multihash)
    const key = multihashKey(multihash)
    // Met before under another codec: it is part of the pin, or will be.
    if (this.#filling.has(key) || this.#storing.has(key)) return undefined
    const own = this.#blocks.written.get(key)
    if (own !== undefined) return this.#readOwn(key, own.length, { multihash, withBytes })
    const { db } = this.#services
    const isHeld = this.#holds.hold(key)
    const [stored] = await findPlace(db.read, { multihash })
    const staged = stored === undefined ? undefined : await this.#blocks.staging?.find(multihash)
    const mayUse = isHeld && stored !== undefined
    const found = staged ?? (mayUse ? await this.#blocks.findVisible(multihash) : undefined)
    const read = found !== undefined && withBytes ? await this.#readAdopted(multihash) : undefined
    const isOfUse = found !== undefined && (!withBytes || read !== undefined)
    // A row names what is staged; what is absent or damaged is of no use.
    if (staged !== undefined || !isOfUse) this.#holds.drop([key])
    if (!isOfUse) return undefined
    if (staged === undefined) this.#blocks.written.set(key, { blockId: found.id, length: found.length })
    return { sizeBytes: found.length, bytes: read }
  }

  /** Makes all blocks taken so far durable under the staging; `alongside` is part of the write that does. */
  async save(alongside?: (tx: Db) => Promise<void>): Promise<void> {
    await this.#storeBatch()
    await this.#idle()
    if (this.#blocks.written.size > 0) await this.#blocks.spill(alongside)
    else if (alongside !== undefined) await this.#services.db.write(alongside)
  }

  /** See `BlockSource`. Throws `BlockDamaged`, `content_denied`. */
  async get(multihash: Uint8Array): Promise<Uint8Array | undefined> {
    this.#services.denials.requireWelcome(multihash)
    const key = multihashKey(multihash)
    await this.#settle(key)
    // An upload reads its blocks once.
    return readBlock(this.#services, multihash, () => this.#blocks.find(key, multihash), { isHot: false })
  }

  /** See `SizedBlockSource`. */
  async sizeOf(multihash: Uint8Array): Promise<number | undefined> {
    const key = multihashKey(multihash)
    await this.#settle(key)
    return this.#blocks.written.get(key)?.length ?? (await this.#blocks.find(key, multihash))?.length
  }

  /**
   * All blocks are given: makes them durable and says what there is to publish on `network`. With `reached` the pin is
   * made of just these blocks, given or visible to the account; what was given beyond is left out. Throws
   * `incomplete_dag` when one of them is not there any more.
   */
  async finish(options: { network: NetworkName; reached?: MultihashTable }): Promise<WrittenBlocks> {
    await this.#storeBatch()
    await this.#idle()
    this.#ended = true
    const { packs } = this.#services
    if (options.reached !== undefined) await this.#blocks.keepReached(options.reached)
    await this.#blocks.sync()
    const network = networkNumbers[options.network]
    if (this.#blocks.staging !== undefined && network !== this.#network) {
      await moveToNetwork(this.#services, { pinId: this.#blocks.staging.pinId, network })
    }
    return {
      writerId: packs.writerId,
      blocks: this.#blocks.written,
      staging: this.#blocks.staging,
      onPublished: () => {
        this.#isPublished = true
        this.#holds.markUsed()
      },
    }
  }

  /** Lets go of everything. What was not published is collected afterwards, unless somebody keeps the staging. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    await this.#tail
    this.#holds[Symbol.dispose]()
    if (!this.#isPublished && !this.#isKept) await this.#blocks.staging?.giveUp()
  }

  /** What is copied. An upload that stays small takes no room from others. */
  #boundFor(sizeBytes: number): typeof copied {
    const roomBytes = sizeBytes <= copiedWithoutRoom.upToBytes ? 0 : this.#holds.takeRoom(room)
    if (roomBytes === 0) return copiedWithoutRoom
    return roomBytes === room.mostBytes ? copied : copiedInLess
  }

  /** Begins to store what was gathered. Resolves when the batch before is stored, so two batches are the bound. */
  async #storeBatch(): Promise<void> {
    await this.#idle()
    if (this.#filling.isEmpty) return
    const batch = this.#filling
    this.#filling = this.#storing
    this.#storing = batch
    this.#begin(batch.blocks, () => batch.clear())
  }

  #giveTurn(bytes: number): Promise<void> | void {
    this.#takenBytes += bytes
    if (this.#storing.isEmpty || this.#takenBytes < turnBytes) return
    this.#takenBytes = 0
    return setImmediate()
  }

  async #putLarge(key: string, block: Block): Promise<void> {
    await this.#idle()
    this.#begin([{ key, multihash: block.multihash, cid: cidBytes(block), bytes: block.bytes }])
    await this.#idle()
  }

  #begin(pending: readonly PendingBlock[], onStored?: () => void): void {
    this.#tail = this.#blocks.store(pending).then(onStored, (error: unknown) => {
      this.#fault ??= { error }
    })
  }

  /** Resolves when nothing is being stored; whoever goes on then is the only one. */
  async #idle(): Promise<void> {
    for (let tail: Promise<void> | undefined; tail !== this.#tail;) {
      tail = this.#tail
      await tail
    }
    this.#requireSound()
  }

  async #readOwn(
    key: string,
    sizeBytes: number,
    { multihash, withBytes }: { multihash: Uint8Array; withBytes: boolean },
  ): Promise<{ sizeBytes: number; bytes: Uint8Array | undefined } | undefined> {
    if (!withBytes) return { sizeBytes, bytes: undefined }
    const bytes = await readBlock(this.#services, multihash, () => this.#blocks.find(key, multihash), { isHot: false })
    return bytes === undefined ? undefined : { sizeBytes, bytes }
  }

  async #readAdopted(multihash: Uint8Array): Promise<Uint8Array | undefined> {
    const find = async () => (await findPlace(this.#services.db.read, { multihash }))[0]
    try {
      return await readBlock(this.#services, multihash, find, { isHot: false })
    } catch (error) {
      if (error instanceof BlockDamaged) return undefined
      throw error
    }
  }

  /** Blocks on their way into the store cannot be found yet. */
  async #settle(key: string): Promise<void> {
    if (this.#filling.has(key)) await this.#storeBatch()
    await this.#idle()
  }

  #requireSound(): void {
    if (this.#fault !== undefined) throw this.#fault.error
    if (this.#ended) throw new Error('This upload has ended')
  }
}
