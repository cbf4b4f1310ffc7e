import type { Database } from '../db/database.ts'
import { withWrites } from '../db/with-writes.ts'
import type { AuditRow } from './audit-chain-queries.ts'
import { linesOf } from './audit.ts'

/** Lines that are remembered at most: while sealing fails for long. */
const maxLines = 10_000

/**
 * What this process wrote into the audit log and has not seen in its chain yet, in memory: a line that somebody takes out
 * of the database before it is sealed is sealed all the same, so that its absence shows.
 */
export class AuditWitness {
  readonly #lines = new Map<string, AuditRow>()

  /** A database whose writes are remembered here, once they are durable, as far as they are lines of the log. */
  ofDatabase(db: Database): Database {
    return withWrites(db, async (operation) => {
      let written: readonly AuditRow[] | undefined
      const value = await db.write(async (tx) => {
        const result = await operation(tx)
        written = linesOf(tx)
        return result
      })
      if (written !== undefined) this.#remember(written)
      return value
    })
  }

  /** The line as it was written; undefined when it was written elsewhere. */
  find(id: string): AuditRow | undefined {
    return this.#lines.get(id)
  }

  /** All that is remembered, oldest first. */
  lines(): AuditRow[] {
    return [...this.#lines.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** They are in the chain. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.#lines.delete(id)
  }

  #remember(lines: readonly AuditRow[]): void {
    for (const line of lines) this.#lines.set(line.id, line)
    for (const id of this.#lines.keys()) {
      if (this.#lines.size <= maxLines) break
      this.#lines.delete(id)
    }
  }
}
