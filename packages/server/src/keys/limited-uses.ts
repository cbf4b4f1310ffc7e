import type { Database } from '../db/database.ts'
import { takeUses, takeUsesOfTree, type TakeUses, type Use } from './queries.ts'

/** A request that waits for its use. */
interface Waiting {
  readonly use: Use
  readonly taken: PromiseWithResolvers<boolean>
}

/**
 * Uses of keys with max uses, each durable before it is given. What comes for one key while a write of it is under way
 * shares the next: a thousand requests at once are two writes, and none of them waits for a connection of its own.
 */
export class LimitedUses {
  readonly #db: Pick<Database, 'write'>
  /** Requests by the key they are for, of keys with a write under way. */
  readonly #waiting = new Map<string, Waiting[]>()

  constructor(db: Pick<Database, 'write'>) {
    this.#db = db
  }

  /** Takes one use. False when none is left. Throws what the database throws; no use was given then. */
  take(key: TakeUses, use: Use): Promise<boolean> {
    const taken = Promise.withResolvers<boolean>()
    const waiting = this.#waiting.get(key.id)
    if (waiting !== undefined) waiting.push({ use, taken })
    else void this.#write(key, [{ use, taken }])
    return taken.promise
  }

  async #write(key: TakeUses, first: Waiting[]): Promise<void> {
    const waiting: Waiting[] = []
    this.#waiting.set(key.id, waiting)
    for (let batch = first; batch.length > 0; batch = waiting.splice(0)) await this.#writeBatch(key, batch)
    this.#waiting.delete(key.id)
  }

  /** Who came first is served first. */
  async #writeBatch(key: TakeUses, batch: readonly Waiting[]): Promise<void> {
    const last = batch.at(-1)
    if (last === undefined) return
    try {
      const isAlone = key.limitedBy.length === 1 && key.limitedBy[0] === key.id
      const count = await this.#db.write((tx) =>
        isAlone ? takeUses(tx, key.id, batch.length, last.use) : takeUsesOfTree(tx, key, batch.length, last.use),
      )
      for (const [i, { taken }] of batch.entries()) taken.resolve(i < count)
    } catch (error) {
      for (const { taken } of batch) taken.reject(error)
    }
  }
}
