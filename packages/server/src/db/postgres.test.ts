import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { sql } from 'kysely'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { createDatabase } from '../../test/support/postgres.ts'
import { systemClock } from '../lib/clock.ts'
import { openDatabase } from './database.ts'
import type { Database, Db } from './database.ts'
import { DatabaseUnreachable } from './database-unreachable.ts'
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

  it('that cannot be reached or used is named with its setting, in its own words and without the password', async () => {
    const { url } = await place()
    const wrong = (change: (address: URL) => void) => {
      const address = new URL(url)
      change(address)
      return address.href
    }
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const port = String((closed.address() as { port: number }).port) // of a listener on TCP
    closed.close()
    const said = [
      [wrong((address) => (address.port = port)), 'connect ECONNREFUSED'],
      [wrong((address) => (address.hostname = 'pinyon.invalid')), 'pinyon.invalid'],
      [wrong((address) => (address.password = 'sekret')), 'password authentication failed'],
      [wrong((address) => (address.pathname = '/nowhere')), 'database "nowhere" does not exist'],
      ['postgres://user:sek/ret@[host/d', 'is no address such as'],
    ] as const
    for (const [at, words] of said) {
      for (const readOnly of [false, true]) {
        const refused = openDatabase({ kind: 'postgres', url: at }, { clock: systemClock, readOnly })
        const error = await refused.then(
          () => undefined,
          (reason: unknown) => reason,
        )
        expect(error, at).toBeInstanceOf(DatabaseUnreachable)
        expect((error as Error).message).toMatch(/^PINYON_DATABASE_URL/)
        expect((error as Error).message).toContain(words)
        expect((error as Error).message).not.toMatch(/sek/)
      }
    }
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

  it('lives on when a connection is cut in the moment in which it is handed out', async () => {
    const { url } = await place()
    await using proxy = await startCuttingProxy(url)
    opened = await openDatabase({ kind: 'postgres', url: proxy.url }, { clock: systemClock })
    const db = opened
    // Its start has a connection that waits: new ones are made while that one is busy.
    const busy = Promise.withResolvers<void>()
    const first = db.write(async (tx) => {
      await putRow(tx, 'a')
      proxy.cutNext(2)
      await busy.promise
    })
    // Once for a new connection, and once for the one that is made in its place.
    const second = db.write((tx) => putRow(tx, 'b'))
    await expect(second).rejects.toMatchObject({ code: 'unavailable' })
    await db.write((tx) => putRow(tx, 'c'))
    busy.resolve()
    await first
    expect(proxy.cuts()).toBe(2)
    expect(await db.read.selectFrom('packs').select('name').orderBy('name').execute()).toHaveLength(2)
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

/**
 * Stands before PostgreSQL and has it say of new connections, in one piece with the answer that opens them, that it
 * shuts down, as a server may that is restarted in that moment.
 */
async function startCuttingProxy(url: string) {
  const target = new URL(url)
  let toCut = 0
  let cuts = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    sockets.add(client).add(upstream)
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy())
    client.pipe(upstream)
    let isOpened = false
    upstream.on('data', (piece: Buffer) => {
      const opens = !isOpened && piece.subarray(-6).equals(readyForQuery)
      isOpened ||= opens
      if (opens && toCut > 0) {
        toCut--
        cuts++
        client.end(Buffer.concat([piece, shuttingDown]))
      } else client.write(piece)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = new URL(url)
  through.port = String((server.address() as { port: number }).port) // a TCP listener has one
  return {
    url: through.href,
    cutNext: (count: number) => void (toCut = count),
    cuts: () => cuts,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

// https://www.postgresql.org/docs/current/protocol-message-formats.html
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
const fields = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')
const shuttingDown = Buffer.concat([Buffer.from([0x45, 0, 0, 0, fields.length + 4]), fields])
