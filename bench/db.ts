// What a durable write and a statement cost: `node bench/db.ts [directory]`. Medians of five pairs in one run.
import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../packages/server/src/db/database.ts'
import type { Database, Db } from '../packages/server/src/db/database.ts'
import { insertMany } from '../packages/server/src/db/insert-many.ts'
import { writeInSlices } from '../packages/server/src/db/slices.ts'
import { SqliteConnection } from '../packages/server/src/db/sqlite-connection.ts'
import { statement } from '../packages/server/src/db/statement.ts'
import type { Placeholder } from '../packages/server/src/db/statement.ts'
import { systemClock } from '../packages/server/src/lib/clock.ts'
import { createIdSource } from '../packages/server/src/lib/ids.ts'
import { startPostgres } from '../packages/server/test/support/postgres.ts'

const pairs = 5
const callers = 64
const newId = createIdSource(systemClock)
const place = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'pinyon-bench-'))
let files = 0

const insertRow = statement((tx, param: Placeholder<{ id: string; value: number }>) =>
  tx.insertInto('packs').values({ name: param('id'), writer_id: 'w', created_at: param('value'), emptied_at: null }),
)

try {
  console.log(`the disk: ${Math.round(syncsPerSecond())} writes of 4 KiB and fdatasync a second`)
  await groupedCommits()
  await onSqlite(async (db) => {
    await statements('SQLite', db, 20_000)
    await ledger(db)
    await fileRows(db)
  })
  const postgres = await startPostgres()
  try {
    const db = await openDatabase({ kind: 'postgres', url: await postgres.createDatabase() }, { clock: systemClock })
    const rate = await twoRowWrites(db, 100)
    console.log(`PostgreSQL: two-row writes from ${callers} callers: ${Math.round(rate)}/s`)
    await statements('PostgreSQL', db, 2_000)
    await fileRows(db)
    await db.close()
  } finally {
    await postgres.stop()
  }
} finally {
  await rm(place, { recursive: true })
}

/** Operations that share commits against a commit each, on the same file and with the same two inserts. */
async function groupedCommits(): Promise<void> {
  const runs: { grouped: number; single: number }[] = []
  for (let i = 0; i < pairs; i++) {
    const grouped = await onSqlite((db) => twoRowWrites(db, 1_000))
    runs.push({ grouped, single: await commitEach(5_000) })
  }
  const ratio = median(runs.map(({ grouped, single }) => grouped / single))
  console.log(
    `SQLite: two-row writes from ${callers} callers: ${Math.round(median(runs.map(({ grouped }) => grouped)))}/s grouped, ` +
      `${Math.round(median(runs.map(({ single }) => single)))}/s with a commit each, ratio ${ratio.toFixed(1)}`,
  )
}

async function twoRowWrites(db: Database, each: number): Promise<number> {
  const started = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let i = 0; i < each; i++) {
        await db.write(async (tx) => {
          await insertRow(tx, { id: newId(), value: i })
          await insertRow(tx, { id: newId(), value: i })
        })
      }
    }),
  )
  return (callers * each * 1_000) / (performance.now() - started)
}

async function commitEach(count: number): Promise<number> {
  const file = newFile()
  await (await openDatabase({ kind: 'sqlite', file }, { clock: systemClock })).close()
  const connection = new SqliteConnection(file, { readOnly: false })
  const text = 'insert into packs (name, writer_id, created_at, emptied_at) values (?, ?, ?, ?)'
  const started = performance.now()
  for (let i = 0; i < count; i++) {
    connection.exec('begin immediate')
    connection.run(text, [newId(), 'w', i, null])
    connection.run(text, [newId(), 'w', i, null])
    connection.exec('commit')
  }
  const rate = (count * 1_000) / (performance.now() - started)
  connection.close()
  return rate
}

/** The price of Kysely: the same look-up built each time, and compiled once. */
async function statements(name: string, db: Database, count: number): Promise<void> {
  const find = statement((tx, param: Placeholder<{ id: string }>) =>
    tx.selectFrom('keys').selectAll().where('id', '=', param('id')).where('revoked_at', 'is', null),
  )
  const plain = (on: Db) =>
    on.selectFrom('keys').selectAll().where('id', '=', 'x').where('revoked_at', 'is', null).execute()
  const runs = { plain: [] as number[], compiled: [] as number[] }
  for (let i = 0; i < pairs; i++) {
    runs.plain.push(await microseconds(count, () => plain(db.read)))
    runs.compiled.push(await microseconds(count, () => find(db.read, { id: 'x' })))
  }
  console.log(
    `${name}: a look-up takes ${median(runs.plain).toFixed(1)} us by Kysely, ${median(runs.compiled).toFixed(1)} us compiled once`,
  )
}

/** A pin of 100,000 blocks, in slices: the rows of a 25 GiB upload. */
async function ledger(db: Database): Promise<void> {
  const insertBlocks = insertMany('blocks', ['multihash', 'pack_id', 'offset', 'length'], { returning: ['id'] })
  const insertPinBlocks = insertMany('pin_blocks', ['block_id', 'network', 'pin_id'])
  const pinId = newId()
  const packId = await db.write(async (tx) => {
    const pin = {
      id: pinId,
      multihash: null,
      codec: 112,
      network: 2,
      state: 'staging',
      size_bytes: 0,
      number_of_blocks: 0,
    }
    const rest = { number_of_files: 0, mime_type: '', holders: 0, created_at: 0, writer_id: 'w' }
    await tx
      .insertInto('pins')
      .values({ ...pin, ...rest })
      .execute()
    const pack = { name: newId(), writer_id: 'w', created_at: 0, emptied_at: null }
    return (await tx.insertInto('packs').values(pack).returning('id').executeTakeFirstOrThrow()).id
  })
  const count = 100_000
  const blocks = function* () {
    for (let i = 0; i < count; i++) {
      yield {
        multihash: crypto.getRandomValues(new Uint8Array(34)),
        pack_id: packId,
        offset: i * 262_144,
        length: 262_144,
      }
    }
  }
  const held = await longestHeld(async () => {
    const started = performance.now()
    await writeInSlices(db, blocks(), 500, async (tx, slice) => {
      const ids = await insertBlocks(tx, slice)
      await insertPinBlocks(
        tx,
        ids.map(({ id }) => ({ block_id: id, network: 2, pin_id: pinId })),
      )
    })
    return (count * 1_000) / (performance.now() - started)
  })
  console.log(
    `${db.dialect}: a ledger of ${count} blocks: ${Math.round(held.result)} blocks/s, loop held ${held.ms.toFixed(0)} ms at most`,
  )
}

/** Rows of the widest table, with all its indexes and the search by name. */
async function fileRows(db: Database): Promise<void> {
  const columns = [
    'id', 'account_id', 'network', 'state', 'source', 'cid', 'multihash', 'codec', 'name', 'name_folded',
    'size_bytes', 'number_of_files', 'mime_type', 'created_at', 'updated_at',
  ] as const // prettier-ignore
  const insertFile = insertMany('files', columns)
  const account_id = newId()
  const account = {
    id: account_id,
    name: 'a',
    email: 'e',
    created_at: 0,
    disabled_at: null,
    quota_bytes: null,
    public_content: 'allowed',
  }
  await db.write((tx) => tx.insertInto('accounts').values(account).execute())
  const each = db.dialect === 'sqlite' ? 1_000 : 200
  const row = (i: number) => {
    const name = `holiday-${i}-${newId().slice(24)}.jpg`
    const content = {
      cid: newId(),
      multihash: crypto.getRandomValues(new Uint8Array(34)),
      codec: 85,
      size_bytes: i,
      number_of_files: 1,
    }
    const fixed = {
      account_id,
      network: 1,
      state: 'held',
      source: 'upload',
      mime_type: 'image/jpeg',
      created_at: i,
      updated_at: i,
    }
    return { id: newId(), name, name_folded: name, ...content, ...fixed }
  }
  const held = await longestHeld(async () => {
    const started = performance.now()
    await Promise.all(
      Array.from({ length: callers }, async () => {
        for (let i = 0; i < each; i++) await db.write((tx) => insertFile(tx, [row(i)]))
      }),
    )
    return (callers * each * 1_000) / (performance.now() - started)
  })
  console.log(
    `${db.dialect}: file rows from ${callers} callers: ${Math.round(held.result)}/s, loop held ${held.ms.toFixed(0)} ms at most`,
  )
}

async function onSqlite<T>(use: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ kind: 'sqlite', file: newFile() }, { clock: systemClock })
  try {
    return await use(db)
  } finally {
    await db.close()
  }
}

function newFile(): string {
  return join(place, `${++files}.db`)
}

/** The longest time between two turns of the event loop while `work` runs. */
async function longestHeld<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  let longest = 0
  let last = performance.now()
  const turn = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const watching = setInterval(turn, 0)
  const each = { on: true }
  const spin = () => {
    turn()
    if (each.on) setImmediate(spin)
  }
  spin()
  const result = await work()
  turn()
  each.on = false
  clearInterval(watching)
  return { result, ms: longest }
}

async function microseconds(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  for (let i = 0; i < count; i++) await work()
  return ((performance.now() - started) * 1_000) / count
}

function syncsPerSecond(): number {
  const file = join(place, 'disk')
  const fd = openSync(file, 'w')
  const page = Buffer.alloc(4_096, 1)
  const started = performance.now()
  for (let i = 0; i < 500; i++) {
    writeSync(fd, page, 0, page.length, (i % 50) * page.length)
    fdatasyncSync(fd)
  }
  const rate = 500_000 / (performance.now() - started)
  closeSync(fd)
  unlinkSync(file)
  return rate
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
