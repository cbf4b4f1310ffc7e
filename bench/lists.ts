// Lists of one account with 10,000 and 1,000,000 files on both databases: `node bench/lists.ts [directory]`. Takes some
// eight minutes, half of them to make the files. p50 and p99 of 300 runs (fewer where four seconds are over before), and
// the longest that they held the event loop, in the processor's time; `work` is the processor's time of this thread and of
// PostgreSQL, which also says something on a busy machine.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '../packages/server/src/db/database.ts'
import type { FileFilter } from '../packages/server/src/files/filters/file-filter.ts'
import type { KeyvalueCondition } from '../packages/server/src/files/filters/keyvalue-condition.ts'
import { listFilesByOffset, pageFiles } from '../packages/server/src/files/list-files.ts'
import { makePageToken } from '../packages/server/src/files/page-token.ts'
import { pageGroups } from '../packages/server/src/groups/list-groups.ts'
import { watchLoop } from '../packages/server/src/ipfs/watch-loop.ts'
import { systemClock } from '../packages/server/src/lib/clock.ts'
import { AppError } from '../packages/server/src/lib/errors.ts'
import { startPostgres } from '../packages/server/test/support/postgres.ts'
import {
  accountId,
  cidOf,
  firstMs,
  groups,
  idOf,
  multihashOf,
  nameOf,
  seedPostgres,
  seedSqlite,
} from './support/seed-files.ts'
import { openWorkClock } from './support/work-clock.ts'

const runs = 300
const patienceMs = 4_000
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('/'))
const place = await mkdtemp(
  join(process.argv.slice(2).find((argument) => argument.startsWith('/')) ?? tmpdir(), 'pinyon-bench-'),
)
const postgres = await startPostgres()

try {
  for (const count of [10_000, 1_000_000]) {
    const file = join(place, `${count}.db`)
    await (await openDatabase({ kind: 'sqlite', file }, { clock: systemClock })).close()
    seedSqlite(file, count)
    await measure('SQLite', await openDatabase({ kind: 'sqlite', file }, { clock: systemClock }), count)
    const url = await postgres.createDatabase()
    await (await openDatabase({ kind: 'postgres', url }, { clock: systemClock })).close()
    await seedPostgres(url, count)
    await measure('PostgreSQL', await openDatabase({ kind: 'postgres', url }, { clock: systemClock }), count)
  }
} finally {
  await postgres.stop()
  await rm(place, { recursive: true })
}

/** Runs every case on one database and prints a line for each. */
export async function measure(title: string, db: Database, count: number): Promise<void> {
  console.log(`\n${title}, ${count} files, a page of 10`)
  await seedGroups(db)
  const list = lister(db, count)
  // A server has been running for a while.
  const warmUntil = performance.now() + 2_000
  for (let n = 0; performance.now() < warmUntil; n++) await list.deep({})(n)
  console.log(
    'case'.padEnd(44),
    'p50 ms'.padStart(9),
    'p99 ms'.padStart(9),
    'work p50'.padStart(9),
    'work p99'.padStart(9),
    'hold ms'.padStart(8),
    '  runs',
  )
  const clock = await openWorkClock(db)
  for (const [name, run] of Object.entries(cases(list, count))) {
    if (wanted.length === 0 || wanted.some((word) => name.includes(word))) await time(clock, name, run)
  }
  await db.close()
}

/** Groups of the account, beside those that its files name. */
async function seedGroups(db: Database): Promise<void> {
  const rest = { account_id: accountId, network: 1, is_public: 0, created_by_key: null, created_at: 1, updated_at: 1 }
  await db.write(async (tx) => {
    for (let i = 0; i < 5_000; i++) {
      const name = `group ${i}`
      await tx
        .insertInto('groups')
        .values({ ...rest, id: idOf(i), name, name_folded: name })
        .execute()
    }
  })
}

type Run = (n: number) => Promise<unknown>
type List = ReturnType<typeof lister>

function lister(db: Database, count: number) {
  const services = { db, clock: systemClock }
  const who = { accountId }
  const held = (filter: Partial<FileFilter>): FileFilter => ({ states: ['held'], ...filter })
  const page = (filter: Partial<FileFilter>, order: 'asc' | 'desc', pageToken?: string) =>
    pageFiles(services, who, { network: 'public', filter: held(filter), limit: 10, order, pageToken })
  return {
    first: (filter: Partial<FileFilter>) => () => page(filter, 'desc'),
    oldest: (filter: Partial<FileFilter>) => () => page(filter, 'asc'),
    /** Somewhere in the last tenth of the list. */
    deep: (filter: Partial<FileFilter>) => (n: number) => {
      const scope = { ...held(filter), accountId, network: 1 }
      return page(
        filter,
        'desc',
        makePageToken(scope, 'desc', idOf(Math.floor((count / 10) * ((n % 97) / 97)) + count / 50)),
      )
    },
    /** Page after page by offset, as old clients read. */
    paging: (filter: Partial<FileFilter>) => {
      let offset = 0
      return async () => {
        const { files } = await offsetPage(filter, offset)
        offset = files.length < 10 ? 0 : offset + 10
      }
    },
    /** By an offset that no page ended at. */
    cold: (filter: Partial<FileFilter>, offset: number) => (n: number) => offsetPage(filter, offset + n * 11),
    count: (filter: Partial<FileFilter>) => () => offsetPage(filter, 0, true),
    groups: (asked: { nameContains?: string }) => () =>
      pageGroups(services, who, { network: 'public', limit: 10, ...asked }),
    groupPages: () => {
      let pageToken: string | undefined
      return async () => {
        pageToken =
          (await pageGroups(services, who, { network: 'public', limit: 10, pageToken })).nextPageToken ?? undefined
      }
    },
  }
  function offsetPage(filter: Partial<FileFilter>, offset: number, isCounted = false) {
    return listFilesByOffset(services, who, { network: 'public', filter: held(filter), limit: 10, offset, isCounted })
  }
}

function cases(list: List, count: number): Record<string, Run> {
  const { first, deep, oldest, paging, cold, count: counted } = list
  const one = Math.floor(count / 2) + 1
  const key = (key: string, value: string | number, op: KeyvalueCondition['op'] = 'eq', secondValue?: number) => ({
    keyvalues: [{ key, op, value, secondValue }],
  })
  const made: Record<string, Run> = {}
  const both = (name: string, filter: Partial<FileFilter>) => {
    made[`= ${name}, first`] = first(filter)
    made[`= ${name}, deep`] = deep(filter)
  }
  both('no filter', {})
  made['= no filter, oldest first'] = oldest({})
  both('cid', { cid: { multihash: multihashOf(one), codec: 0x55 } })
  both('mime, one in 4', { mimeType: 'image/png' })
  both('mime, one in 10,000', { mimeType: 'model/gltf-binary' })
  both('mime, none', { mimeType: 'video/mp4' })
  both('group, one in 25', { group: groups.common })
  both('group, one in 10,000', { group: groups.rare })
  both('no group', { group: null })
  both('key-value, two in 3', key('env', 'prod'))
  both('key-value, one in 10,000', key('env', 'dev'))
  made['= key-value, a number'] = first(key('edition', one))
  made['= groups of 5,000, first'] = list.groups({})
  made['= groups of 5,000, page after page'] = list.groupPages()
  made['groups of 5,000, name contains "77"'] = list.groups({ nameContains: '77' })
  made['= no filter, by offset, page after page'] = paging({})
  made['= key-value, by offset, page after page'] = paging(key('env', 'prod'))

  for (const needle of [
    'item',
    'dragon',
    'limited',
    'unicorn',
    'nothing like it',
    'e',
    '9.',
    nameOf(one, count).slice(-24),
  ])
    made[`name contains ${JSON.stringify(needle)}`] = first({ nameContains: needle })
  made['name contains "dragon", deep'] = deep({ nameContains: 'dragon' })
  made['name contains "ragon item 9", common trigrams'] = first({ nameContains: 'ragon item 9' })
  made['name contains "en lucky", common trigrams, none'] = first({ nameContains: 'en lucky' })
  made['name contains "ni", two letters, one in all'] = first({ nameContains: 'ni' })
  made['name contains "%_", two letters, none'] = first({ nameContains: '%_' })
  made['name contains "%", one letter, none'] = first({ nameContains: '%' })

  made['hashContains, whole'] = first({ cidContains: cidOf(one) })
  made['hashContains, 6 letters'] = first({ cidContains: cidOf(one).slice(-6) })
  made['pinStart, an hour ago'] = first({ createdFrom: firstMs + (count - 5) * 1000 })
  made['pinEnd, long ago'] = first({ createdTo: firstMs + 5_000 })
  made['pinSizeMin, few'] = first({ sizeMin: 1_000_190 })
  made['key-value gt, few'] = first(key('edition', count - 5, 'gt'))
  made['key-value lt, the oldest half'] = first(key('edition', count / 2, 'lt'))
  made['key-value between, few'] = first(key('edition', one, 'between', one + 20))
  made['key-value iLike, common'] = first(key('env', 'PR%', 'iLike'))
  made['key-value iRegexp, one in 10,000'] = first(key('env', '^D[ef]V', 'iRegexp'))
  made['key-value regexp, none'] = first(key('env', '^x+$', 'regexp'))
  made['offset 90 % down, cold'] = cold({}, count * 0.9)
  made['count, no filter'] = counted({})
  made['count, mime one in 4'] = counted({ mimeType: 'image/png' })
  made['count, key-value two in 3'] = counted(key('env', 'prod'))

  const parts: Record<string, Partial<FileFilter>> = {
    'mime 1/4': { mimeType: 'image/png' },
    'mime rare': { mimeType: 'model/gltf-binary' },
    'group 1/25': { group: groups.common },
    'group rare': { group: groups.rare },
    'env=prod 2/3': key('env', 'prod'),
    'env=dev rare': key('env', 'dev'),
    'name dragon 1/16': { nameContains: 'dragon' },
    'name limited rare': { nameContains: 'limited' },
    'oldest tenth': { createdTo: firstMs + count * 100 },
    'size, largest 1/1000': { sizeMin: 999_200 },
  }
  const names = Object.entries(parts)
  names.forEach(([a, one_], i) => {
    for (const [b, other] of names.slice(i + 1)) {
      if (Object.keys(one_)[0] !== Object.keys(other)[0]) made[`${a} & ${b}`] = first({ ...one_, ...other })
    }
  })
  return made
}

async function time(clock: () => number, name: string, run: Run): Promise<void> {
  const started = performance.now()
  const times: number[] = []
  const works: number[] = []
  for (let n = 0; n < 100 && performance.now() - started < 500; n++) await refusalOf(run(n))
  const loop = watchLoop()
  for (let n = 0; n < runs && (n < 5 || performance.now() - started < patienceMs); n++) {
    const before = clock()
    const at = performance.now()
    const refusal = await refusalOf(run(n))
    times.push(performance.now() - at)
    works.push(clock() - before)
    if (refusal !== undefined) {
      loop.longestMs()
      console.log(name.padEnd(44), refusal)
      return
    }
    // So that what holds the loop is seen to, and no two runs share a turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const holdMs = loop.longestMs()
  times.sort((a, b) => a - b)
  works.sort((a, b) => a - b)
  const at = (all: readonly number[], share: number) =>
    (all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? NaN).toFixed(2).padStart(9)
  console.log(
    name.padEnd(44),
    at(times, 0.5),
    at(times, 0.99),
    at(works, 0.5),
    at(works, 0.99),
    holdMs.toFixed(0).padStart(8),
    String(times.length).padStart(6),
  )
}

/** The code under which a list was refused; undefined when it was answered. */
async function refusalOf(run: Promise<unknown>): Promise<string | undefined> {
  try {
    await run
    return undefined
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}
