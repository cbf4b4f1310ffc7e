import { randomBytes } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Cid } from '../src/ipfs/cid.ts'
import { formatCid } from '../src/ipfs/cid.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { linkTo, putCbor, putDirectory, putFile, putRaw } from '../src/ipfs/sample-dags.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { BlockOrigin } from './support/block-origin.ts'
import { upload } from './support/content.ts'
import { rawAsk } from './support/raw-http.ts'

const mebibyte = 1024 * 1024

describe.each(databases)('the open mode under attack on %s', { timeout: 60_000 }, (database) => {
  let origin: BlockOrigin
  let app: TestApp
  let key: KeyValues
  beforeAll(async () => {
    origin = await BlockOrigin.start()
    app = await startTestApp({
      database,
      env: {
        PINYON_GATEWAY_OPEN: 'on',
        PINYON_GATEWAY_OPEN_CACHE: '1',
        PINYON_GATEWAY_OPEN_FETCHES: '8',
        PINYON_GATEWAY_OPEN_LIMITS: 'mib=3,blocks=60,depth=20,seconds=600',
        PINYON_GATEWAY_FIRST_BYTE: '600',
        PINYON_IPFS_GATEWAYS: origin.url,
        PINYON_TRUSTED_PROXIES: '127.0.0.1',
      },
    })
    key = await app.setUp()
  }, 60_000)
  afterAll(async () => {
    await app.close()
    await origin.close()
  })
  afterEach(() => {
    origin.asked.splice(0)
    origin.release()
  })

  const get = (path: string, from = '192.0.2.1') => rawAsk(app.gatewayUrl, 'GET', path, { 'x-forwarded-for': from })
  /** Has the origin hold blocks that `make` puts; the root as text. */
  const offer = (make: (blocks: MemoryBlocks) => Cid): string => {
    const blocks = new MemoryBlocks()
    return origin.add({ root: make(blocks), blocks })
  }
  const absentCid = () => formatCid(putRaw(new MemoryBlocks(), randomBytes(20)))

  it('refuses at once what is too much for one address, ends the rest in time, and keeps serving others', async () => {
    const held = await upload(app, key, [['h.txt', `held on ${database}`]])
    const wanted = offer((blocks) => putRaw(blocks, `wanted on ${database}`))
    origin.absent = 'hangs'
    const flood = Array.from({ length: 150 }, () => get(`/ipfs/${absentCid()}`, '192.0.2.66'))
    // Two of eight places: its part.
    await expect.poll(() => origin.asked.length, { timeout: 30_000 }).toBe(2)
    for (let i = 0; i < 20; i++) expect((await get(`/ipfs/${held.cid}`, '192.0.2.66')).text).toBe(`held on ${database}`)
    // Somebody else is not behind them.
    expect((await get(`/ipfs/${wanted}`, '192.0.2.2')).text).toBe(`wanted on ${database}`)
    origin.release()
    const ended = await Promise.all(flood)
    const refused = ended.filter(({ status }) => status === 429)
    const late = ended.filter(({ status }) => status === 504)
    expect(refused.length + late.length).toBe(150)
    // Those that had a place, and those that could wait for one.
    expect(late.length).toBeGreaterThanOrEqual(2 + 8)
    expect(refused.length).toBeGreaterThan(0)
    for (const { headers, text } of ended) {
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      expect(text).toMatch(/Try again in/)
      expect(headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'no-store' })
    }
    expect(refused[0]?.text).toContain('for your address')
  })

  it('stops at its bounds in a DAG that is deep, wide or large', async () => {
    const deep = offer((blocks) => {
      let below = putCbor(blocks, `the end on ${database}`)
      for (let i = 0; i < 40; i++) below = putCbor(blocks, { below: linkTo(below) })
      return below
    })
    const wide = offer((blocks) => {
      const leaves = Array.from({ length: 100 }, (_, i) => putRaw(blocks, `${database} leaf ${i}`))
      return putCbor(blocks, leaves.map(linkTo))
    })
    const large = offer((blocks) => {
      const parts = Array.from({ length: 5 }, () => [putRaw(blocks, randomBytes(mebibyte)), mebibyte] as const)
      return putFile(blocks, parts)
    })
    const answers = [
      await get(`/ipfs/${deep}?format=car`),
      await get(`/ipfs/${wide}?format=car`),
      await get(`/ipfs/${large}`),
    ]
    expect(answers.map(({ status, complete }) => [status, complete])).toEqual([
      [413, true],
      [413, true],
      // It had begun: what is cut looks cut.
      [200, false],
    ])
    const asked = new Set(origin.asked)
    expect(asked.size).toBeLessThanOrEqual(22 + 61 + 5)
    // Before an answer begins it is said in words.
    const path = offer((blocks) => {
      let below = putRaw(blocks, `at the end of a path on ${database}`)
      for (let i = 0; i < 70; i++) below = putDirectory(blocks, { d: below, [`${i}`]: below })
      return below
    })
    const far = await get(`/ipfs/${path}${'/d'.repeat(70)}`)
    expect([far.status, far.text]).toEqual([413, expect.stringContaining('60 blocks')])
  })

  it('cuts an answer in whose middle a block does not come', async () => {
    const half = offer((blocks) => {
      const part = putRaw(blocks, randomBytes(1_000))
      const missing = putRaw(new MemoryBlocks(), randomBytes(1_000))
      return putFile(blocks, [[part, 1_000], [missing, 1_000]]) // prettier-ignore
    })
    const begun = await get(`/ipfs/${half}?filename=half.bin`)
    expect([begun.status, begun.body.length, begun.complete]).toEqual([200, 1_000, false])
  })

  it('never takes more of the disk than it may, also while what goes is being read', async () => {
    const files = Array.from({ length: 8 }, () => randomBytes(400_000))
    const cids = files.map((bytes) =>
      offer((blocks) => {
        const parts = Array.from({ length: 4 }, (_, i) =>
          putRaw(blocks, bytes.subarray(i * 100_000, (i + 1) * 100_000)),
        )
        return putFile(blocks, parts.map((part) => [part, 100_000])) // prettier-ignore
      }),
    )
    const sizes: number[] = []
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(cids.map((cid, i) => get(`/ipfs/${cid}`, `192.0.2.${i + 10}`)))
      for (const [i, { body }] of answers.entries()) expect(body.equals(files[i]!)).toBe(true)
      sizes.push(await cacheBytes())
    }
    for (const size of sizes) expect(size).toBeLessThanOrEqual(mebibyte)
  })

  async function cacheBytes(): Promise<number> {
    const entries = await readdir(join(app.dataDir, 'open-cache'), { recursive: true, withFileTypes: true })
    let sum = 0
    for (const entry of entries) {
      if (!entry.isFile()) continue
      // One may go while it is looked at.
      const { size } = await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))
      sum += Math.ceil(size / 4_096) * 4_096
    }
    return sum
  }

  it('tells its metrics', async () => {
    const text = await app.services.metrics.registry.metrics()
    expect(text).toMatch(/^pinyon_open_blocks_total\{from="network"\} [1-9]/m)
    expect(text).toMatch(/^pinyon_open_bytes_total [1-9]/m)
    expect(text).toMatch(/^pinyon_open_refused_total\{reason="rate_limited"\} [1-9]/m)
    expect(text).toMatch(/^pinyon_open_fetches \d/m)
    expect(text).toMatch(/^pinyon_open_cache_bytes [1-9]/m)
  })
})
