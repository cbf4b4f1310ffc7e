import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Database, openDatabase } from '../src/db/database.ts'
import type { FileFilter } from '../src/files/filters/file-filter.ts'
import { listFilesByOffset, pageFiles } from '../src/files/list-files.ts'
import type { Order } from '../src/files/list-queries.ts'
import { watchLoop } from '../src/ipfs/watch-loop.ts'
import { createIdSource } from '../src/lib/ids.ts'
import { databases } from './support/app.ts'
import { insertModelFiles, type ModelFile, modelNow } from './support/file-model.ts'
import { createDatabase } from './support/postgres.ts'

const clock = { now: () => modelNow }
const newId = createIdSource({ now: () => Date.now() })
const everything: FileFilter = { states: ['held'] }
const filters: [string, FileFilter][] = [
  ['everything', everything],
  ['by MIME type', { ...everything, mimeType: 'image/png' }],
  ['by key-value', { ...everything, keyvalues: [{ key: 'k', op: 'eq', value: 'v' }] }],
  ['by name', { ...everything, nameContains: 'FILE' }],
  ['by pattern', { ...everything, keyvalues: [{ key: 'k', op: 'iRegexp', value: '^V$' }] }],
]

function makeFile(): ModelFile {
  return {
    id: newId(),
    state: 'held',
    network: 1,
    name: 'file',
    mime: 'image/png',
    group: null,
    size: 1,
    version: 1,
    createdAt: 1,
    releasedAt: null,
    expiresAt: null,
    content: 0,
    keyvalues: { k: 'v' },
  }
}

describe.each(databases)('pages of lists on %s', (dialect) => {
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

  async function makeFiles(count: number, accountId = newId()): Promise<{ accountId: string; ids: string[] }> {
    const files = Array.from({ length: count }, makeFile)
    await insertModelFiles(db, accountId, files)
    return { accountId, ids: files.map(({ id }) => id) }
  }

  const remove = (ids: readonly string[]) =>
    db.write(async (tx) => {
      await tx.deleteFrom('files').where('id', 'in', ids).execute()
    })

  const page = (accountId: string, filter: FileFilter, order: Order, pageToken?: string, limit = 7) =>
    pageFiles({ db, clock }, { accountId }, { network: 'public', filter, limit, order, pageToken })

  const offsetPage = async (accountId: string, offset: number, filter = everything, limit = 7) => {
    const input = { network: 'public', filter, limit, offset, isCounted: false } as const
    return (await listFilesByOffset({ db, clock }, { accountId }, input)).files.map(({ file }) => file.id)
  }

  it.each(filters)('show each file that stays exactly once while others come and go: %s', async (_name, filter) => {
    for (const order of ['asc', 'desc'] as const) {
      const { accountId, ids } = await makeFiles(40)
      const gone = new Set<string>()
      const seen: string[] = []
      let token: string | undefined
      for (let n = 0; ; n++) {
        const { files, nextPageToken } = await page(accountId, filter, order, token)
        seen.push(...files.map(({ file }) => file.id))
        if (nextPageToken === null) break
        token = nextPageToken
        // Of what was shown, the very file that the token names, and one that is still to come.
        const leaving = [files.at(-1)?.file.id ?? '', ids[(n * 13 + 5) % 40] ?? '']
        for (const id of leaving) gone.add(id)
        await remove(leaving)
        await makeFiles(2, accountId)
      }
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen).toEqual(order === 'asc' ? seen.toSorted() : seen.toSorted().toReversed())
      const stayed = ids.filter((id) => !gone.has(id))
      expect(stayed.filter((id) => !seen.includes(id))).toEqual([])
    }
  })

  it('by offset go on where the page before ended, whatever came and went', async () => {
    const { accountId, ids } = await makeFiles(40)
    const gone = new Set<string>()
    const seen: string[] = []
    for (let offset = 0; ; offset += 7) {
      const rows = await offsetPage(accountId, offset)
      if (rows.length === 0) break
      seen.push(...rows)
      const leaving = [rows[0] ?? '', ids[offset] ?? '']
      for (const id of leaving) gone.add(id)
      await remove(leaving)
      await makeFiles(3, accountId)
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(ids.filter((id) => !gone.has(id) && !seen.includes(id))).toEqual([])
  })

  it('by an offset that no page ended at are counted from the newest', async () => {
    const { accountId, ids } = await makeFiles(20)
    const newest = ids.toReversed()
    expect(await offsetPage(accountId, 10)).toEqual(newest.slice(10, 17))
    const more = await makeFiles(1, accountId)
    expect(await offsetPage(accountId, 10)).toEqual([...more.ids, ...newest].slice(10, 17))
    expect(await offsetPage(accountId, 20)).toEqual(newest.slice(19))
    expect(await offsetPage(accountId, 21)).toEqual([])
    expect(await offsetPage(accountId, 1_000_000_000)).toEqual([])
    // Where a page ended is gone on from once: asked for again it is an offset like any other.
    const shown = [...more.ids, ...newest]
    expect(await offsetPage(accountId, 0)).toEqual(shown.slice(0, 7))
    expect(await offsetPage(accountId, 7)).toEqual(shown.slice(7, 14))
    const { ids: latest } = await makeFiles(1, accountId)
    expect(await offsetPage(accountId, 7)).toEqual([...latest, ...shown].slice(7, 14))
  })

  it('are empty for another account, which may hold the same', async () => {
    const { accountId } = await makeFiles(3)
    const other = await makeFiles(2)
    expect(await offsetPage(other.accountId, 0)).toEqual(other.ids.toReversed())
    const { nextPageToken } = await page(accountId, everything, 'desc', undefined, 1)
    await expect(page(other.accountId, everything, 'desc', nextPageToken ?? '')).rejects.toMatchObject({
      code: 'invalid_request',
    })
  })

  it('refuse a token that was changed, or was made for another list', async () => {
    const { accountId } = await makeFiles(3)
    const { nextPageToken } = await page(accountId, everything, 'desc', undefined, 1)
    const token = nextPageToken ?? ''
    expect((await page(accountId, everything, 'desc', token, 2)).files).toHaveLength(2)
    const refused = { code: 'invalid_request', message: expect.stringContaining('pageToken') }
    for (const changed of [
      '',
      'x',
      'null',
      `${token}=`,
      `${token}A`,
      token.slice(1),
      token.slice(0, -1),
      token.toUpperCase(),
      ...Array.from(token, (c, at) => token.slice(0, at) + (c === 'A' ? 'B' : 'A') + token.slice(at + 1)),
    ]) {
      await expect(page(accountId, everything, 'desc', changed)).rejects.toMatchObject(refused)
    }
    await expect(page(accountId, everything, 'asc', token)).rejects.toMatchObject(refused)
    await expect(page(accountId, { ...everything, mimeType: 'image/png' }, 'desc', token)).rejects.toMatchObject(
      refused,
    )
    const privately = { network: 'private', filter: everything, limit: 1, order: 'desc', pageToken: token } as const
    await expect(pageFiles({ db, clock }, { accountId }, privately)).rejects.toMatchObject(refused)
  })

  it('say which filter is too wide when the time is over, and stop for a client that is gone', async () => {
    const { accountId } = await makeFiles(30)
    const filter: FileFilter = { ...everything, cidContains: 'zzz', mimeType: 'image/png' }
    const input = { network: 'public', filter, limit: 5, order: 'desc' } as const
    await expect(pageFiles({ db, clock }, { accountId }, { ...input, deadlineMs: -1 })).rejects.toMatchObject({
      code: 'filter_too_wide',
      message: expect.stringContaining('hashContains'),
      facts: { filters: ['hashContains'] },
    })
    const signal = AbortSignal.abort(new Error('gone'))
    await expect(pageFiles({ db, clock }, { accountId }, { ...input, signal })).rejects.toThrow('gone')
    expect(await pageFiles({ db, clock }, { accountId }, input)).toEqual({ files: [], nextPageToken: null })
  })

  it('leave the loop to others while they look through many files', async () => {
    const { accountId, ids } = await makeFiles(1)
    const [id = ''] = ids
    await db.write(async (tx) => {
      const row = await tx.selectFrom('files').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
      for (let n = 0; n < 200; n++) {
        const rows = Array.from({ length: 100 }, () => {
          const { seq: _seq, ...rest } = row
          return { ...rest, id: newId() }
        })
        await tx.insertInto('files').values(rows).execute()
      }
    })
    const wide: FileFilter = { ...everything, cidContains: 'no such cid' }
    const loop = watchLoop()
    const input = { network: 'public', filter: wide, limit: 5, order: 'desc' } as const
    await Promise.all(Array.from({ length: 20 }, () => pageFiles({ db, clock }, { accountId }, input)))
    expect(loop.longestMs()).toBeLessThan(50)
  })
})
