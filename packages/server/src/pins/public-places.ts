import type { PackLocation } from '../blobs/blob-store.ts'
import type { Database } from '../db/database.ts'
import { UntilCommit } from '../db/until-commit.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { findPublicBlock } from './block-queries.ts'

/** Entries take some 300 bytes each. */
const maxPlaces = 100_000

/**
 * Blocks that were found public a moment ago, and where they lie. What this process unpins is absent for its next
 * request, what others unpin within a second. That a block is not public is never remembered.
 */
export class PublicPlaces {
  readonly #db: Pick<Database, 'read' | 'commits'>
  readonly #places: UntilCommit<PackLocation>

  constructor(db: Pick<Database, 'read' | 'commits'>) {
    this.#db = db
    this.#places = new UntilCommit(db, maxPlaces)
  }

  /** Where a block lies, when it was found public just now. Undefined says nothing. */
  peek(multihash: Uint8Array): PackLocation | undefined {
    return this.#places.peek(multihashKey(multihash))
  }

  /** Where a block lies, asked of the database; undefined when no public pin names it. */
  async find(multihash: Uint8Array): Promise<PackLocation | undefined> {
    const asked = this.#places.asking()
    const [location] = await findPublicBlock(this.#db.read, { multihash })
    if (location === undefined) this.#places.delete(multihashKey(multihash))
    else this.#places.keep(multihashKey(multihash), location, asked)
    return location
  }
}
