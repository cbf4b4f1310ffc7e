import type { Database } from './interface.ts'
import type { Db } from './runner.ts'

/**
 * Hands `items` to `operation` in slices of at most `size`, each in a write of its own, so that a large ledger holds
 * neither the event loop nor the write queue. Stops between slices when `signal` says so, with its reason; what was
 * written stays.
 */
export async function writeInSlices<Item>(
  db: Database,
  items: Iterable<Item> | AsyncIterable<Item>,
  size: number,
  operation: (tx: Db, slice: readonly Item[]) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let slice: Item[] = []
  const flush = async () => {
    signal?.throwIfAborted()
    const full = slice
    slice = []
    await db.write((tx) => operation(tx, full))
  }
  for await (const item of items) {
    slice.push(item)
    if (slice.length >= size) await flush()
  }
  if (slice.length > 0) await flush()
}

/**
 * Repeats `operation`, which changes a bounded number of rows and says how many, until there are none left. Stops
 * between repetitions when `signal` says so, with its reason. Resolves with the number of rows.
 */
export async function writeUntilNone(
  db: Database,
  operation: (tx: Db) => Promise<number>,
  signal?: AbortSignal,
): Promise<number> {
  for (let total = 0; ;) {
    signal?.throwIfAborted()
    const changed = await db.write(operation)
    if (changed === 0) return total
    total += changed
  }
}
