import { deserialize, serialize } from 'node:v8'
import type { Database } from './interface.ts'
import type { Db } from './runner.ts'
import { withWrites } from './with-writes.ts'

/** Where the results of writes are kept, in these writes. */
export interface Journal {
  /** Results of the writes that were made before, by turn. */
  readonly made: ReadonlyMap<number, Uint8Array>
  /** Part of a write that is made now; throws to refuse it. */
  keep(tx: Db, turn: number, result: Uint8Array): Promise<void>
}

const plain = new WeakMap<Database, { readonly below: Database; readonly isResumed: boolean }>()

/**
 * A database whose nth write is made once, however often what makes it begins anew: it resolves with what it resolved
 * with then. Results are plain data.
 */
export function withJournal(db: Database, journal: Journal): Database {
  let turns = 0
  const write = async <T>(operation: (tx: Db) => Promise<T>): Promise<T> => {
    const turn = turns++
    const made = journal.made.get(turn)
    if (made !== undefined) return deserialize(made) as T // what the same operation resolved with
    return db.write(async (tx) => {
      const result = await operation(tx)
      await journal.keep(tx, turn, serialize(result))
      return result
    })
  }
  const journaled = withWrites(db, write)
  plain.set(journaled, { below: db, isResumed: journal.made.size > 0 })
  return journaled
}

/** The database below a journal: for writes that may be made again, such as those that store blocks. */
export function withoutJournal(db: Database): Database {
  return plain.get(db)?.below ?? db
}

/** Whether writes are made once here: then what makes them must make the same ones when it begins anew. */
export function isJournaled(db: Database): boolean {
  return plain.has(db)
}

/** Whether some of the writes were made before: what is read beforehand may show what they did. */
export function isResumed(db: Database): boolean {
  return plain.get(db)?.isResumed ?? false
}
