import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompiledQuery, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { openDatabase } from './database.ts'
import type { Database, Db } from './database.ts'
import { databaseSuite } from './database.suite.ts'

let dir = ''
let files = 0
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pinyon-db-'))
})
afterAll(() => rm(dir, { recursive: true }))
const newFile = () => join(dir, `${++files}.db`)

describe('database on SQLite', () => {
  databaseSuite(async () => ({ kind: 'sqlite', file: newFile() }))
})

describe('SQLite', () => {
  let opened: Database | undefined
  const openNew = async (file = newFile()) =>
    (opened = await openDatabase({ kind: 'sqlite', file }, { clock: systemClock }))
  afterEach(() => opened?.close())

  it('syncs every commit, on both connections', async () => {
    const db = await openNew()
    const ask = async (tx: Db, name: string) => {
      const { rows } = await sql<Record<string, unknown>>`${sql.raw(`pragma ${name}`)}`.execute(tx)
      return Object.values(rows[0] ?? {})[0]
    }
    const expectDurable = async (tx: Db) => {
      expect(await ask(tx, 'synchronous')).toBe(2)
      expect(await ask(tx, 'journal_mode')).toBe('wal')
      expect(await ask(tx, 'foreign_keys')).toBe(1)
      expect(await ask(tx, 'mmap_size')).toBe(0)
    }
    await expectDurable(db.read)
    await db.write(expectDurable)
  })

  it('keeps its files from other users, whatever the umask', async () => {
    const before = process.umask(0)
    try {
      const file = newFile()
      const db = await openNew(file)
      await db.write(putRow)
      const names = (await readdir(dir)).filter((name) => join(dir, name).startsWith(file))
      expect(names).toHaveLength(3)
      for (const name of names) expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600)
    } finally {
      process.umask(before)
    }
  })

  it('commits what waits together once', async () => {
    const db = await openNew()
    const before = db.commits
    await Promise.all(Array.from({ length: 64 }, () => db.write(putRow)))
    expect(db.commits - before).toBeLessThanOrEqual(4)
  })

  it('fails all of a commit that fails, keeps nothing of it, and goes on', async () => {
    const db = await openNew()
    const results = await Promise.allSettled([
      db.write(putRow),
      // A foreign key looked at only when the commit comes stands for a disk that fails then.
      db.write(async (tx) => {
        await tx.executeQuery(CompiledQuery.raw('pragma defer_foreign_keys = on'))
        await tx
          .insertInto('members')
          .values({ account_id: 'no', user_id: 'no', role: 'owner', created_at: 1 })
          .execute()
      }),
      db.write(putRow),
    ])
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'storage_failed' } })
    expect(await countRows(db)).toBe(0)
    await db.write(putRow)
    expect(await countRows(db)).toBe(1)
  })

  it('says that the disk is full, keeps nothing of what failed, and goes on when there is room', async () => {
    const db = await openNew()
    await db.write((tx) => tx.executeQuery(CompiledQuery.raw('pragma max_page_count = 1')))
    const big = (tx: Db) => putRow(tx, 'x'.repeat(4_000_000))
    await expect(db.write(big)).rejects.toMatchObject({ code: 'storage_full' })
    expect(await countRows(db)).toBe(0)
    await db.write((tx) => tx.executeQuery(CompiledQuery.raw('pragma max_page_count = 1000000')))
    await db.write(big)
    expect(await countRows(db)).toBe(1)
  })

  it('ends an operation that awaits something else, names it, and serves the next', async () => {
    const db = await openNew()
    const waitForEver = async (tx: Db) => {
      await putRow(tx)
      await new Promise(() => {})
    }
    const stuck = db.write(waitForEver)
    const next = db.write(putRow)
    await expect(stuck).rejects.toThrow('waitForEver')
    await next
    expect(await countRows(db)).toBe(1)
  })

  it('lets others have their turn while 10,000 writes wait', async () => {
    const db = await openNew()
    await db.write(putRow)
    const stop = new AbortController()
    let longestMs = 0
    const watching = (async () => {
      while (!stop.signal.aborted) {
        // What the thread computed between two turns, so that a busy machine does not count.
        const before = process.threadCpuUsage()
        await new Promise((resolve) => setImmediate(resolve))
        const { user, system } = process.threadCpuUsage(before)
        longestMs = Math.max(longestMs, (user + system) / 1000)
      }
    })()
    const one = db.write(async (tx) => {
      for (let i = 0; i < 3_000; i++) await putRow(tx)
    })
    const writes: Promise<void>[] = []
    for (let i = 0; i < 10_000; i++) writes.push(db.write(putRow))
    await Promise.all([one, ...writes])
    stop.abort()
    await watching
    expect(longestMs).toBeLessThan(50)
    expect(await countRows(db)).toBe(13_001)
  })

  it('starts its log again when it has grown long', async () => {
    const file = newFile()
    const db = await openNew(file)
    const text = 'x'.repeat(4_000_000)
    for (let i = 0; i < 40; i++) await db.write((tx) => putRow(tx, text))
    expect((await stat(`${file}-wal`)).size).toBeLessThan(80_000_000)
    expect(await countRows(db)).toBe(40)
  })

  it('waits for another process that writes', async () => {
    const file = newFile()
    const db = await openNew(file)
    const other = await openDatabase({ kind: 'sqlite', file }, { clock: systemClock })
    let release = () => {}
    const held = other.write(async (tx) => {
      await putRow(tx)
      await new Promise<void>((resolve) => (release = resolve))
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
    const waiting = db.write(putRow)
    setTimeout(() => release(), 50)
    await Promise.all([held, waiting])
    expect(await countRows(db)).toBe(2)
    await other.close()
  })
})

async function putRow(tx: Db, name = ''): Promise<void> {
  await tx
    .insertInto('packs')
    .values({ name: `${name}${++files}`, writer_id: 'w', created_at: 1, emptied_at: null })
    .execute()
}

async function countRows(db: Database): Promise<number> {
  return (await db.read.selectFrom('packs').select('id').execute()).length
}
