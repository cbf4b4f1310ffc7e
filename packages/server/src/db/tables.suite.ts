import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Database } from './database.ts'
import { nameContains, nameContainsByScan } from './name-search.ts'
import { insertAccount, insertAudit, insertBlock, insertFile, insertPin, insertUser } from './suite-rows.ts'
import { isForeignKeyViolation, isUniqueViolation } from './violations.ts'

/** What the tables promise: values, constraints, search by name. `openNew` opens an empty database. */
export function tablesSuite(openNew: () => Promise<Database>): void {
  describe('values', () => {
    it('come back as they went in', async () => {
      const db = await openNew()
      const multihash = Uint8Array.from({ length: 256 }, (_, i) => i)
      const text = `ä\u{10ffff}'"\\%_\u0001 ${'x'.repeat(100_000)}`
      await db.write(async (tx) => {
        await insertAccount(tx, text)
        await insertPin(tx, { multihash, size_bytes: Number.MAX_SAFE_INTEGER, codec: 2 ** 53 - 2 })
      })
      const account = await db.read.selectFrom('accounts').selectAll().executeTakeFirstOrThrow()
      expect(account.name).toBe(text)
      expect(account.quota_bytes).toBe(null)
      const pin = await db.read.selectFrom('pins').selectAll().executeTakeFirstOrThrow()
      expect(pin.multihash).toBeInstanceOf(Uint8Array)
      expect(Buffer.from(pin.multihash ?? [])).toEqual(Buffer.from(multihash))
      expect(pin.size_bytes).toBe(Number.MAX_SAFE_INTEGER)
      expect(pin.codec).toBe(2 ** 53 - 2)
      const totals = db.read
        .selectFrom('pins')
        .select((eb) => [eb.fn.countAll<number>().as('n'), eb.fn.sum<number>('size_bytes').as('bytes')])
      expect(await totals.executeTakeFirstOrThrow()).toMatchObject({ n: 1, bytes: Number.MAX_SAFE_INTEGER })
      const found = await db.read.selectFrom('pins').select('id').where('multihash', '=', multihash).execute()
      expect(found).toHaveLength(1)
    })

    it.each([
      ['NUL', 'a\0b'],
      ['half of a surrogate pair', 'a\ud800b'],
    ])('refuses text with %s, when writing and when asking', async (_, text) => {
      const db = await openNew()
      await expect(db.write((tx) => insertAccount(tx, text))).rejects.toMatchObject({ code: 'invalid_request' })
      const asked = db.read.selectFrom('accounts').select('id').where('name', '=', text).execute()
      await expect(asked).rejects.toMatchObject({ code: 'invalid_request' })
    })

    it.each([Infinity, NaN, 1.5, 1e300, 2 ** 70])('refuses %d for an integer', async (number) => {
      const db = await openNew()
      const write = db.write((tx) => insertPin(tx, { size_bytes: number }))
      await expect(write).rejects.toMatchObject({ code: 'invalid_request' })
    })

    it('compares text by bytes, and like minds case', async () => {
      const db = await openNew()
      const names = ['B', 'a', 'Z', 'ä', 'b', 'a%', 'ab']
      await db.write(async (tx) => {
        for (const name of names) await insertAccount(tx, name)
      })
      const sorted = await db.read.selectFrom('accounts').select('name').orderBy('name').execute()
      expect(sorted.map(({ name }) => name)).toEqual(['B', 'Z', 'a', 'a%', 'ab', 'b', 'ä'])
      const like = async (pattern: string) => {
        const rows = await db.read
          .selectFrom('accounts')
          .select('name')
          .where('name', 'like', pattern)
          .orderBy('name')
          .execute()
        return rows.map(({ name }) => name)
      }
      expect(await like('A%')).toEqual([])
      expect(await like('a%')).toEqual(['a', 'a%', 'ab'])
      const escaped = await sql<{
        name: string
      }>`select name from accounts where name like ${'a\\%'} escape '\\'`.execute(db.read)
      expect(escaped.rows).toMatchObject([{ name: 'a%' }])
    })
  })

  describe('constraints', () => {
    it('name what is there already', async () => {
      const db = await openNew()
      await db.write((tx) => insertUser(tx, 'a@b'))
      const error = await db.write((tx) => insertUser(tx, 'a@b')).catch((caught: unknown) => caught)
      expect(isUniqueViolation(error)).toBe(true)
      expect(isUniqueViolation(error, 'users.email_folded')).toBe(true)
      expect(isUniqueViolation(error, 'users.id')).toBe(false)
      expect(isForeignKeyViolation(error)).toBe(false)
    })

    it('keep one pin for a root on a network, and any number whose root is not known yet', async () => {
      const db = await openNew()
      await db.write((tx) => insertPin(tx, { multihash: Uint8Array.of(1) }))
      await db.write((tx) => insertPin(tx, { multihash: Uint8Array.of(1), network: 0 }))
      await db.write((tx) => insertPin(tx, { multihash: null }))
      await db.write((tx) => insertPin(tx, { multihash: null }))
      const error = await db
        .write((tx) => insertPin(tx, { multihash: Uint8Array.of(1) }))
        .catch((caught: unknown) => caught)
      expect(isUniqueViolation(error, 'pins.multihash', 'pins.codec', 'pins.network')).toBe(true)
    })

    it('do not let a live block go', async () => {
      const db = await openNew()
      const { blockId, pinId } = await db.write((tx) => insertBlock(tx))
      const error = await db
        .write((tx) => tx.deleteFrom('blocks').where('id', '=', blockId).execute())
        .catch((caught: unknown) => caught)
      expect(isForeignKeyViolation(error)).toBe(true)
      expect(isUniqueViolation(error)).toBe(false)
      await db.write(async (tx) => {
        await tx.deleteFrom('pin_blocks').where('pin_id', '=', pinId).execute()
        await tx.deleteFrom('blocks').where('id', '=', blockId).execute()
      })
    })

    it('refuse rows whose parent is not there', async () => {
      const db = await openNew()
      const error = await db.write((tx) => insertFile(tx, { account_id: 'nobody' })).catch((caught: unknown) => caught)
      expect(isForeignKeyViolation(error)).toBe(true)
    })

    it('take key-values away with their file', async () => {
      const db = await openNew()
      const id = await db.write(async (tx) => {
        const account_id = await insertAccount(tx)
        const file_id = await insertFile(tx, { account_id })
        const keyvalue = { file_id, account_id, network: 1, key: 'k', kind: 'number', value: '1e200', number: 1e200 }
        await tx.insertInto('file_keyvalues').values(keyvalue).execute()
        return file_id
      })
      expect(await db.read.selectFrom('file_keyvalues').select('number').execute()).toMatchObject([{ number: 1e200 }])
      await db.write((tx) => tx.deleteFrom('files').where('id', '=', id).execute())
      expect(await db.read.selectFrom('file_keyvalues').selectAll().execute()).toEqual([])
    })

    it('keep the audit as it was written', async () => {
      const db = await openNew()
      await db.write((tx) => insertAudit(tx))
      await expect(db.write((tx) => tx.updateTable('audit').set({ result: 'other' }).execute())).rejects.toThrow(
        'append-only',
      )
      await expect(db.write((tx) => tx.deleteFrom('audit').execute())).rejects.toThrow('append-only')
    })
  })

  describe('names', () => {
    it('are found by any part of them, after renames and deletions too', async () => {
      const db = await openNew()
      const find = async (needle: string) => {
        const rows = (condition: typeof nameContains) =>
          db.read.selectFrom('files').select('name').where(condition(db.read, needle)).orderBy('id').execute()
        const found = (await rows(nameContains)).map(({ name }) => name)
        expect((await rows(nameContainsByScan)).map(({ name }) => name)).toEqual(found)
        return found
      }
      const names = ['holiday in rome.jpg', 'rome "2" 50%_off.png', 'per\\aspera', 'κόσμος.txt', null, 'a']
      const ids = await db.write(async (tx) => {
        const account_id = await insertAccount(tx)
        const inserted: string[] = []
        for (const name of names) inserted.push(await insertFile(tx, { account_id, name, name_folded: name }))
        return inserted
      })
      expect(await find('rome')).toEqual([names[0], names[1]])
      expect(await find('"2" 50%_')).toEqual([names[1]])
      expect(await find('50%')).toEqual([names[1]])
      expect(await find('%_%')).toEqual([])
      expect(await find('r\\a')).toEqual([names[2]])
      expect(await find('σμο')).toEqual([names[3]])
      expect(await find('m')).toEqual([names[0], names[1]])
      expect(await find('in rome.jpgs')).toEqual([])
      expect(await find('y in r'.repeat(30))).toEqual([])
      const rename = (id: string | undefined, name: string | null) =>
        db.write((tx) =>
          tx
            .updateTable('files')
            .set({ name, name_folded: name })
            .where('id', '=', id ?? '')
            .execute(),
        )
      await rename(ids[0], 'rome again')
      await rename(ids[1], null)
      await rename(ids[4], 'romeo')
      expect(await find('rome')).toEqual(['rome again', 'romeo'])
      expect(await find('holiday')).toEqual([])
      await db.write((tx) =>
        tx
          .deleteFrom('files')
          .where('id', '=', ids[0] ?? '')
          .execute(),
      )
      expect(await find('rome')).toEqual(['romeo'])
    })
  })
}
