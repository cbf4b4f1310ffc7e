import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { quotaWays } from './support/quota-ways.ts'
import { begin, begun, cidOf, freshBytes, offsetOf, patch } from './support/tus.ts'
import { expireUploads } from '../src/uploads/expire-uploads.ts'

const mib = 1024 * 1024

/** Sends a part of a chunk and goes away, as a browser that is closed does. */
function sendPart(
  app: TestApp,
  key: KeyValues,
  path: string,
  { offset, chunk, count }: { offset: number; chunk: Buffer; count: number },
): Promise<void> {
  return new Promise((resolve) => {
    const sending = request(`${app.apiUrl}${path}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${key.JWT}`,
        'content-type': 'application/offset+octet-stream',
        'upload-offset': offset,
        'content-length': chunk.length,
      },
    })
    sending.once('error', () => {}) // the reset that was asked for
    sending.once('close', () => resolve())
    sending.write(chunk.subarray(0, count), () => sending.socket?.resetAndDestroy())
  })
}

describe.each(databases)('a resumable upload on %s', (database) => {
  let app: TestApp
  let now: number | undefined
  const clock = { now: () => now ?? Date.now() }

  afterEach(async () => {
    now = undefined
    await app.close()
  })

  it('goes on where it stood when its client went away, also with the whole chunk again', async () => {
    app = await startTestApp({ database })
    const key = await app.setUp()
    const bytes = freshBytes(9 * mib + 5)
    const { path, id } = await begun(app, key, bytes.length)
    expect((await patch(app, key, path, 0, bytes.subarray(0, mib))).status).toBe(204)
    await sendPart(app, key, path, { offset: mib, chunk: bytes.subarray(mib), count: 4 * mib + 77 })
    const offset = await offsetOf(app, key, path)
    expect(offset).toBeGreaterThan(mib)
    expect(offset).toBeLessThanOrEqual(5 * mib + 77)
    // What the SDKs do: they never ask.
    const last = await patch(app, key, path, mib, bytes.subarray(mib))
    expect([last.status, last.headers.get('upload-cid')]).toEqual([204, await cidOf(bytes)])
    const reply = await fetch(`${app.apiUrl}/pinyon/v1/files/${id}/content`, {
      headers: { authorization: `Bearer ${key.JWT}` },
    })
    expect(Buffer.from(await reply.arrayBuffer()).equals(bytes)).toBe(true)
  })

  it('takes the place of a request that stands still', async () => {
    app = await startTestApp({ database })
    const key = await app.setUp()
    const bytes = freshBytes(mib)
    const { path } = await begun(app, key, bytes.length)
    const standing = request(`${app.apiUrl}${path}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${key.JWT}`,
        'content-type': 'application/offset+octet-stream',
        'upload-offset': 0,
        'content-length': bytes.length,
      },
    })
    const isOver = new Promise((resolve) => standing.once('close', resolve))
    standing.once('error', () => {}) // it is cut
    standing.write(bytes.subarray(0, 1_000))
    await expect.poll(() => app.services.activeUploads.count).toBe(1)
    await expect.poll(() => offsetOf(app, key, path).catch(() => -1)).toBe(1_000)
    await isOver
    expect((await patch(app, key, path, 1_000, bytes.subarray(1_000))).headers.get('upload-cid')).toBe(
      await cidOf(bytes),
    )
  })

  it('outlives the process, its blocks too, and is charged for its own blocks alone', async () => {
    app = await startTestApp({ database })
    const key = await app.setUp()
    const bytes = freshBytes(5 * mib + 99)
    const { path, id } = await begun(app, key, bytes.length)
    expect((await patch(app, key, path, 0, bytes.subarray(0, 2 * mib + 11))).status).toBe(204)
    await app.reopen()
    expect(await offsetOf(app, key, path)).toBe(2 * mib + 11)
    // As one that was killed leaves it: somebody takes bytes, and blocks are named that are no part of it.
    await app.services.db.write((tx) =>
      tx.updateTable('uploads').set({ writer_id: 'killed', lease_until: 0 }).where('id', '=', id).execute(),
    )
    await app.reopen()
    expect((await patch(app, key, path, 2 * mib + 11, bytes.subarray(2 * mib + 11))).status).toBe(204)
    const file = (await app.ask('GET', `/v3/files/private/${id}`, { key })).body.data
    expect(file).toMatchObject({ cid: await cidOf(bytes), size: bytes.length })
    const pin = await app.services.db.read
      .selectFrom('pins')
      .innerJoin('files', 'files.pin_id', 'pins.id')
      .select(['pins.number_of_blocks', 'pins.id'])
      .where('files.id', '=', id)
      .executeTakeFirstOrThrow()
    const named = await app.services.db.read
      .selectFrom('pin_blocks')
      .select('block_id')
      .where('pin_id', '=', pin.id)
      .execute()
    expect(named).toHaveLength(pin.number_of_blocks)
    expect(pin.number_of_blocks).toBe(22)
  })

  it('waits so long for its next bytes and no longer, and leaves nothing', async () => {
    app = await startTestApp({ database, clock, env: { PINYON_UPLOADS_KEEP: '1', PINYON_UPLOADS_UNFINISHED: '3' } })
    const operator = await app.setUp()
    const key = await app.makeAccount(operator, 'waiting', { quotaBytes: 100 * mib })
    const { path } = await begun(app, key, 90 * mib)
    await patch(app, key, path, 0, freshBytes(mib))
    const [two] = [await begun(app, key, 5), await begun(app, key, 5)]
    expect(await begin(app, key, 5)).toMatchObject({ status: 429 })
    await patch(app, key, two.path, 0, 'whole')
    expect((await begin(app, key, 5)).status).toBe(201)
    const start = clock.now()
    now = start + 50 * 60_000
    expect((await patch(app, key, path, mib, freshBytes(mib))).status).toBe(204)
    now = start + 100 * 60_000
    expect(await offsetOf(app, key, path)).toBe(2 * mib)
    now = start + 111 * 60_000
    expect((await app.ask('HEAD', path, { key })).status).toBe(404)
    expect(await expireUploads(app.services)).toBeGreaterThan(0)
    const { read } = app.services.db
    expect(await read.selectFrom('uploads').select('id').execute()).toEqual([])
    expect(await read.selectFrom('pins').select('id').where('state', '=', 'staging').execute()).toEqual([])
    expect((await begin(app, key, 90 * mib)).status).toBe(201)
  })

  it('keeps room in the quota for what was announced, against every way in', async () => {
    app = await startTestApp({ database })
    const operator = await app.setUp()
    const key = await app.makeAccount(operator, 'bounded', { quotaBytes: 10 * mib })
    expect((await begin(app, key, 11 * mib)).status).toBe(403)
    const { path } = await begun(app, key, 6 * mib)
    expect((await begin(app, key, 5 * mib)).status).toBe(403)
    await expect(upload(app, key, [['a.bin', freshBytes(5 * mib)]])).rejects.toThrow('403')
    await upload(app, key, [['small.bin', freshBytes(mib)]])
    const later = await app.ask('POST', '/v3/files', { key, headers: { 'upload-defer-length': '1' } })
    const deferred = new URL(String(later.headers.get('location'))).pathname
    expect((await patch(app, key, deferred, 0, freshBytes(2 * mib))).status).toBe(204)
    expect((await patch(app, key, deferred, 2 * mib, freshBytes(2 * mib))).status).toBe(403)
    expect((await patch(app, key, path, 0, freshBytes(6 * mib))).status).toBe(204)
    expect((await app.ask('DELETE', deferred, { key })).status).toBe(204)
    await upload(app, key, [['rest.bin', freshBytes(3 * mib)]])
    const { body } = await app.ask('GET', '/pinyon/v1/whoami', { key })
    expect(body.quota.usedBytes).toBe(10 * mib)
  })

  it(
    'never lets an account have more than its quota, however uploads are mixed (T124)',
    { timeout: 60_000 },
    async () => {
      app = await startTestApp({ database })
      const operator = await app.setUp()
      const quotaBytes = 5 * mib
      const key = await app.makeAccount(operator, 'racing', { quotaBytes })
      const there = await upload(app, key, [['there.bin', freshBytes(2 * mib)]])
      const size = Math.floor(0.6 * 3 * mib)
      // Content of somebody else that is here already, so that a pin by CID is charged at once.
      const pinned = await Promise.all(
        Array.from({ length: 6 }, () => upload(app, operator, [['theirs.bin', freshBytes(size)]])),
      )
      const ways = quotaWays({ key, size, pinned: pinned.map(({ cid }) => cid), apiUrl: () => app.apiUrl })
      const usedBytes = async () => (await app.ask('GET', '/pinyon/v1/whoami', { key })).body.quota.usedBytes as number
      const seen: number[] = []
      let isOver = false
      const watching = (async () => {
        while (!isOver) seen.push(await usedBytes())
      })()
      // What has won stands aside, so that each way wins once; its file makes room again.
      const winners = new Set<number>()
      try {
        for (let round = 0; round < 6; round++) {
          const turned = ways.flatMap((_, way) => (winners.has(way % 6) ? [] : [way]))
          const statuses = await Promise.all(turned.map(async (way) => ways[way]?.()))
          const won = turned.filter((_, i) => statuses[i] === 200)
          expect([won.length, statuses.filter((status) => status !== 200 && status !== 403)]).toEqual([1, []])
          winners.add((won[0] ?? 0) % 6)
          const listed = (await app.ask('GET', '/v3/files/public', { key })).body.data.files as Uploaded[]
          const [made, ...others] = listed.filter(({ id }) => id !== there.id)
          expect([made?.size, others]).toEqual([size, []])
          expect(await usedBytes()).toBe(there.size + size)
          expect((await app.ask('DELETE', `/v3/files/public/${made?.id}`, { key })).status).toBe(200)
        }
      } finally {
        isOver = true
        await watching
      }
      expect(winners.size).toBe(6)
      expect(Math.max(...seen)).toBeLessThanOrEqual(quotaBytes)
    },
  )
})
