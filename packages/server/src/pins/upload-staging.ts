import type { Db } from '../db/database.ts'
import type { Services } from '../services.ts'
import { findBlockOfPin, lockBlocks, type StoredBlock } from './block-queries.ts'
import { insertPin, markReleasing } from './queries.ts'
import { insertPinBlocks } from './ledger-queries.ts'
import { stagingRow } from './staging.ts'
import { insertWritten, type WrittenBlock } from './written-blocks.ts'

type StagingServices = Pick<Services, 'db' | 'packs' | 'clock' | 'newId'>

interface StagingOptions {
  readonly network: number
  /** A staging of an earlier writer that is gone on with. */
  readonly before: { readonly pinId: string; readonly numberOfBlocks: number } | undefined
  /** Part of the write that makes the row. */
  readonly onRow: ((tx: Db, pinId: string) => Promise<void>) | undefined
}

/** The staging of one upload: it names blocks before they are published, and so protects them in every process. */
export class UploadStaging {
  readonly pinId: string
  /** Blocks that it names. */
  numberOfBlocks: number
  readonly #services: StagingServices
  readonly #network: number
  readonly #onRow: StagingOptions['onRow']
  /** The row is made by the first write, and not again: whoever took it away took its blocks, too. */
  #hasRow: boolean

  constructor(services: StagingServices, { network, before, onRow }: StagingOptions) {
    this.pinId = before?.pinId ?? services.newId()
    this.numberOfBlocks = before?.numberOfBlocks ?? 0
    this.#services = services
    this.#network = network
    this.#onRow = onRow
    this.#hasRow = before !== undefined
  }

  /** Names blocks that are stored, by their keys. Gives the ids of those that still were. */
  async nameStored(keys: readonly string[]): Promise<ReadonlySet<number>> {
    const multihashes = keys.map((key) => Buffer.from(key, 'latin1'))
    return this.#write(async (tx) => {
      const ids = new Set((await lockBlocks(tx, multihashes)).map(({ id }) => id))
      const added = await insertPinBlocks(tx, { pinId: this.pinId, network: this.#network, blockIds: [...ids] })
      return { added, result: ids }
    })
  }

  /** Names blocks of the upload, whose bytes are on stable storage. */
  async nameWritten(blocks: ReadonlyMap<string, WrittenBlock>, alongside?: (tx: Db) => Promise<void>): Promise<void> {
    const { writerId } = this.#services.packs
    const at = this.#services.clock.now()
    await this.#write(async (tx) => {
      const added = await insertWritten(tx, { blocks, writerId, pinId: this.pinId, network: this.#network, at })
      await alongside?.(tx)
      return { added, result: undefined }
    })
  }

  /** Where a block that it names lies. */
  async find(multihash: Uint8Array): Promise<StoredBlock | undefined> {
    const { pinId } = this
    const [block] = await findBlockOfPin(this.#services.db.read, { multihash, pinId, network: this.#network })
    return block
  }

  /** What it names may be collected, unless it was published. Never throws: the next sweep would notice it, too. */
  async giveUp(): Promise<void> {
    if (this.#hasRow) await this.#services.db.write((tx) => markReleasing(tx, this.pinId)).catch(() => undefined)
  }

  async #write<T>(name: (tx: Db) => Promise<{ added: number; result: T }>): Promise<T> {
    const { db, packs, clock } = this.#services
    const { added, result } = await db.write(async (tx) => {
      const row = stagingRow({ id: this.pinId, at: clock.now(), writerId: packs.writerId })
      if (!this.#hasRow) {
        await insertPin(tx, row)
        await this.#onRow?.(tx, this.pinId)
      }
      return name(tx)
    })
    this.#hasRow = true
    this.numberOfBlocks += added
    return result
  }
}
