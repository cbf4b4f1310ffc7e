import { LRUCache } from 'lru-cache'
import type { PackLocation } from '../blobs/blob-store.ts'
import type { Database } from '../db/database.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { findPublicBlock } from './block-queries.ts'

/** What another process unpins is seen here no later than this after it was last found public. */
const freshMs = 900
/** Entries take some 300 bytes each. */
const maxPlaces = 100_000

interface Place {
  readonly location: PackLocation
  /** When it was asked for, and how much this process had written then. */
  readonly at: number
  readonly commits: number
}

/**
 * Blocks that were found public a moment ago, and where they lie. A finding holds until this process commits anything,
 * so what it unpins is absent for its next request, and for less than a second otherwise. That a block is not public is
 * never remembered.
 */
export class PublicPlaces {
  readonly #db: Pick<Database, 'read' | 'commits'>
  readonly #places = new LRUCache<string, Place>({ max: maxPlaces })

  constructor(db: Pick<Database, 'read' | 'commits'>) {
    this.#db = db
  }

  /** Where a block lies, when it was found public just now. Undefined says nothing. */
  peek(multihash: Uint8Array): PackLocation | undefined {
    const place = this.#places.get(multihashKey(multihash))
    if (place === undefined || place.commits !== this.#db.commits) return undefined
    return performance.now() - place.at < freshMs ? place.location : undefined
  }

  /** Where a block lies, asked of the database; undefined when no public pin names it. */
  async find(multihash: Uint8Array): Promise<PackLocation | undefined> {
    // Before the question: a write that it did not see yet comes after.
    const at = performance.now()
    const { commits } = this.#db
    const [location] = await findPublicBlock(this.#db.read, { multihash })
    if (location === undefined) this.#places.delete(multihashKey(multihash))
    else this.#places.set(multihashKey(multihash), { location, at, commits })
    return location
  }
}
