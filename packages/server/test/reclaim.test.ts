import { fork } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBlockWriter } from '../src/pins/block-writer.ts'
import { publicBlocks } from '../src/pins/read-blocks.ts'
import { openReclaimer } from '../src/pins/reclaimer.ts'
import {
  bytesOf,
  countRows,
  databases,
  holdByFile,
  type LedgerPlace,
  type OpenLedger,
  openLedger,
  pinBlocksOf,
  rawBlock,
  release,
} from './support/ledger.ts'
import { makeLedgerPlace } from './support/ledger-place.ts'
import type { ReadingNews, ReadingOrder } from './support/reading-process.ts'

describe.each(databases)('reclaim on %s', (kind) => {
  let place: LedgerPlace & { remove(): Promise<void> }
  let ledger: OpenLedger
  beforeEach(async () => {
    place = await makeLedgerPlace(kind)
    ledger = await openLedger(place, { segmentBytes: 1_000_000, cacheBytes: 1 })
  })
  afterEach(async () => {
    await ledger.close()
    await place.remove()
  })
  const storedBytes = async () => (await ledger.packs.list()).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  /** Pins of one block each, all in the same packs. */
  const pinMany = async (count: number, sizeBytes: number) => {
    const pins = []
    for (let i = 0; i < count; i++) {
      const block = rawBlock(bytesOf(`many ${i}`, sizeBytes))
      pins.push({ block, ...(await pinBlocksOf(ledger, { root: block.cid, blocks: [block] })) })
    }
    return pins
  }

  it('gives space back by itself while everything is served', { timeout: 60_000 }, async () => {
    const pins = await pinMany(60, 50_000)
    const before = await storedBytes()
    for (const { pinId } of pins.slice(6)) await release(ledger, pinId)
    const reclaimer = openReclaimer(ledger, { everyMs: 20 })
    const shown = publicBlocks(ledger)
    await expect
      .poll(
        async () => {
          for (const { block } of pins.slice(0, 6)) {
            expect(await shown.get(block.multihash)).toEqual(block.bytes[0])
          }
          return storedBytes()
        },
        { timeout: 60_000, interval: 1 },
      )
      .toBeLessThan(before / 4)
    await reclaimer.close()
    expect((await countRows(ledger)).blocks).toBe(6)
  })

  it('lets another process read every live block while they move', { timeout: 120_000 }, async () => {
    const pins = await pinMany(80, 20_000)
    const kept = pins.filter((_, i) => i % 4 === 0)
    const child = fork(join(import.meta.dirname, 'support/reading-process.ts'), { execArgv: [] })
    const exited = once(child, 'exit')
    const news: ReadingNews[] = []
    child.on('message', (message: ReadingNews) => news.push(message))
    const roundsSoFar = () => {
      for (const item of news) if ('failure' in item) throw new Error(item.failure)
      return news.length
    }
    const order: ReadingOrder = {
      database: place.database,
      packsDir: place.packsDir,
      blocks: kept.map(({ block }) => Buffer.from(block.multihash).toString('hex')),
    }
    child.send(order)
    await expect.poll(roundsSoFar, { timeout: 60_000 }).toBeGreaterThan(0)
    for (const pin of pins) if (!kept.includes(pin)) await release(ledger, pin.pinId)
    // Everything moves, again and again.
    const reclaimer = openReclaimer(ledger, { liveShare: 1, minDeadBytes: 0 })
    let packs = 0
    for (let round = 0; round < 8; round++) {
      packs += (await reclaimer.reclaimNow({ everything: true })).packs
      const before = roundsSoFar()
      await expect.poll(roundsSoFar, { timeout: 60_000, interval: 5 }).toBeGreaterThan(before)
    }
    child.send('stop')
    await exited
    await reclaimer.close()
    roundsSoFar()
    expect(packs).toBeGreaterThanOrEqual(8)
  })

  it('does not copy what was deleted while it emptied another pack', { timeout: 60_000 }, async () => {
    // 19 to a pack: two full ones, and one that takes the copies.
    const pins = await pinMany(39, 50_000)
    const releaseAll = async (some: typeof pins) => {
      for (const { pinId } of some) await release(ledger, pinId)
    }
    await releaseAll([...pins.slice(0, 15), ...pins.slice(19, 29)])
    const later = pins.slice(29, 35)
    const remove: OpenLedger['packs']['remove'] = async (pack, options) => {
      await releaseAll(later.splice(0))
      await ledger.packs.remove(pack, options)
    }
    const reclaimer = openReclaimer({ ...ledger, packs: { ...ledger.packs, remove } }, { everyMs: 3_600_000 })
    const report = await reclaimer.reclaimNow()
    await reclaimer.close()
    expect(report).toMatchObject({ packs: 2, movedBlocks: 4 + 3 })
  })

  it('leaves alone what an upload under way wrote or relies on', async () => {
    const [pin] = await pinMany(1, 5000)
    if (pin === undefined) throw new Error('one was made')
    const reclaimer = openReclaimer(ledger, { liveShare: 1, minDeadBytes: 0 })
    {
      await using writer = openBlockWriter(ledger, { accountId: 'a' })
      await writer.put(pin.block)
      const own = rawBlock(bytesOf('own', 70_000))
      await writer.put(own)
      await writer.finish({ network: 'public' })
      await release(ledger, pin.pinId)
      expect(await reclaimer.reclaimNow({ everything: true })).toMatchObject({ blocks: 0, packs: 0 })
      expect((await countRows(ledger)).blocks).toBe(1)
    }
    expect(await reclaimer.reclaimNow()).toMatchObject({ blocks: 1, packs: 1 })
    expect(await ledger.packs.list()).toEqual([])
    await reclaimer.close()
  })

  it.each(['is not what it was', 'is not there whole'])(
    'keeps a pack with a live block that %s, and moves the others out',
    async (damage) => {
      const pins = await pinMany(4, 5000)
      const isCut = damage === 'is not there whole'
      const [row] = await ledger.db.read
        .selectFrom('blocks')
        .innerJoin('packs', 'packs.id', 'blocks.pack_id')
        .select(['packs.name', 'blocks.offset'])
        .orderBy('blocks.id', isCut ? 'desc' : 'asc')
        .limit(1)
        .execute()
      if (row === undefined) throw new Error('there are blocks')
      const file = await open(join(place.packsDir, `${row.name}.car`), 'r+')
      if (isCut) await file.truncate(row.offset + 4999)
      else await file.write('x', row.offset)
      await file.close()
      const reclaimer = openReclaimer(ledger, { liveShare: 1, minDeadBytes: 0 })
      expect(await reclaimer.reclaimNow({ everything: true })).toMatchObject({ movedBlocks: 3, packs: 0 })
      const names = (await ledger.packs.list()).map(({ pack }) => pack)
      expect(names).toHaveLength(2)
      expect(names).toContain(row.name)
      const others = isCut ? pins.slice(0, -1) : pins.slice(1)
      for (const { block } of others) expect(await publicBlocks(ledger).get(block.multihash)).toBeDefined()
      await reclaimer.close()
    },
  )

  it('is not kept from the others by a pin that cannot be collected', async () => {
    const [named, ...others] = await pinMany(3, 100)
    if (named === undefined) throw new Error('three were made')
    await holdByFile(ledger, { accountId: 'a', pinId: named.pinId, network: 1 })
    for (const { pinId } of [named, ...others]) await release(ledger, pinId)
    const reclaimer = openReclaimer(ledger)
    expect(await reclaimer.reclaimNow()).toMatchObject({ pins: 2, blocks: 2 })
    expect(await countRows(ledger)).toEqual({ pins: 1, pin_blocks: 1, blocks: 1 })
    await reclaimer.close()
  })

  it('holds the event loop for less than 50 ms while it compacts', { timeout: 120_000 }, async () => {
    // In packs of the usual size, of which one has all of the small blocks.
    await ledger.close()
    ledger = await openLedger(place, { cacheBytes: 1 })
    const blocks = Array.from({ length: 20_000 }, (_, i) => rawBlock(bytesOf(`compact ${i}`, 1000)))
    const large = Array.from({ length: 40 }, (_, i) => rawBlock(bytesOf(`large ${i}`, 262_144)))
    for (const part of [blocks.slice(0, 14_000), blocks.slice(14_000), large.slice(0, 15), large.slice(15)]) {
      await pinBlocksOf(ledger, { root: part[0]!.cid, blocks: part }) // has blocks
    }
    const pins = await ledger.db.read.selectFrom('pins').select(['id', 'number_of_blocks']).execute()
    for (const { id, number_of_blocks } of pins)
      if (number_of_blocks >= 25 && number_of_blocks !== 14_000) await release(ledger, id)
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
    const reclaimer = openReclaimer(ledger, { liveShare: 1, minDeadBytes: 0 })
    await reclaimer.reclaimNow({ everything: true })
    await reclaimer.close()
    stop.abort()
    await watching
    expect(longestMs).toBeLessThan(50)
    expect((await countRows(ledger)).blocks).toBe(14_015)
  })
})
