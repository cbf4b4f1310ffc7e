import pg from 'pg'
import { sql } from 'kysely'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { createDatabase } from '../../test/support/postgres.ts'
import { systemClock } from '../lib/clock.ts'
import { openDatabase } from './database.ts'
import type { Database, Db } from './database.ts'
import { databaseSuite } from './database.suite.ts'
import { statement } from './statement.ts'
import type { Placeholder } from './statement.ts'

const place = async () => ({ kind: 'postgres', url: await createDatabase(inject('postgresUrl')) }) as const

describe('database on PostgreSQL', () => {
  databaseSuite(place)
})

describe('PostgreSQL', () => {
  let opened: Database | undefined
  let name = ''
  const openNew = async () => {
    const config = await place()
    name = new URL(config.url).pathname.slice(1)
    return (opened = await openDatabase(config, { clock: systemClock }))
  }
  afterEach(async () => {
    await opened?.close()
    opened = undefined
  })

  it('repeats a write that lost against another', async () => {
    const db = await openNew()
    await db.write((tx) => putRow(tx, 'a'))
    let runs = 0
    const increment = async (tx: Db) => {
      runs++
      await sql`set transaction isolation level repeatable read`.execute(tx)
      const { created_at } = await tx.selectFrom('packs').select('created_at').executeTakeFirstOrThrow()
      await tx
        .updateTable('packs')
        .set({ created_at: created_at + 1 })
        .execute()
    }
    await Promise.all(Array.from({ length: 6 }, () => db.write(increment)))
    expect(await db.read.selectFrom('packs').select('created_at').execute()).toEqual([{ created_at: 7 }])
    expect(runs).toBeGreaterThan(6)
  })

  it('repeats a write that was chosen to end a deadlock', async () => {
    const db = await openNew()
    await db.write((tx) => putRow(tx, 'a'))
    await db.write((tx) => putRow(tx, 'b'))
    const touch = (tx: Db, name: string) =>
      tx
        .updateTable('packs')
        .set((eb) => ({ created_at: eb('created_at', '+', 1) }))
        .where('name', '=', name)
        .execute()
    const both = (first: string, second: string) => async (tx: Db) => {
      await touch(tx, first)
      await sql`select pg_sleep(0.05)`.execute(tx)
      await touch(tx, second)
    }
    await Promise.all([db.write(both('a', 'b')), db.write(both('b', 'a'))])
    expect(await db.read.selectFrom('packs').select('created_at').execute()).toEqual([
      { created_at: 3 },
      { created_at: 3 },
    ])
  })

  it('lives on when the server cuts its connections', async () => {
    const db = await openNew()
    await db.write((tx) => putRow(tx, 'a'))
    await cutConnections()
    expect(await db.read.selectFrom('packs').select('name').execute()).toEqual([{ name: 'a' }])
    await cutConnections()
    await db.write((tx) => putRow(tx, 'b'))
    let runs = 0
    await db.write(async (tx) => {
      await putRow(tx, 'c')
      if (++runs === 1) await cutConnections()
      await putRow(tx, 'd')
    })
    expect(await db.read.selectFrom('packs').select('name').orderBy('name').execute()).toHaveLength(4)
    expect(runs).toBe(2)
  })

  it('says that it is unavailable when the server is not there', async () => {
    const url = new URL(inject('postgresUrl'))
    url.port = '1'
    await expect(openDatabase({ kind: 'postgres', url: url.href }, { clock: systemClock })).rejects.toMatchObject({
      code: 'unavailable',
    })
    const db = await openNew()
    const lasting = db.write(async (tx) => {
      for (;;) {
        await sql`select pg_sleep(0.01)`.execute(tx)
        await cutConnections()
      }
    })
    await expect(lasting).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 5 })
  })

  it('keeps statements prepared', async () => {
    const db = await openNew()
    const find = statement((tx, param: Placeholder<{ name: string }>) =>
      tx.selectFrom('packs').select('id').where('name', '=', param('name')),
    )
    const names = await db.write(async (tx) => {
      for (let i = 0; i < 3; i++) await find(tx, { name: 'a' })
      return sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(tx)
    })
    expect(names.rows).toHaveLength(1)
  })

  it('warns when commits are not synced', async () => {
    const config = await place()
    const database = new URL(config.url).pathname.slice(1)
    const client = new pg.Client({ connectionString: config.url })
    await client.connect()
    await client.query(`alter database ${database} set synchronous_commit = off`)
    await client.end()
    opened = await openDatabase(config, { clock: systemClock })
    expect(opened.warnings.join()).toContain('synchronous_commit=off')
  })

  it('has nothing to warn about otherwise', async () => {
    expect((await openNew()).warnings).toEqual([])
  })

  async function cutConnections(): Promise<void> {
    const client = new pg.Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    await client.query(`select pg_terminate_backend(pid, 1000) from pg_stat_activity where datname = $1`, [name])
    await client.end()
  }
})

async function putRow(tx: Db, name: string): Promise<void> {
  await tx.insertInto('packs').values({ name, writer_id: 'w', created_at: 1, emptied_at: null }).execute()
}
