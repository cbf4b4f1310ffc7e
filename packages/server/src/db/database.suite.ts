import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { openDatabase } from './database.ts'
import type { Database, DatabaseConfig, Db } from './database.ts'
import { gatheredWritesSuite } from './gathered-writes.suite.ts'
import { forUpdate } from './for-update.ts'
import { migrations } from './migrations/index.ts'
import { statement } from './statement.ts'
import type { Placeholder } from './statement.ts'
import { countAccounts, insertAccount, insertUser } from './suite-rows.ts'
import { statementSuite } from './statement.suite.ts'
import { tablesSuite } from './tables.suite.ts'

const clock = { now: () => 1_000 }
const newest = migrations.at(-1)?.version

/** What every database promises, whichever it is. `place` makes an empty one. */
export function databaseSuite(place: () => Promise<DatabaseConfig>): void {
  const opened: Database[] = []
  const open = async (config: DatabaseConfig, options: { readOnly?: boolean } = {}) => {
    const db = await openDatabase(config, { clock, ...options })
    opened.push(db)
    return db
  }
  const openNew = async () => open(await place())
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((db) => db.close()))
  })

  describe('a write', () => {
    it('gives its result, and is seen by reads when it has', async () => {
      const db = await openNew()
      const id = await db.write((tx) => insertAccount(tx))
      expect(await db.read.selectFrom('accounts').select('id').execute()).toMatchObject([{ id }])
    })

    it('is not seen before it is durable', async () => {
      const db = await openNew()
      await db.write(async (tx) => {
        await insertAccount(tx)
        expect(await countAccounts(tx)).toBe(1)
        expect(await countAccounts(db.read)).toBe(0)
      })
      expect(await countAccounts(db.read)).toBe(1)
    })

    it('that throws is undone alone', async () => {
      const db = await openNew()
      const writes = Array.from({ length: 60 }, (_, i) =>
        db.write(async (tx) => {
          await insertAccount(tx, `account ${i}`)
          if (i % 3 === 0) throw new Error(`no ${i}`)
          return i
        }),
      )
      const results = await Promise.allSettled(writes)
      for (const [i, result] of results.entries()) {
        if (i % 3 === 0) expect(result).toMatchObject({ status: 'rejected', reason: new Error(`no ${i}`) })
        else expect(result).toEqual({ status: 'fulfilled', value: i })
      }
      expect(await countAccounts(db.read)).toBe(40)
    })

    it('that goes on after one of its statements failed is undone', async () => {
      const db = await openNew()
      const id = await db.write((tx) => insertAccount(tx))
      const write = db.write(async (tx) => {
        await expect(insertAccount(tx, 'again', id)).rejects.toThrow()
        await insertAccount(tx).catch(() => {})
      })
      await expect(write).rejects.toThrow('went on')
      expect(await countAccounts(db.read)).toBe(1)
    })

    it('refuses statements that come after its end', async () => {
      const db = await openNew()
      let leaked: Db | undefined
      await db.write(async (tx) => {
        leaked = tx
      })
      const late = async () => (leaked === undefined ? undefined : await insertAccount(leaked))
      await expect(late()).rejects.toThrow('after the end')
      expect(await countAccounts(db.read)).toBe(0)
    })

    it('is the only way to change anything', async () => {
      const db = await openNew()
      await expect(insertAccount(db.read)).rejects.toThrow()
      await expect(db.read.transaction().execute((tx) => insertAccount(tx))).rejects.toThrow('db.write')
      expect(await countAccounts(db.read)).toBe(0)
    })

    it('waits for its turn when the database closes, later ones are refused', async () => {
      const config = await place()
      const db = await open(config)
      const waiting = Array.from({ length: 20 }, () => db.write((tx) => insertAccount(tx)))
      const closing = db.close()
      await expect(db.write((tx) => insertAccount(tx))).rejects.toMatchObject({ code: 'unavailable' })
      await Promise.all(waiting)
      await closing
      opened.splice(opened.indexOf(db), 1)
      expect(await countAccounts((await open(config)).read)).toBe(20)
    })

    it('counts exactly when many change one row', async () => {
      const db = await openNew()
      const id = await db.write((tx) => insertAccount(tx))
      const increment = statement((tx, param: Placeholder<{ id: string }>) =>
        tx
          .updateTable('accounts')
          .set((eb) => ({ created_at: eb('created_at', '+', 1) }))
          .where('id', '=', param('id')),
      )
      await Promise.all(Array.from({ length: 100 }, () => db.write((tx) => increment.changes(tx, { id }))))
      const account = await db.read.selectFrom('accounts').select('created_at').executeTakeFirstOrThrow()
      expect(account.created_at).toBe(101)
    })

    it('decides on rows that nobody else changes meanwhile', async () => {
      const db = await openNew()
      const id = await db.write((tx) => insertAccount(tx))
      await Promise.all(
        Array.from({ length: 30 }, () =>
          db.write(async (tx) => {
            const query = tx.selectFrom('accounts').select('created_at').where('id', '=', id)
            const { created_at } = await query.$call(forUpdate(tx)).executeTakeFirstOrThrow()
            await tx
              .updateTable('accounts')
              .set({ created_at: created_at + 1 })
              .where('id', '=', id)
              .execute()
          }),
        ),
      )
      const account = await db.read.selectFrom('accounts').select('created_at').executeTakeFirstOrThrow()
      expect(account.created_at).toBe(31)
    })

    it('finds the row that another one inserted first', async () => {
      const db = await openNew()
      const ids = await Promise.all(
        Array.from({ length: 20 }, () =>
          db.write(async (tx) => {
            const found = await tx.selectFrom('users').select('id').where('email_folded', '=', 'a@b').executeTakeFirst()
            return found?.id ?? (await insertUser(tx, 'a@b'))
          }),
        ),
      )
      expect(new Set(ids).size).toBe(1)
    })
  })

  tablesSuite(openNew)
  statementSuite(openNew)
  gatheredWritesSuite(openNew)

  describe('the schema', () => {
    it('is made once when several processes start together, and kept', async () => {
      const config = await place()
      const together = await Promise.all([open(config), open(config), open(config)])
      await Promise.all(together.map((db) => db.write((tx) => insertAccount(tx))))
      const again = await open(config)
      expect(await countAccounts(again.read)).toBe(3)
      const { rows } = await sql`select version from schema_version`.execute(again.read)
      expect(rows).toMatchObject(migrations.map(({ version }) => ({ version })))
    })

    it('of a newer program is refused, in words that name both versions', async () => {
      const config = await place()
      const db = await open(config)
      await db.write((tx) => sql`insert into schema_version values (99, 'later', 1)`.execute(tx))
      await expect(open(config)).rejects.toThrow(new RegExp(`version 99.*up to ${newest}`))
      await expect(open(config, { readOnly: true })).rejects.toThrow(/version 99/)
    })

    it('is not touched by a process that only reads', async () => {
      const config = await place()
      const db = await open(config)
      const reader = await open(config, { readOnly: true })
      await db.write((tx) => insertAccount(tx))
      expect(await countAccounts(reader.read)).toBe(1)
      await expect(reader.write((tx) => insertAccount(tx))).rejects.toThrow('only reads')
      await expect(insertAccount(reader.read)).rejects.toThrow()
      await db.write((tx) => sql`delete from schema_version`.execute(tx))
      await expect(open(config, { readOnly: true })).rejects.toThrow(new RegExp(`version 0.*needs ${newest}`))
    })
  })
}
