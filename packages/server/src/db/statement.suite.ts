import { describe, expect, it } from 'vitest'
import type { Database } from './database.ts'
import { insertMany } from './insert-many.ts'
import { writeInSlices, writeUntilNone } from './slices.ts'
import { statement } from './statement.ts'
import type { Placeholder } from './statement.ts'
import { insertAccount } from './suite-rows.ts'

/** What compiled statements promise. `openNew` opens an empty database. */
export function statementSuite(openNew: () => Promise<Database>): void {
  describe('statements', () => {
    it('bind their values anew each time, in reads and writes', async () => {
      const db = await openNew()
      const find = statement((tx, param: Placeholder<{ name: string; limit: number }>) =>
        tx
          .selectFrom('accounts')
          .select(['id', 'name'])
          .where('name', '=', param('name'))
          .where('email', '=', 'e')
          .limit(param('limit')),
      )
      const [one, two] = await db.write(
        async (tx) => [await insertAccount(tx, 'one'), await insertAccount(tx, 'two')] as const,
      )
      expect(await find(db.read, { name: 'one', limit: 5 })).toMatchObject([{ id: one, name: 'one' }])
      expect(await find(db.read, { limit: 5, name: 'two' })).toMatchObject([{ id: two }])
      expect(await db.write((tx) => find(tx, { name: 'three', limit: 5 }))).toEqual([])
      expect(await find(db.read, { name: 'one', limit: 0 })).toEqual([])
    })

    it('say how many rows they changed', async () => {
      const db = await openNew()
      const rename = statement((tx, param: Placeholder<{ from: string; to: string }>) =>
        tx
          .updateTable('accounts')
          .set({ name: param('to') })
          .where('name', '=', param('from')),
      )
      await db.write(async (tx) => {
        for (let i = 0; i < 3; i++) await insertAccount(tx, 'old')
        expect(await rename.changes(tx, { from: 'old', to: 'new' })).toBe(3)
        expect(await rename.changes(tx, { from: 'old', to: 'new' })).toBe(0)
        const { numUpdatedRows } = await tx.updateTable('accounts').set({ name: 'newer' }).executeTakeFirstOrThrow()
        expect(Number(numUpdatedRows)).toBe(3)
        const returned = await tx.deleteFrom('accounts').returning('name').execute()
        expect(returned).toMatchObject([{ name: 'newer' }, { name: 'newer' }, { name: 'newer' }])
      })
    })

    it.each([0, 1, 2, 63, 64, 65, 300])('insert %d rows', async (count) => {
      const db = await openNew()
      const insertPacks = insertMany('packs', ['name', 'writer_id', 'created_at', 'emptied_at'], {
        returning: ['id', 'name'],
      })
      const rows = Array.from({ length: count }, (_, i) => ({
        name: `p${i}`,
        writer_id: 'w',
        created_at: i,
        emptied_at: null,
      }))
      const returned = await db.write((tx) => insertPacks(tx, rows))
      expect(new Set(returned.map(({ name }) => name)).size).toBe(count)
      const stored = await db.read.selectFrom('packs').select(['id', 'name']).execute()
      expect(new Map(stored.map(({ id, name }) => [name, id]))).toEqual(
        new Map(returned.map(({ id, name }) => [name, id])),
      )
    })

    it('leave out rows that are there when asked to', async () => {
      const db = await openNew()
      const columns = ['name', 'writer_id', 'created_at'] as const
      const insertNew = insertMany('packs', columns, { onConflict: 'nothing', returning: ['name'] })
      const row = (name: string) => ({ name, writer_id: 'w', created_at: 1 })
      await db.write((tx) => insertNew(tx, [row('a'), row('b')]))
      expect(await db.write((tx) => insertNew(tx, [row('b'), row('c'), row('a')]))).toMatchObject([{ name: 'c' }])
      expect(await db.read.selectFrom('packs').select('id').execute()).toHaveLength(3)
    })

    it('write long lists in slices', async () => {
      const db = await openNew()
      const insertPacks = insertMany('packs', ['name', 'writer_id', 'created_at'])
      const rows = Array.from({ length: 250 }, (_, i) => ({ name: `p${i}`, writer_id: 'w', created_at: 1 }))
      const sizes: number[] = []
      await writeInSlices(db, rows, 100, async (tx, slice) => {
        sizes.push(slice.length)
        await insertPacks(tx, slice)
      })
      expect(sizes).toEqual([100, 100, 50])
      const some = db.read.selectFrom('packs').select('id').limit(90)
      expect(
        await writeUntilNone(db, async (tx) => {
          const { numDeletedRows } = await tx
            .deleteFrom('packs')
            .where('id', 'in', (await some.execute()).map(({ id }) => id).concat(0))
            .executeTakeFirstOrThrow()
          return Number(numDeletedRows)
        }),
      ).toBe(250)
    })
  })
}
