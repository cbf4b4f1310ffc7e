import type { Database, Db } from '../db/database.ts'
import { withWrites } from '../db/with-writes.ts'

/** Writes under way in which the last holder of a pin left. */
const ending = new WeakSet<Db>()

/** Part of the caller's write: a pin has no holder any more. */
export function notePinEnd(tx: Db): void {
  ending.add(tx)
}

/** Tells whoever gives space back that pins ended in this process. What others end it has to look for. */
export class PinEnds {
  #listener: () => void = () => undefined

  /** A database whose writes are told of here, once they are durable, when a pin ended in them. */
  ofDatabase(db: Database): Database {
    return withWrites(db, async (operation) => {
      let ended = false
      const value = await db.write(async (tx) => {
        const result = await operation(tx)
        ended = ending.has(tx)
        return result
      })
      if (ended) this.#listener()
      return value
    })
  }

  /** Has `listener` called after each such write, in place of the one before. */
  onEnd(listener: () => void): void {
    this.#listener = listener
  }
}
