import type { Database } from '../db/database.ts'
import { UntilCommit } from '../db/until-commit.ts'
import type { OwnRecords } from '../ipfs/names/names.ts'
import { findPublished } from './queries.ts'

/**
 * Records that accounts of this installation publish, for its own gateway: what this process publishes holds for the
 * next request, what others publish within a second. Removed names, and those of disabled accounts, are not among them.
 */
export class PublishedNames implements OwnRecords {
  readonly #db: Pick<Database, 'read'>
  readonly #records: UntilCommit<{ readonly record: Uint8Array | undefined }>

  constructor(db: Pick<Database, 'read' | 'commits'>) {
    this.#db = db
    this.#records = new UntilCommit(db, 10_000)
  }

  async find(name: string): Promise<Uint8Array | undefined> {
    const { record } = await this.#records.get(name, async () => ({ record: await findPublished(this.#db.read, name) }))
    return record
  }
}
