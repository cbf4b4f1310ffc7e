import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recount as recountAll } from '../src/files/recount.ts'
import { countUsage } from '../src/usage/count-usage.ts'
import { findChanges } from '../src/usage/count-queries.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'

const chunk = 262_144

describe.each(databases)('usage on %s', (database) => {
  let app: TestApp
  let operator: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off' } })
    operator = await app.setUp()
  })
  afterAll(() => app.close())
  const usageOf = async (key: KeyValues) => (await app.ask('GET', '/pinyon/v1/usage', { key })).body

  it('is counted within the account alone', async () => {
    const a = await app.makeAccount(operator, 'alone-a')
    const b = await app.makeAccount(operator, 'alone-b')
    expect((await usageOf(a)).account).toMatchObject({ files: 0, logicalBytes: 0, counted: { uniqueBytes: 0 } })
    const bytes = bytesOf([1, 2])
    await upload(app, b, [['there before', bytes]], { network: 'private' })
    await upload(app, a, [['x', bytes]], { network: 'private' })
    const { account, installation } = await usageOf(a)
    expect(installation).toBe(null)
    expect(account).toMatchObject({ files: 1, logicalBytes: 2 * chunk, quotaBytes: null })
    expect(account.counted).toMatchObject({
      files: 1,
      blocks: 3,
      logicalBytes: 2 * chunk,
      sharedBytes: 0,
      isExact: true,
    })
    expect(account.counted.uniqueBytes).toBeGreaterThan(2 * chunk)
    expect(account.counted.reclaimableBytes).toBe(account.counted.uniqueBytes)
    expect((await usageOf(b)).account.counted).toMatchObject({ sharedBytes: 0 })
    // Another file with one of the two leaves, and one with the same content on the other network.
    await upload(app, a, [['y', bytesOf([2, 3])]], { network: 'private' })
    expect((await usageOf(a)).account.counted).toMatchObject({ blocks: 5, sharedBytes: chunk, isExact: true })
    await upload(app, a, [['z', bytesOf([1, 2])]], { network: 'public' })
    expect((await usageOf(a)).account.counted).toMatchObject({ files: 3, blocks: 5, logicalBytes: 6 * chunk })
    const all = (await usageOf(operator)).installation
    expect(all.counted).toMatchObject({ files: 4, isExact: true })
    expect(all.storedBytes).toBeGreaterThan(all.counted.uniqueBytes)
  })

  it('equals a recount after any changes', { timeout: 120_000 }, async () => {
    let numberOfAccounts = 0
    const leaves = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 })
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ add: leaves, network: fc.constantFrom('public', 'private'), own: fc.boolean() }),
      },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat() }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const accounts = [
          await app.makeAccount(operator, `model-${++numberOfAccounts}`),
          await app.makeAccount(operator, `model-${++numberOfAccounts}`),
        ]
        const held: { owner: number; id: string; leaves: number[]; network: string }[] = []
        for (const each of steps) {
          // Counted in between, so that a count which no longer holds would be answered again.
          for (const key of accounts) await usageOf(key)
          if ('add' in each) {
            const owner = each.own ? 0 : 1
            const { network } = each
            const { id } = await upload(app, accounts[owner]!, [['f', bytesOf(each.add)]], { network })
            if (!held.some((one) => one.id === id)) held.push({ owner, id, leaves: each.add, network })
          } else if (held.length > 0) {
            const [one] = held.splice(each.remove % held.length, 1)
            await app.ask('DELETE', `/v3/files/${one!.network}/${one!.id}`, { key: accounts[one!.owner]! })
          }
        }
        for (const [owner, key] of accounts.entries()) {
          const files = held.filter((one) => one.owner === owner)
          const { account } = await usageOf(key)
          expect(account).toMatchObject({ files: files.length, counted: { isExact: true } })
          const logical = files.reduce((sum, one) => sum + one.leaves.length * chunk, 0)
          expect(account.logicalBytes).toBe(logical)
          expect(account.counted).toMatchObject({ files: files.length, logicalBytes: logical, ...recount(files) })
        }
      }),
      { numRuns: 12 },
    )
    const { installation } = await usageOf(operator)
    expect(installation.counted).toMatchObject({ ...(await wholeRecount()), isExact: true })
    expect(await recountAll(app.services.db.read)).toMatchObject({ numberOfWrong: 0, wrong: [] })
  })

  /** What all files take, by one statement over the ledger. */
  async function wholeRecount() {
    const { db } = app.services
    const files = await db.read
      .selectFrom('files')
      .select(['pin_id', 'size_bytes'])
      .where('state', '=', 'held')
      .execute()
    const rows = await db.read
      .selectFrom('pin_blocks')
      .innerJoin('blocks', 'blocks.id', 'pin_blocks.block_id')
      .select(['pin_id', 'blocks.id', 'blocks.length'])
      .execute()
    const lengths = new Map<number, number>()
    const needs = new Map<number, number>()
    for (const { pin_id } of files) {
      for (const { id, length } of rows.filter((row) => row.pin_id === pin_id)) {
        lengths.set(id, length)
        needs.set(id, (needs.get(id) ?? 0) + 1)
      }
    }
    const sum = (ids: Iterable<number>) => [...ids].reduce((total, id) => total + (lengths.get(id) ?? 0), 0)
    const uniqueBytes = sum(lengths.keys())
    const sharedBytes = sum([...needs].filter(([, times]) => times > 1).map(([id]) => id))
    const logicalBytes = files.reduce((total, { size_bytes }) => total + size_bytes, 0)
    const reclaimableBytes = uniqueBytes - sharedBytes
    return { files: files.length, blocks: lengths.size, logicalBytes, uniqueBytes, sharedBytes, reclaimableBytes }
  }

  it('says when it is out of date, and by which count', async () => {
    const a = await app.makeAccount(operator, 'old')
    await upload(app, a, [['x', bytesOf([1])]], { network: 'private' })
    const before = await findChanges(app.services.db.read, a.accountId)
    const count = await countUsage(app.services, a.accountId, { share: 1, signal: AbortSignal.timeout(5_000) })
    expect(count.changes).toBe(before.changes)
    await upload(app, a, [['y', bytesOf([2])]], { network: 'private' })
    expect((await findChanges(app.services.db.read, a.accountId)).changes).not.toBe(count.changes)
    expect((await usageOf(a)).account.counted).toMatchObject({ files: 2, isExact: true })
  })

  it('is for those who may see it', async () => {
    expect((await app.ask('GET', '/pinyon/v1/usage')).status).toBe(401)
    const uploader = await app.makeKey(operator, { endpoints: { files: { upload: true } } })
    expect((await app.ask('GET', '/pinyon/v1/usage', { key: uploader })).status).toBe(403)
    const reader = await app.makeKey(operator, { endpoints: { account: { usage: true } } })
    const { status, body } = await app.ask('GET', '/pinyon/v1/usage', { key: reader })
    expect([status, body.installation]).toEqual([200, null])
  })
})

const seed = randomInt(1_000_000)

/** Content whose leaves are known by their numbers. */
function bytesOf(leaves: readonly number[]): Buffer {
  return Buffer.concat(leaves.map((leaf) => Buffer.alloc(chunk, `leaf ${leaf} of ${seed};`)))
}

/** Bytes of leaves, and of roots as UnixFS has them: what the walk over the ledger should come to. */
function recount(files: readonly { leaves: readonly number[] }[]) {
  const needs = new Map<string, { sizeBytes: number; files: number }>()
  for (const { leaves } of files) {
    const blocks = new Map(leaves.map((leaf) => [`leaf ${leaf}`, chunk]))
    if (leaves.length > 1) blocks.set(`root ${leaves.join()}`, rootBytes(leaves.length))
    for (const [name, sizeBytes] of blocks) {
      needs.set(name, { sizeBytes, files: (needs.get(name)?.files ?? 0) + 1 })
    }
  }
  const sum = (least: number) =>
    [...needs.values()].reduce((bytes, need) => bytes + (need.files >= least ? need.sizeBytes : 0), 0)
  return { blocks: needs.size, uniqueBytes: sum(1), sharedBytes: sum(2), reclaimableBytes: sum(1) - sum(2) }
}

/** A dag-pb node of UnixFS with so many links to raw leaves of a chunk each (https://specs.ipfs.tech/unixfs/). */
function rootBytes(links: number): number {
  const link = 2 + (2 + 36) + 2 + (1 + 3)
  const data = 2 + (1 + 3) + links * (1 + 3)
  return links * link + 2 + data
}
