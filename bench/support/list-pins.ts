import { join } from 'node:path'
import { type Database, openDatabase } from '../../packages/server/src/db/database.ts'
import { watchLoop } from '../../packages/server/src/ipfs/watch-loop.ts'
import { systemClock } from '../../packages/server/src/lib/clock.ts'
import { allTimes, listPins } from '../../packages/server/src/requests/list-pins.ts'
import type { PinFilter } from '../../packages/server/src/requests/pin-filter.ts'
import { startPostgres } from '../../packages/server/test/support/postgres.ts'
import { accountId, multihashOf, nameOf, seedPostgres, seedSqlite } from './seed-files.ts'
import { createdAtOf, pins } from './seed-pins.ts'
import { openWorkClock } from './work-clock.ts'

const count = 1_000_000
const runs = 300
const patienceMs = 5_000
const statuses = [0, 1, 2, 3]

/** p50 and p99 of each kind of list on both databases, and the longest that it held the event loop. */
export async function measureLists(place: string): Promise<void> {
  const postgres = await startPostgres()
  try {
    const file = join(place, 'pins.db')
    await (await openDatabase({ kind: 'sqlite', file }, { clock: systemClock })).close()
    seedSqlite(file, count, pins)
    await measure('SQLite', await openDatabase({ kind: 'sqlite', file }, { clock: systemClock }))
    const url = await postgres.createDatabase()
    await (await openDatabase({ kind: 'postgres', url }, { clock: systemClock })).close()
    await seedPostgres(url, count, pins)
    await measure('PostgreSQL', await openDatabase({ kind: 'postgres', url }, { clock: systemClock }))
  } finally {
    await postgres.stop()
  }
}

type Run = (n: number) => Promise<{ count: number }>

async function measure(title: string, db: Database): Promise<void> {
  console.log(`\n${title}, ${count} pins of one account, a page of 10 with its count`)
  console.log(
    'list'.padEnd(40),
    'p50 ms'.padStart(9),
    'p99 ms'.padStart(9),
    'work p50'.padStart(9),
    'work p99'.padStart(9),
    'hold ms'.padStart(8),
    '   count  runs',
  )
  const cases = casesOf(db)
  for (const run of Object.values(cases).slice(0, 8)) for (let n = 0; n < 50; n++) await run(n)
  const clock = await openWorkClock(db)
  for (const [name, run] of Object.entries(cases)) await time(clock, name, run)
  await db.close()
}

function casesOf(db: Database): Record<string, Run> {
  const made: Record<string, Run> = {}
  const list = (filter: Partial<PinFilter>, range: { low?: number; high?: number } = {}) =>
    listPins({ db }, { accountId }, { filter: { statuses, ...filter }, range: { ...allTimes, ...range }, limit: 10 })
  /** A time in the last tenth of the list, and never the same. */
  const deepAt = (n: number) => createdAtOf(Math.floor((count / 10) * ((n % 97) / 97)) + count / 50) + 61
  const three = (name: string, filter: Partial<PinFilter>) => {
    made[`${name}, first`] = () => list(filter)
    made[`${name}, deep (before)`] = (n) => list(filter, { high: deepAt(n) })
    made[`${name}, between two times`] = (n) =>
      list(filter, { low: deepAt(n) - 5_000_000, high: deepAt(n) + 40_000_000 })
  }
  three('all statuses', {})
  three('pinned', { statuses: [2] })
  three('queued, pinning, failed', { statuses: [0, 1, 3] })
  const one = Math.floor(count / 2) + 1
  three('a CID', { contents: [{ multihash: multihashOf(one), codec: 0x55 }] })
  three('ten CIDs', { contents: Array.from({ length: 10 }, (_, n) => ({ multihash: multihashOf(one + n * 37), codec: 0x55 })) }) // prettier-ignore
  three('an exact name', { name: { match: 'exact', text: nameOf(one, count) } })
  three('meta, one in 30,000', { meta: [['app', 'rare']] })
  made['meta, one in 3'] = () => list({ meta: [['app', 'common']] })
  made['name ipartial, one in 16'] = () => list({ name: { match: 'ipartial', text: 'DRAGON' } })
  made['name ipartial, none'] = () => list({ name: { match: 'ipartial', text: 'nothing like it' } })
  made['name iexact'] = () => list({ name: { match: 'iexact', text: nameOf(one, count) } })
  return made
}

async function time(clock: () => number, name: string, run: Run): Promise<void> {
  const started = performance.now()
  let counted = (await run(0)).count
  const times: number[] = []
  const works: number[] = []
  const loop = watchLoop()
  for (let n = 0; n < runs && (n < 2 || performance.now() - started < patienceMs); n++) {
    const before = clock()
    const at = performance.now()
    counted = (await run(n)).count
    times.push(performance.now() - at)
    works.push(clock() - before)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const holdMs = loop.longestMs()
  times.sort((a, b) => a - b)
  works.sort((a, b) => a - b)
  const at = (all: readonly number[], share: number) =>
    (all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? NaN).toFixed(2).padStart(9)
  console.log(
    name.padEnd(40),
    at(times, 0.5),
    at(times, 0.99),
    at(works, 0.5),
    at(works, 0.99),
    holdMs.toFixed(0).padStart(8),
    String(counted).padStart(8),
    String(times.length).padStart(5),
  )
}
