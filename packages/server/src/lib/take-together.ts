/** One take that waits. */
interface Waiting<Use> {
  readonly use: Use
  readonly taken: PromiseWithResolvers<boolean>
}

/**
 * Takes of things that there are only so many of, each durable before it is given. What comes for one thing while a write
 * for it is under way shares the next: a thousand at once are two writes, and none of them waits for a connection of its
 * own.
 */
export class TakeTogether<Thing extends { readonly id: string }, Use> {
  /** Takes `uses` of a thing in one step, as many as there are. How many there were: who came first is served first. */
  readonly #write: (thing: Thing, uses: readonly Use[]) => Promise<number>
  /** What waits for a write, by the thing it is for, of things with one under way. */
  readonly #waiting = new Map<string, Waiting<Use>[]>()

  constructor(write: (thing: Thing, uses: readonly Use[]) => Promise<number>) {
    this.#write = write
  }

  /** Takes one. False when none is left. Throws what the write throws; nothing was given then. */
  take(thing: Thing, use: Use): Promise<boolean> {
    const taken = Promise.withResolvers<boolean>()
    const waiting = this.#waiting.get(thing.id)
    if (waiting !== undefined) waiting.push({ use, taken })
    else void this.#writeAll(thing, [{ use, taken }])
    return taken.promise
  }

  async #writeAll(thing: Thing, first: Waiting<Use>[]): Promise<void> {
    const waiting: Waiting<Use>[] = []
    this.#waiting.set(thing.id, waiting)
    for (let batch = first; batch.length > 0; batch = waiting.splice(0)) await this.#writeBatch(thing, batch)
    this.#waiting.delete(thing.id)
  }

  async #writeBatch(thing: Thing, batch: readonly Waiting<Use>[]): Promise<void> {
    try {
      const uses = batch.map(({ use }) => use)
      const count = await this.#write(thing, uses)
      for (const [i, { taken }] of batch.entries()) taken.resolve(i < count)
    } catch (error) {
      for (const { taken } of batch) taken.reject(error)
    }
  }
}
