import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, open, readdir, rename, rm, truncate } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { repair } from '../src/admin.ts'
import { backup } from '../src/backup.ts'
import { Pace } from '../src/pins/pace.ts'
import { scrubPack } from '../src/pins/scrub-pack.ts'
import { updateScrub } from '../src/pins/scrub-queries.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { cidOf } from './support/pins.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

describe.each(databases)('the scrub on %s', (database) => {
  const start = async (options: Parameters<typeof startTestApp>[0] = {}) => {
    const app = await startTestApp({ ...options, database, env: { PINYON_SCRUB_SHARE: '100', ...options.env } })
    closers.push(() => app.close())
    return app
  }
  const health = async (app: TestApp, key: KeyValues) =>
    (await app.ask('GET', '/pinyon/v1/operator/storage', { key })).body
  const content = (app: TestApp, key: KeyValues, id: string) =>
    fetch(`${app.apiUrl}/pinyon/v1/files/${id}/content`, { headers: { authorization: `Bearer ${key.JWT}` } })
  const scrubbed = async (app: TestApp, key: KeyValues) => {
    expect((await app.ask('POST', '/pinyon/v1/operator/storage/scrub', { key })).status).toBe(202)
    await expect
      .poll(async () => (await health(app, key)).scrub, { timeout: 60_000 })
      .toMatchObject({ packsBeingRead: 0, packsWaiting: 0 })
    return health(app, key)
  }

  it('finds every damaged block in one pass and names it with its owners', async () => {
    const app = await start()
    const operator = await app.setUp()
    const a = await app.makeAccount(operator, 'alice')
    const pieces = Array.from({ length: 12 }, () => randomBytes(20_000))
    const files: { id: string; cid: string }[] = []
    for (const [i, bytes] of pieces.entries())
      files.push(await upload(app, a, [[`${i}.bin`, bytes]], { network: 'private' }))
    expect(await scrubbed(app, operator)).toMatchObject({ state: 'whole', damagedBlocks: 0, damaged: [] })
    for (const i of [1, 4, 9]) await flipIn(app, pieces[i]!)
    const found = await scrubbed(app, operator)
    expect(found).toMatchObject({ state: 'damaged', damagedBlocks: 3 })
    expect(new Set(found.damaged.map((each: { cid: string }) => each.cid))).toEqual(
      new Set([1, 4, 9].map((i) => files[i]!.cid)),
    )
    for (const { owners, reason, foundBy } of found.damaged) {
      expect({ reason, foundBy }).toEqual({ reason: 'damaged', foundBy: 'scrub' })
      expect(owners).toEqual([{ accountId: a.accountId, files: [expect.any(String)] }])
    }
    const audit = (await app.ask('GET', '/pinyon/v1/audit?action=block.damaged', { key: a })).body
    expect(new Set(audit.entries.map((line: { target: string }) => line.target))).toEqual(
      new Set([1, 4, 9].map((i) => files[i]!.cid)),
    )
    expect(audit.entries).toHaveLength(3)
    const metrics = (await app.ask('GET', '/metrics', { key: operator })).body
    expect(metrics).toMatch(/^pinyon_damaged_blocks 3$/m)
    expect(metrics).toContain(`pinyon_damaged_block{cid="${files[4]!.cid}",account="${a.accountId}"} 1`)
    expect((await app.ask('GET', '/pinyon/v1/operator/storage', { key: a })).status).toBe(403)
    // A second pass finds nothing new, and says nothing twice.
    expect(await scrubbed(app, operator)).toMatchObject({ damagedBlocks: 3 })
    const again = (await app.ask('GET', '/pinyon/v1/audit?action=block.damaged', { key: a })).body
    expect(again.entries).toHaveLength(3)
    expect((await content(app, a, files[4]!.id)).status).toBe(503)
    expect((await content(app, a, files[5]!.id)).status).toBe(200)
  })

  it('repairs public content from a gateway that the operator named, and asks nobody for private content', async () => {
    const shown = randomBytes(30_000)
    const hidden = randomBytes(30_000)
    const asked: string[] = []
    const gateway = createServer((request, response) => {
      asked.push(request.url ?? '')
      const isShown = request.url?.startsWith(`/ipfs/${cidOf(shown)}?`) === true
      response.writeHead(isShown ? 200 : 404).end(isShown ? shown : '')
    })
    gateway.listen(0, '127.0.0.1')
    await once(gateway, 'listening')
    closers.push(async () => gateway.close())
    const { port } = gateway.address() as AddressInfo // it listens on TCP
    const app = await start({ env: { PINYON_IPFS_GATEWAYS: `http://127.0.0.1:${port}` } })
    const key = await app.setUp()
    const open = await upload(app, key, [['shown.bin', shown]], { network: 'public' })
    const secret = await upload(app, key, [['hidden.bin', hidden]], { network: 'private' })
    await flipIn(app, shown)
    await flipIn(app, hidden)
    await scrubbed(app, key)
    await expect.poll(async () => (await health(app, key)).repaired, { timeout: 60_000 }).toHaveLength(1)
    const after = await health(app, key)
    expect(after.repaired).toMatchObject([{ cid: open.cid, from: `http://127.0.0.1:${port}` }])
    expect(Buffer.from(await (await content(app, key, open.id)).arrayBuffer()).equals(shown)).toBe(true)
    await expect.poll(async () => (await health(app, key)).damaged[0]?.outcome, { timeout: 60_000 }).toMatch(/private/)
    expect((await health(app, key)).damaged).toMatchObject([{ cid: secret.cid, attempts: 1 }])
    expect(asked.filter((url) => !url.startsWith(`/ipfs/${open.cid}?`))).toEqual([])
    expect((await content(app, key, secret.id)).status).toBe(503)
    const audit = (await app.ask('GET', '/pinyon/v1/audit?action=block.repaired', { key })).body
    expect(audit.entries).toMatchObject([{ target: open.cid }])
    // Sent again by its owner it is whole, and nobody lists it any more.
    await upload(app, key, [['hidden.bin', hidden]], { network: 'private' })
    expect(await health(app, key)).toMatchObject({ state: 'whole', damaged: [] })
    expect((await content(app, key, secret.id)).status).toBe(200)
  })

  it('keeps what a read finds damaged, and knows it after a restart', async () => {
    const app = await start({ env: { PINYON_SCRUB_DAYS: '0' } })
    const key = await app.setUp()
    const bytes = randomBytes(30_000)
    const file = await upload(app, key, [['x.bin', bytes]], { network: 'private' })
    await app.reopen()
    await flipIn(app, bytes)
    expect((await content(app, key, file.id)).status).toBe(503)
    await expect.poll(async () => (await health(app, key)).damaged, { timeout: 60_000 }).toHaveLength(1)
    expect((await health(app, key)).damaged).toMatchObject([{ cid: file.cid, foundBy: 'read' }])
    await app.reopen()
    // The whole block takes its place although nobody read the damaged one since.
    await upload(app, key, [['x.bin', bytes]], { network: 'private' })
    expect((await content(app, key, file.id)).status).toBe(200)
    expect((await health(app, key)).repaired).toMatchObject([{ cid: file.cid, from: 'upload' }])
  })

  it('says that damage is gone when its bytes are back and everything is read again', async () => {
    const app = await start({ env: { PINYON_SCRUB_DAYS: '0' } })
    const key = await app.setUp()
    const bytes = randomBytes(30_000)
    const file = await upload(app, key, [['x.bin', bytes]], { network: 'private' })
    const changed = Buffer.from(bytes)
    changed[100] = bytes[100]! ^ 1
    await flipIn(app, bytes)
    expect(await scrubbed(app, key)).toMatchObject({ damagedBlocks: 1 })
    await expect.poll(async () => (await health(app, key)).damaged[0]?.attempts, { timeout: 60_000 }).toBe(1)
    await flipIn(app, changed)
    await scrubbed(app, key)
    await expect.poll(async () => (await health(app, key)).state, { timeout: 60_000 }).toBe('whole')
    expect((await health(app, key)).repaired).toMatchObject([{ cid: file.cid, from: 'the disk' }])
    expect((await content(app, key, file.id)).status).toBe(200)
  })

  it('finds packs that are cut off or gone without waiting for their turn', async () => {
    const app = await start()
    const key = await app.setUp()
    const file = await upload(app, key, [['x.bin', randomBytes(30_000)]], { network: 'private' })
    await app.app.close()
    const [pack] = await packsOf(app)
    await truncate(pack!, 10_000)
    await app.reopen()
    await expect
      .poll(async () => (await health(app, key)).damaged, { timeout: 60_000 })
      .toMatchObject([{ reason: 'missing', owners: [{ files: [file.id] }] }])
    await app.app.close()
    await rm(pack!)
    await app.reopen()
    expect(await health(app, key)).toMatchObject({ damagedBlocks: 1 })
  })

  it('says that damage is gone when a repair completed its pack', { timeout: 60_000 }, async () => {
    const app = await start({ env: { PINYON_SCRUB_DAYS: '0' } })
    const key = await app.setUp()
    const file = await upload(app, key, [['x.bin', randomBytes(30_000)]], { network: 'private' })
    const { database } = app.services.config
    const env = database.kind === 'postgres' ? { PINYON_DATABASE_URL: database.url.reveal() } : {}
    const copy = join(app.dataDir, 'copy')
    await backup({ dataDir: app.dataDir, env }, copy, {})
    const [pack] = await packsOf(app)
    await truncate(pack!, 10_000)
    expect(await scrubbed(app, key)).toMatchObject({ damagedBlocks: 1 })
    await app.app.close()
    await repair({ dataDir: app.dataDir, env }, { from: copy })
    await app.reopen()
    expect(await health(app, key)).toMatchObject({
      state: 'whole',
      repaired: [{ cid: file.cid, from: 'another copy' }],
    })
  })

  it('finds what was put in the place of a pack that is open', async () => {
    const app = await start()
    const key = await app.setUp()
    const bytes = randomBytes(20_000)
    const { cid } = await upload(app, key, [['a.bin', bytes]], { network: 'private' })
    expect(await scrubbed(app, key)).toMatchObject({ state: 'whole' })
    for (const path of await packsOf(app)) {
      await copyFile(path, `${path}.aside`)
      await rename(path, `${path}.before`)
      await rename(`${path}.aside`, path)
    }
    await flipIn(app, bytes)
    expect((await scrubbed(app, key)).damaged).toMatchObject([{ cid, foundBy: 'scrub' }])
  })

  it('reads every pack within the period', async () => {
    let now = Date.now()
    const app = await start({ clock: { now: () => now }, env: { PINYON_SCRUB_DAYS: '4' } })
    const key = await app.setUp()
    await upload(app, key, [['x', randomBytes(700_000)]], { network: 'private' })
    const { verifiedSince } = (await health(app, key)).scrub
    now += 2 * 86_400_000
    await app.reopen()
    expect((await health(app, key)).scrub).toMatchObject({ periodDays: 4, verifiedSince })
    now += 1.5 * 86_400_000
    await expect
      .poll(async () => (await health(app, key)).scrub.verifiedSince, { timeout: 60_000 })
      .toBe(new Date(now).toISOString())
  })

  it('warns in time when its share is too small for the period', async () => {
    let now = Date.now()
    const app = await start({ clock: { now: () => now }, env: { PINYON_SCRUB_DAYS: '4' } })
    const key = await app.setUp()
    await upload(app, key, [['x', randomBytes(1_000)]], { network: 'private' })
    // The pack is being read, and that takes too long.
    const { db, newId } = app.services
    const { name } = await db.read.selectFrom('packs').select('name').executeTakeFirstOrThrow()
    const job = { id: newId(), kind: 'scrub-pack', subject: name, payload: '{}', created_at: now, run_at: now }
    const held = { attempts: 1, lease: 1, lease_until: 9e15 }
    await db.write((tx) =>
      tx
        .insertInto('jobs')
        .values({ ...job, ...held })
        .execute(),
    )
    now += 3.5 * 86_400_000
    expect((await health(app, key)).scrub).toMatchObject({ packsLate: 0 })
    now += 0.2 * 86_400_000
    expect((await health(app, key)).scrub).toMatchObject({ packsLate: 1 })
    expect((await app.ask('GET', '/metrics', { key })).body).toContain('pinyon_packs_late 1')
    await expect.poll(() => app.log(), { timeout: 60_000 }).toContain('PINYON_SCRUB_SHARE is too small')
  })

  it('goes on where it was stopped', async () => {
    const app = await start({ env: { PINYON_SCRUB_DAYS: '0' } })
    const key = await app.setUp()
    await upload(app, key, [['x', randomBytes(2_000_000)]], { network: 'private' })
    const { db, metrics } = app.services
    const [pack] = await db.read.selectFrom('packs').selectAll().execute()
    const blocks = await db.read.selectFrom('blocks').selectAll().orderBy('offset', 'desc').execute()
    const readBytes = async () => (await metrics.scrubbedBytes.get()).values[0]?.value ?? 0
    const pace = new Pace({ share: () => 1, signal: AbortSignal.timeout(10_000) })
    // As a process leaves it that ends when all but the last block were read.
    const { id, name } = pack!
    await db.write((tx) => updateScrub(tx, { id, beganAt: 1_000, offset: blocks[1]!.offset }))
    const before = await readBytes()
    await scrubPack(app.services, name, pace)
    expect((await readBytes()) - before).toBe(blocks[0]!.length)
    const after = await db.read.selectFrom('packs').selectAll().execute()
    expect(after).toMatchObject([{ scrubbed_at: 1_000, scrub_began_at: null, scrub_offset: 0 }])
    await scrubPack(app.services, name, pace)
    expect((await readBytes()) - before).toBe(blocks[0]!.length + blocks.reduce((sum, { length }) => sum + length, 0))
    await expect(
      scrubPack(app.services, name, new Pace({ share: () => 1, signal: AbortSignal.abort() })),
    ).rejects.toThrow()
    const stopped = await db.read.selectFrom('packs').selectAll().execute()
    expect(stopped).toMatchObject([{ scrub_began_at: expect.any(Number) }])
  })
})

async function packsOf(app: TestApp): Promise<string[]> {
  const dir = join(app.dataDir, 'packs')
  return (await readdir(dir)).filter((name) => name.endsWith('.car')).map((name) => join(dir, name))
}

/** Flips a bit of these bytes where they lie in a pack. */
async function flipIn(app: TestApp, bytes: Uint8Array): Promise<void> {
  for (const path of await packsOf(app)) {
    const file = await open(path, 'r+')
    try {
      const at = (await file.readFile()).indexOf(bytes.subarray(0, 64))
      if (at < 0) continue
      await file.write(Buffer.from([bytes[100]! ^ 1]), 0, 1, at + 100)
      return
    } finally {
      await file.close()
    }
  }
  throw new Error('These bytes lie in no pack')
}
