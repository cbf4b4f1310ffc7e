import type { Reach } from '../caller.ts'
import type { PackLocation } from '../blobs/blob-store.ts'
import type { Db } from '../db/database.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import type { MultihashTable } from '../ipfs/multihash-table.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import type { PendingBlock } from './block-batch.ts'
import { findBlocks, findPlace, type StoredBlock } from './block-queries.ts'
import type { UploadHolds } from './blocks-in-flight.ts'
import type { ReadServices } from './read-verified.ts'
import { keepReached } from './staging.ts'
import { UploadStaging } from './upload-staging.ts'
import { findVisibleTo } from './visible-to.ts'
import type { WrittenBlock } from './written-blocks.ts'

/** What writing the blocks of an upload needs. */
export type WriteServices = ReadServices & Pick<Services, 'db' | 'packs' | 'blocksInFlight' | 'clock' | 'newId'>

interface UploadBlocksOptions {
  readonly accountId: string
  /** What of the account's pins counts as here; left out: all of them. */
  readonly reach: Reach | undefined
  /** The network of the staging. */
  readonly network: number
  /** Blocks remembered in memory; beyond, they are named by a staging in the database. */
  readonly maxBlocks: number
  /** A staging of an earlier writer, which is gone on with. */
  readonly before: { readonly pinId: string; readonly numberOfBlocks: number } | undefined
  /** Part of the write that makes the staging's row. */
  readonly onStaging: ((tx: Db, pinId: string) => Promise<void>) | undefined
}

/** Reached blocks that are looked up before they are relied on together. */
const reachedBlocks = 256

/**
 * The blocks of one upload that are in the store: which they are, whether its own are on stable storage, and the
 * staging that names those which memory has no room for. One call at a time, but for `find` and `findVisible`.
 */
export class UploadBlocks {
  /** Stored, and not named by the staging. */
  readonly written = new Map<string, WrittenBlock>()
  readonly #services: WriteServices
  readonly #holds: UploadHolds
  readonly #options: UploadBlocksOptions
  /** Packs with bytes of ours that are perhaps not on stable storage. */
  readonly #unsynced = new Set<string>()
  #staging: UploadStaging | undefined

  constructor(services: WriteServices, holds: UploadHolds, options: UploadBlocksOptions) {
    this.#services = services
    this.#holds = holds
    this.#options = options
    if (options.before !== undefined) this.#stage()
  }

  /** The staging, once there is one. */
  get staging(): UploadStaging | undefined {
    return this.#staging
  }

  /** Looks which blocks are stored already, appends the others, and remembers where all of them are. */
  async store(pending: readonly PendingBlock[]): Promise<void> {
    const { db, packs, verifiedBlocks } = this.#services
    const held = pending.filter(({ key }) => this.#holds.hold(key))
    const found = await findBlocks(
      db.read,
      held.map(({ multihash }) => multihash),
    )
    const sound = new Map<string, { readonly id: number; readonly length: number }>()
    const damaged = new Set<string>()
    for (const block of found) {
      const key = multihashKey(block.multihash)
      if (verifiedBlocks.isDamaged(block)) damaged.add(key)
      else sound.set(key, block)
    }
    const stored = await this.#relyOn(sound)
    this.#holds.drop(held.map(({ key }) => key).filter((key) => !stored.has(key)))
    const missing: PendingBlock[] = []
    for (const block of pending) {
      const known = stored.get(block.key)
      if (known === undefined) missing.push(block)
      else this.written.set(block.key, known)
    }
    const locations = missing.length === 0 ? [] : await this.#holds.append(packs, missing)
    for (const [i, location] of locations.entries()) {
      const { key } = missing[i]! // one location for each block
      this.#unsynced.add(location.pack)
      const { length } = location
      this.written.set(key, damaged.has(key) ? { location, length, replacesDamaged: true } : { location, length })
    }
    await this.#spillWhenFull()
  }

  /** Has the database remember what was stored, under a staging that protects it and shows it to nobody. */
  async spill(alongside?: (tx: Db) => Promise<void>): Promise<void> {
    await this.sync()
    // Blocks may be adopted while this is written; they stay for the next time.
    const blocks = new Map(this.written)
    await this.#stage().nameWritten(blocks, alongside)
    this.#holds.drop(blocks.keys())
    this.#holds.dropPacks()
    for (const key of blocks.keys()) this.written.delete(key)
  }

  /** Brings what was appended to stable storage. */
  async sync(): Promise<void> {
    if (this.#unsynced.size === 0) return
    await this.#services.packs.sync(this.#unsynced)
    this.#unsynced.clear()
  }

  /** Makes just these blocks the upload's. Throws `incomplete_dag` when one is neither its own nor visible to it. */
  async keepReached(reached: MultihashTable): Promise<void> {
    for (const [key, block] of this.written) {
      if (reached.has(Buffer.from(key, 'latin1'))) continue
      this.written.delete(key)
      if ('location' in block) this.#holds.leave(block.location)
    }
    if (this.#staging !== undefined) {
      this.#staging.numberOfBlocks -= await keepReached(this.#services, { pinId: this.#staging.pinId, reached })
    }
    const unnamed = [...this.written.values()].filter((block) => 'location' in block || !block.isNamed)
    if (unnamed.length + (this.#staging?.numberOfBlocks ?? 0) === reached.size) return
    let found = new Map<string, StoredBlock>()
    for (const multihash of reached) {
      const block = await this.#findReached(multihash)
      if (block !== undefined) found.set(multihashKey(multihash), block)
      if (found.size < reachedBlocks) continue
      await this.#addReached(found)
      found = new Map()
    }
    await this.#addReached(found)
  }

  /** Where a block lies that is the upload's or that it may see. */
  async find(key: string, multihash: Uint8Array): Promise<PackLocation | undefined> {
    const { db } = this.#services
    const block = this.written.get(key)
    if (block !== undefined) return 'location' in block ? block.location : (await findPlace(db.read, { multihash }))[0]
    return (await this.#staging?.find(multihash)) ?? (await this.findVisible(multihash))
  }

  /** A block of a public pin, or of a pin of the account within the reach. */
  findVisible(multihash: Uint8Array): Promise<StoredBlock | undefined> {
    const { accountId, reach } = this.#options
    return findVisibleTo(this.#services.db.read, { accountId, reach, multihash })
  }

  /**
   * Which of these stored blocks this upload may refer to. In this process its holds keep them. Where others may take
   * them away the database does, by the staging: those that are gone already are written anew.
   */
  async #relyOn(
    found: ReadonlyMap<string, { readonly id: number; readonly length: number }>,
  ): Promise<Map<string, WrittenBlock>> {
    const { db } = this.#services
    const isShared = db.dialect === 'postgres' && found.size > 0
    const named = isShared ? await this.#stage().nameStored([...found.keys()]) : undefined
    const stored = new Map<string, WrittenBlock>()
    for (const [key, { id, length }] of found) {
      if (named === undefined) stored.set(key, { blockId: id, length })
      else if (named.has(id)) stored.set(key, { blockId: id, length, isNamed: true })
    }
    return stored
  }

  /** The staging of this upload, held from now on. */
  #stage(): UploadStaging {
    const { network, before, onStaging: onRow } = this.#options
    this.#staging ??= new UploadStaging(this.#services, { network, before, onRow })
    this.#holds.holdStaging(this.#staging.pinId)
    return this.#staging
  }

  async #spillWhenFull(): Promise<void> {
    if (this.written.size >= this.#options.maxBlocks) await this.spill()
  }

  /** A block of the pin that was not given, or was forgotten; undefined for those that are named already. */
  async #findReached(multihash: Uint8Array): Promise<StoredBlock | undefined> {
    const key = multihashKey(multihash)
    if (this.written.has(key) || (await this.#staging?.find(multihash)) !== undefined) return undefined
    const block = this.#holds.hold(key) ? await this.findVisible(multihash) : undefined
    if (block === undefined) throw removedMeanwhile()
    return block
  }

  async #addReached(found: ReadonlyMap<string, StoredBlock>): Promise<void> {
    const stored = await this.#relyOn(found)
    if (stored.size < found.size) throw removedMeanwhile()
    for (const [key, block] of stored) this.written.set(key, block)
    await this.#spillWhenFull()
  }
}

function removedMeanwhile(): AppError {
  return new AppError('incomplete_dag', 'A block of this content was removed while it was received; send it again')
}
