import { describe, expect, it } from 'vitest'
import type { Database, Db } from './database.ts'
import { GatheredWrites } from './gathered-writes.ts'
import { countAccounts, insertAccount, newId } from './suite-rows.ts'

/** What writes of several items promise. `openNew` opens an empty database. */
export function gatheredWritesSuite(openNew: () => Promise<Database>): void {
  describe('gathered writes', () => {
    const openGathered = async () => {
      const db = await openNew()
      const sizes: number[] = []
      const run = async (tx: Db, ids: readonly string[]) => {
        sizes.push(ids.length)
        const outcomes: (string | Error)[] = []
        for (const id of ids) {
          if (id === 'refused') outcomes.push(new Error('this one alone'))
          else outcomes.push(await insertAccount(tx, 'gathered', id))
        }
        return outcomes
      }
      return { db, sizes, gathered: new GatheredWrites<string, string>(db, run) }
    }

    it('are one operation for what waits at the same time', async () => {
      const { db, sizes, gathered } = await openGathered()
      const ids = Array.from({ length: 150 }, () => newId())
      expect(await Promise.all(ids.map((id) => gathered.write(id)))).toEqual(ids)
      // On PostgreSQL they are under way at the same time, and end in any order.
      expect(sizes.toSorted((a, b) => b - a)).toEqual([64, 64, 22])
      expect(await countAccounts(db.read)).toBe(150)
      // And the next come by themselves again.
      await gathered.write(newId())
      expect(sizes.at(-1)).toBe(1)
    })

    it('refuse one item and keep the others', async () => {
      const { db, sizes, gathered } = await openGathered()
      const writes = [newId(), 'refused', newId()].map((id) => gathered.write(id))
      const results = await Promise.allSettled(writes)
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(results[1]).toMatchObject({ reason: new Error('this one alone') })
      expect(sizes).toEqual([3])
      expect(await countAccounts(db.read)).toBe(2)
    })

    it('that fail together are tried one by one, so that none fails for another', async () => {
      const { db, gathered } = await openGathered()
      const taken = await db.write((tx) => insertAccount(tx))
      const results = await Promise.allSettled([newId(), taken, newId()].map((id) => gathered.write(id)))
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await countAccounts(db.read)).toBe(3)
    })

    it('that cannot be written at all fail each with the reason', async () => {
      const write = () => Promise.reject(new Error('closed'))
      const gathered = new GatheredWrites<string, string>({ write }, async () => [])
      const results = await Promise.allSettled(['a', 'b', 'c'].map((id) => gathered.write(id)))
      for (const result of results) expect(result).toMatchObject({ reason: new Error('closed') })
    })
  })
}
