import type { Db } from '../db/database.ts'
import type { PackLocation } from '../blobs/blob-store.ts'
import type { Services } from '../services.ts'
import { findBlockOfPin, lockBlocks } from './block-queries.ts'
import { insertPin, insertPinBlocks } from './queries.ts'
import { stagingRow } from './staging.ts'
import { insertWritten, type WrittenBlock } from './written-blocks.ts'

type StagingServices = Pick<Services, 'db' | 'packs' | 'clock' | 'newId'>

/** The staging of one upload: it names blocks before they are published, and so protects them in every process. */
export class UploadStaging {
  readonly pinId: string
  /** Blocks that it names. */
  numberOfBlocks = 0
  readonly #services: StagingServices
  readonly #network: number
  /** The row is made by the first write, and not again: whoever took it away took its blocks, too. */
  #hasRow = false

  constructor(services: StagingServices, network: number) {
    this.pinId = services.newId()
    this.#services = services
    this.#network = network
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
  async nameWritten(blocks: ReadonlyMap<string, WrittenBlock>): Promise<void> {
    const { writerId } = this.#services.packs
    const at = this.#services.clock.now()
    await this.#write(async (tx) => {
      const added = await insertWritten(tx, { blocks, writerId, pinId: this.pinId, network: this.#network, at })
      return { added, result: undefined }
    })
  }

  /** Where a block that it names lies. */
  async find(multihash: Uint8Array): Promise<PackLocation | undefined> {
    const { pinId } = this
    const [block] = await findBlockOfPin(this.#services.db.read, { multihash, pinId, network: this.#network })
    return block
  }

  async #write<T>(name: (tx: Db) => Promise<{ added: number; result: T }>): Promise<T> {
    const { db, packs, clock } = this.#services
    const { added, result } = await db.write(async (tx) => {
      const row = stagingRow({ id: this.pinId, at: clock.now(), writerId: packs.writerId })
      if (!this.#hasRow) await insertPin(tx, row)
      return name(tx)
    })
    this.#hasRow = true
    this.numberOfBlocks += added
    return result
  }
}
