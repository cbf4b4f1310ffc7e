import { type AuditLine, recordAudit } from '../accounts/audit.ts'
import type { Database } from '../db/database.ts'
import { insertLinks, type LinkRow } from './queries.ts'

/** A link that waits to be written. */
interface Waiting {
  readonly row: LinkRow
  readonly line: AuditLine | undefined
  readonly written: PromiseWithResolvers<void>
}

/** Links of one write at most. */
const maxLinks = 256

/**
 * Writes new links, each durable before it is given out. What comes while a write is under way shares the next: programs
 * sign thousands a second, and each by itself would be a transaction.
 */
export class LinkBatch {
  readonly #db: Pick<Database, 'write'>
  #waiting: Waiting[] = []
  #isWriting = false

  constructor(db: Pick<Database, 'write'>) {
    this.#db = db
  }

  /** Resolves when the link, and the line of the audit log if there is one, is durable. Throws what the database throws. */
  add(row: LinkRow, line: AuditLine | undefined): Promise<void> {
    const written = Promise.withResolvers<void>()
    this.#waiting.push({ row, line, written })
    if (!this.#isWriting) void this.#writeAll()
    return written.promise
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true
    while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0, maxLinks))
    this.#isWriting = false
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#db.write(async (tx) => {
        await insertLinks(
          tx,
          batch.map(({ row }) => row),
        )
        for (const { line } of batch) if (line !== undefined) await recordAudit(tx, line)
      })
      for (const { written } of batch) written.resolve()
    } catch (error) {
      for (const { written } of batch) written.reject(error)
    }
  }
}
