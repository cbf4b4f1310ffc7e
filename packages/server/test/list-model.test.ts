import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Database, openDatabase } from '../src/db/database.ts'
import type { FileFilter, ListedState } from '../src/files/filters/file-filter.ts'
import { listFilesByOffset, pageFiles } from '../src/files/list-files.ts'
import type { Order } from '../src/files/list-queries.ts'
import type { Pace } from '../src/files/scan.ts'
import { parseCid } from '../src/ipfs/cid.ts'
import { createIdSource } from '../src/lib/ids.ts'
import { databases } from './support/app.ts'
import { anyFile, anyFilter, cidOf, insertModelFiles, isShown, type ModelFile, modelNow } from './support/file-model.ts'
import { createDatabase } from './support/postgres.ts'

const clock = { now: () => modelNow }
const newId = createIdSource({ now: () => Date.now() })

const plainFile: Omit<ModelFile, 'id' | 'name'> = {
  state: 'waiting',
  network: 1,
  mime: 'image/png',
  group: null,
  size: 1,
  createdAt: 1,
  releasedAt: null,
  expiresAt: null,
  content: 1,
  version: 1,
  keyvalues: {},
}

/** Slices of a few entries, so that a few files make many of them; without patience other ways are tried at once. */
const anyPace: fc.Arbitrary<Pace | undefined> = fc.option(
  fc.record({
    first: fc.integer({ min: 1, max: 4 }),
    largest: fc.integer({ min: 4, max: 9 }),
    sliceMs: fc.constantFrom(0, 8),
    patience: fc.constantFrom(0, 5, 1_000),
  }),
  { nil: undefined },
)

describe.each(databases)('lists on %s', (dialect) => {
  let dir: string
  let db: Database

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pinyon-test-'))
    db = await openDatabase(
      dialect === 'sqlite'
        ? { kind: 'sqlite', file: join(dir, 'pinyon.db') }
        : { kind: 'postgres', url: await createDatabase(inject('postgresUrl')) },
      { clock },
    )
  })

  afterAll(async () => {
    await db.close()
    await rm(dir, { recursive: true })
  })

  it('show exactly the files that any filter asks for, in order, page by page', async () => {
    const property = fc.asyncProperty(
      fc.array(anyFile, { minLength: 1, maxLength: 25 }),
      fc.array(anyFilter, { minLength: 6, maxLength: 6 }),
      fc.constantFrom<Order>('asc', 'desc'),
      fc.integer({ min: 1, max: 8 }),
      anyPace,
      async (given, filters, order, limit, pace) => {
        const accountId = newId()
        // No two pins of an account share a time.
        const files = given.map((file, i): ModelFile => {
          return { ...file, id: newId(), createdAt: file.state === 'waiting' ? i : file.createdAt }
        })
        await insertModelFiles(db, accountId, files)
        for (const filter of filters) {
          const shown = files.filter((file) => isShown(file, 1, filter)).map(({ id }) => id)
          const expected = order === 'asc' ? shown : shown.toReversed()
          const input = { network: 'public', filter, limit, pace } as const
          expect(await readPages(accountId, { ...input, order })).toEqual(expected)
          const offset = limit - 1
          const page = await listFilesByOffset(
            { db, clock },
            { accountId },
            { ...input, offset, isCounted: shown.length % 2 === 0 },
          )
          expect(page.files.map(({ file }) => file.id)).toEqual(shown.toReversed().slice(offset, offset + limit))
          const isWhole = Object.keys(filter).length === 1 && filter.states[0] === 'held'
          // Of a whole list the counters know the number, which these rows were added without.
          if (page.count !== undefined && !isWhole) expect(page.count).toBe(shown.length)
          for (const { file, keyvalues } of page.files) {
            const model = files.find(({ id }) => id === file.id)
            expect(file).toMatchObject({ name: model?.name, size_bytes: model?.size })
            expect(new Map(Object.entries(keyvalues))).toEqual(new Map(Object.entries(model?.keyvalues ?? {})))
          }
        }
      },
    )
    await fc.assert(property, { numRuns: dialect === 'sqlite' ? 120 : 40 })
  }, 120_000)

  it('find by name, CID and type what waited, from the moment on that it is here', async () => {
    const accountId = newId()
    const file = (name: string, createdAt: number): ModelFile => ({ ...plainFile, id: newId(), name, createdAt })
    const [late, never] = [file('Late arrival.png', 1), file('Never arrives.png', 2)]
    await insertModelFiles(db, accountId, [late, never])
    // Tried by every index at once.
    const pace = { first: 1, largest: 1, sliceMs: 0, patience: 0 }
    const list = (filter: Omit<FileFilter, 'states'>, state: ListedState = 'held') =>
      readPages(accountId, { network: 'public', filter: { ...filter, states: [state] }, limit: 5, order: 'asc', pace })
    const { multihash, codec } = parseCid(cidOf(late))
    const filters = [{ nameContains: 'arriv' }, { mimeType: 'image/png' }, { cid: { multihash, codec } }, {}]
    for (const filter of filters) {
      expect(await list(filter)).toEqual([])
      expect(await list(filter, 'waiting')).toEqual([late.id, never.id])
    }
    const change = (id: string, set: { state?: ListedState; name_folded?: string }) =>
      db.write((tx) => tx.updateTable('files').set(set).where('id', '=', id).execute())
    await change(late.id, { state: 'held' })
    for (const filter of filters) expect(await list(filter)).toEqual([late.id])
    await change(never.id, { name_folded: 'renamed while it waits' })
    await change(late.id, { name_folded: 'renamed once it is here' })
    expect(await list({ nameContains: 'renamed' })).toEqual([late.id])
    expect(await list({ nameContains: 'arriv' })).toEqual([])
    if (dialect === 'sqlite') {
      const indexed = sql<{ n: number }>`select count(*) as n from file_names where file_names match '"ena" AND "nam"'`
      expect((await indexed.execute(db.read)).rows).toEqual([{ n: 1 }])
    }
    await change(late.id, { state: 'waiting' })
    expect(await list({ nameContains: 'renamed' })).toEqual([])
    expect(await list({ nameContains: 'renamed' }, 'waiting')).toEqual([late.id, never.id])
  })

  it('find one or two characters wherever they stand in a name', async () => {
    const accountId = newId()
    const neighbours = ['qx', 'bbqxb'].map((name): ModelFile => ({ ...plainFile, state: 'held', id: newId(), name }))
    const names = [
      'qx',
      'x',
      'z',
      'qxa',
      'aqx',
      'bbqxb',
      'bbbqx',
      'qaxq',
      'ends so x',
      '\u{1f409}q',
      'a\u{1f409}',
      'aa\u{1f409}',
    ]
    const files = names.map((name): ModelFile => ({ ...plainFile, state: 'held', id: newId(), name }))
    // Others in front, which do not answer before all ways have been tried, and a neighbour's, which are not shown.
    const others = Array.from({ length: 60 }, (_, i): ModelFile => ({
      ...files[0]!,
      id: newId(),
      name: `${i} other.png`,
    }))
    await insertModelFiles(db, accountId, [...files, ...others])
    await insertModelFiles(db, newId(), neighbours)
    const pace = { first: 1, largest: 1, sliceMs: 0, patience: 0 }
    for (const needle of ['q', 'x', 'qx', 'xq', 'xx', '\u{1f409}', 'a\u{1f409}', '%_', ' x', 'z']) {
      const filter: FileFilter = { states: ['held'], nameContains: needle }
      const found = files.filter(({ name }) => name?.includes(needle)).map(({ id }) => id)
      const input = { network: 'public', filter, limit: 20, order: 'asc', pace } as const
      expect(await readPages(accountId, input), needle).toEqual(found)
      const { count } = await listFilesByOffset({ db, clock }, { accountId }, { ...input, offset: 0, isCounted: true })
      expect(count, needle).toBe(found.length)
    }
  })

  async function readPages(accountId: string, input: Omit<Parameters<typeof pageFiles>[2], 'pageToken'>) {
    const ids: string[] = []
    let pageToken: string | undefined
    do {
      const page = await pageFiles({ db, clock }, { accountId }, { ...input, pageToken })
      ids.push(...page.files.map(({ file }) => file.id))
      expect(page.files.length).toBeLessThanOrEqual(input.limit)
      if (page.nextPageToken !== null) expect(page.files).toHaveLength(input.limit)
      pageToken = page.nextPageToken ?? undefined
    } while (pageToken !== undefined)
    return ids
  }
})
