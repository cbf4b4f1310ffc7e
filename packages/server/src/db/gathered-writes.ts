import type { Database } from './interface.ts'
import type { Db } from './runner.ts'

/** Items of one write at most: together they hold the event loop for a few milliseconds. */
const maxItems = 64

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Writes items that wait at the same time in one operation, for what comes often and costs less together. `run` gives
 * for each item, in order, what became of it, or the error that it alone is refused with. What `run` throws undoes all of
 * them: then each is tried by itself, so that none fails for another's sake.
 */
export class GatheredWrites<Item, Result> {
  readonly #db: Pick<Database, 'write'>
  readonly #run: (tx: Db, items: readonly Item[]) => Promise<(Result | Error)[]>
  /** Those of the operation that has not begun yet. */
  #gathering: Waiting<Item, Result>[] | undefined

  constructor(db: Pick<Database, 'write'>, run: (tx: Db, items: readonly Item[]) => Promise<(Result | Error)[]>) {
    this.#db = db
    this.#run = run
  }

  /** Resolves with what became of the item once that is durable. */
  write(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const waiting = this.#gathering ?? []
      waiting.push({ item, resolve, reject })
      if (this.#gathering === undefined) {
        this.#gathering = waiting
        void this.#write(waiting)
      }
      if (waiting.length >= maxItems) this.#end(waiting)
    })
  }

  async #write(waiting: Waiting<Item, Result>[]): Promise<void> {
    try {
      const outcomes = await this.#db.write((tx) => {
        // Who comes later is of the next operation; when this one is run again it is the same.
        this.#end(waiting)
        return this.#run(
          tx,
          waiting.map(({ item }) => item),
        )
      })
      for (const [i, outcome] of outcomes.entries()) settle(waiting[i], outcome)
    } catch (error) {
      this.#end(waiting)
      const [only, ...others] = waiting
      if (others.length === 0) only?.reject(error)
      else for (const one of waiting) void this.#write([one])
    }
  }

  #end(waiting: Waiting<Item, Result>[]): void {
    if (this.#gathering === waiting) this.#gathering = undefined
  }
}

/** One for each database, made when it is asked for first. */
export function gatheredOn<Item, Result>(
  run: (tx: Db, items: readonly Item[]) => Promise<(Result | Error)[]>,
): (db: Database) => GatheredWrites<Item, Result> {
  const made = new WeakMap<Database, GatheredWrites<Item, Result>>()
  return (db) => {
    let gathered = made.get(db)
    if (gathered === undefined) made.set(db, (gathered = new GatheredWrites(db, run)))
    return gathered
  }
}

function settle<Item, Result>(waiting: Waiting<Item, Result> | undefined, outcome: Result | Error): void {
  if (outcome instanceof Error) waiting?.reject(outcome)
  else waiting?.resolve(outcome)
}
