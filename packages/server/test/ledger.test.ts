import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MultihashTable } from '../src/ipfs/multihash-table.ts'
import { openBlockWriter } from '../src/pins/block-writer.ts'
import { BlocksInFlight } from '../src/pins/blocks-in-flight.ts'
import { publishPin, retainPin } from '../src/pins/publish-pin.ts'
import { pinBlocks, publicBlocks } from '../src/pins/read-blocks.ts'
import { openReclaimer } from '../src/pins/reclaimer.ts'
import { releaseHolder } from '../src/pins/release-pin.ts'
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

/** What has thousands of blocks, on a machine that does other work. */
const slow = { timeout: 120_000 }
const about = { sizeBytes: 1, numberOfFiles: 1, mimeType: '', createdAt: 1 }

describe.each(databases)('the ledger on %s', (kind) => {
  let place: LedgerPlace & { remove(): Promise<void> }
  let ledger: OpenLedger
  beforeEach(async () => {
    place = await makeLedgerPlace(kind)
    ledger = await openLedger(place)
  })
  afterEach(async () => {
    await ledger.close()
    await place.remove()
  })

  it('gives back the bytes of a public pin', async () => {
    const small = rawBlock('hello')
    const large = rawBlock(bytesOf('large', 200_000))
    const { pinId, isNew } = await pinBlocksOf(ledger, { root: large.cid, blocks: [small, large] })
    expect(isNew).toBe(true)
    const shown = publicBlocks(ledger)
    expect(await shown.get(small.multihash)).toEqual(Buffer.from('hello'))
    expect(await shown.sizeOf?.(large.multihash)).toBe(200_000)
    expect(await shown.get(large.multihash)).toEqual(large.bytes[0])
    const own = pinBlocks(ledger, { pinId, network: 'public' })
    expect(await own.get(small.multihash)).toEqual(Buffer.from('hello'))
  })

  it('lets the event loop have its turn while a batch is stored, so that the end of its writes is heard of', async () => {
    const mayAppend = Promise.withResolvers<void>()
    const began = Promise.withResolvers<void>()
    const packs: OpenLedger['packs'] = {
      ...ledger.packs,
      async append(blocks, options) {
        began.resolve()
        await mayAppend.promise
        return ledger.packs.append(blocks, options)
      },
    }
    await using writer = openBlockWriter({ ...ledger, packs }, { accountId: 'a' })
    const chunk = (n: number) => rawBlock(bytesOf(`chunk ${n}`, 256 * 1024))
    for (let n = 0; n < 15; n++) expect(writer.put(chunk(n))).toBeUndefined()
    await writer.put(chunk(15))
    await began.promise
    let turns = 0
    setImmediate(() => turns++)
    await writer.put(chunk(16))
    await writer.put(chunk(17))
    const whileStored = turns
    mayAppend.resolve()
    await writer.finish({ network: 'public' })
    expect(whileStored).toBe(1)
  })

  it('shows no block of a private pin, and none of a pin that was released', async () => {
    const block = rawBlock('secret')
    const hidden = await pinBlocksOf(ledger, { root: block.cid, blocks: [block], network: 'private' })
    const shown = publicBlocks(ledger)
    expect(await shown.get(block.multihash)).toBeUndefined()
    expect(await shown.sizeOf?.(block.multihash)).toBeUndefined()
    expect(await pinBlocks(ledger, { pinId: hidden.pinId, network: 'private' }).get(block.multihash)).toBeDefined()
    const { pinId } = await pinBlocksOf(ledger, { root: block.cid, blocks: [block] })
    expect(await shown.get(block.multihash)).toBeDefined()
    await release(ledger, pinId)
    expect(await shown.get(block.multihash)).toBeUndefined()
  })

  it.each([0, 4 * 1024 * 1024, 64 * 1024 * 1024])(
    'keeps blocks of all sizes whose bytes are used again, with %d bytes of room',
    async (maxRoomBytes) => {
      const sizes = [1, 40_000, 70_000, 0, 300_000, 600_000, 2_097_152, 65_536, 262_144, 262_144, 262_144, 9, 262_144]
      const contents = Array.from({ length: 60 }, (_, i) => bytesOf(`size ${i}`, sizes[i % sizes.length] ?? 0))
      const services = { ...ledger, blocksInFlight: new BlocksInFlight({ maxRoomBytes }) }
      await using writer = openBlockWriter(services, { accountId: 'a' })
      const multihashes = []
      for (const content of contents) {
        const bytes = Buffer.from(content)
        const cut = bytes.length >> 1
        const block = { ...rawBlock(bytes), bytes: [bytes.subarray(0, cut), bytes.subarray(cut)] }
        multihashes.push(block.multihash)
        await writer.put({ ...block, multihash: Buffer.from(block.multihash) })
        bytes.fill(0xaa)
      }
      const written = await writer.finish({ network: 'public' })
      const root = rawBlock(contents[0] ?? '').cid
      const pin = { root, network: 'public', written, ...about, newId: ledger.newId } as const
      await ledger.db.write((tx) => publishPin(tx, pin))
      for (const [i, multihash] of multihashes.entries()) {
        const bytes = await publicBlocks(ledger).get(multihash)
        expect(Buffer.compare(bytes ?? Buffer.from('absent'), contents[i] ?? Buffer.from('none'))).toBe(0)
      }
    },
  )

  it('stores a block once, whoever sends it', async () => {
    const block = rawBlock(bytesOf(1, 100_000))
    await pinBlocksOf(ledger, { root: block.cid, blocks: [block, block] })
    const before = await ledger.packs.list()
    await pinBlocksOf(ledger, { root: block.cid, blocks: [block], network: 'private', accountId: 'b' })
    expect(await ledger.packs.list()).toEqual(before)
  })

  it('takes in the same new blocks from many uploads at once', async () => {
    const blocks = Array.from({ length: 40 }, (_, i) => rawBlock(`block ${i}`))
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        pinBlocksOf(ledger, { root: blocks[i % 2]!.cid, blocks: i % 3 === 0 ? blocks.toReversed() : blocks }),
      ),
    )
    expect(new Set(results.map(({ pinId }) => pinId)).size).toBe(2)
    expect(results.filter(({ isNew }) => isNew)).toHaveLength(2)
    // What came when the pin was there already has been staged for nothing.
    const reclaimer = openReclaimer(ledger)
    await reclaimer.reclaimNow()
    await reclaimer.close()
    expect(await countRows(ledger)).toEqual({ pins: 2, pin_blocks: 80, blocks: 40 })
    const pins = await ledger.db.read.selectFrom('pins').select(['holders', 'number_of_blocks']).execute()
    expect(pins).toEqual(Array.from({ length: 2 }, () => ({ holders: 4, number_of_blocks: 40 })))
  })

  it.each(['known', 'told at the end'])(
    'keeps large uploads in slices that show nothing early, network %s',
    slow,
    async (when) => {
      const blocks = Array.from({ length: 10_500 }, (_, i) => rawBlock(`leaf ${i % 10_250}`))
      const root = blocks[0]!.cid
      const shown = publicBlocks(ledger)
      {
        const network = when === 'known' ? ({ network: 'public' } as const) : {}
        await using writer = openBlockWriter(ledger, { accountId: 'a', maxBlocksInMemory: 1000, ...network })
        for (const block of blocks) await writer.put(block)
        expect((await countRows(ledger)).pin_blocks).toBeGreaterThan(9000)
        expect(await shown.get(root.multihash)).toBeUndefined()
        expect(await writer.get(root.multihash)).toEqual(Buffer.from('leaf 0'))
        expect(await writer.sizeOf(blocks[10_249]!.multihash)).toBe(10)
        const written = await writer.finish({ network: 'public' })
        expect(await shown.get(root.multihash)).toBeUndefined()
        const pin = { root, network: 'public', written, ...about, newId: ledger.newId } as const
        expect(await ledger.db.write((tx) => publishPin(tx, pin))).toMatchObject({ isNew: true })
      }
      expect(await countRows(ledger)).toEqual({ pins: 1, pin_blocks: 10_250, blocks: 10_250 })
      const pins = await ledger.db.read.selectFrom('pins').select(['state', 'network', 'number_of_blocks']).execute()
      expect(pins).toEqual([{ state: 'pinned', network: 1, number_of_blocks: 10_250 }])
      for (const { multihash } of blocks.slice(10_200)) expect(await shown.get(multihash)).toBeDefined()
      // Sent again it is the same pin, and its staging goes away.
      await pinBlocksOf(ledger, { root, blocks, maxBlocksInMemory: 1000 })
      const reclaimer = openReclaimer(ledger)
      await reclaimer.reclaimNow()
      await reclaimer.close()
      expect(await countRows(ledger)).toEqual({ pins: 1, pin_blocks: 10_250, blocks: 10_250 })
    },
  )

  it('leaves nothing of an upload that broke off', async () => {
    {
      await using writer = openBlockWriter(ledger, { accountId: 'a', maxBlocksInMemory: 10 })
      for (let i = 0; i < 35; i++) await writer.put(rawBlock(`left ${i}`))
      await writer.get(rawBlock('left 34').multihash)
    }
    const reclaimer = openReclaimer(ledger, { minDeadBytes: 0 })
    await reclaimer.reclaimNow()
    await reclaimer.close()
    expect(await countRows(ledger)).toEqual({ pins: 0, pin_blocks: 0, blocks: 0 })
    expect(await ledger.packs.list()).toEqual([])
  })

  it('counts as present what is public or of the account, and nothing else', slow, async () => {
    const [open, own, other, nobodys] = ['open', 'own', 'other', 'nobodys'].map((text) => rawBlock(text))
    if (!open || !own || !other || !nobodys) throw new Error('four were made')
    await pinBlocksOf(ledger, { root: open.cid, blocks: [open] })
    // Other accounts hold the same block privately, more of them than are looked at in one statement.
    for (let i = 0; i < 300; i++) {
      const root = { ...own.cid, codec: 1000 + i }
      const { pinId } = await pinBlocksOf(ledger, { root, blocks: [own], network: 'private' })
      if (i === 299) await holdByFile(ledger, { accountId: 'me', pinId, network: 0 })
    }
    const { pinId } = await pinBlocksOf(ledger, { root: other.cid, blocks: [other], network: 'private' })
    await holdByFile(ledger, { accountId: 'you', pinId, network: 0 })
    await using writer = openBlockWriter(ledger, { accountId: 'me' })
    expect(await writer.get(open.multihash)).toEqual(Buffer.from('open'))
    expect(await writer.get(own.multihash)).toEqual(Buffer.from('own'))
    expect(await writer.sizeOf(own.multihash)).toBe(3)
    for (const { multihash } of [other, nobodys]) {
      expect(await writer.get(multihash)).toBeUndefined()
      expect(await writer.sizeOf(multihash)).toBeUndefined()
    }
  })

  it.each([2, 1000])(
    'pins only what the root reaches, given or present, with %d blocks in memory',
    async (maxBlocksInMemory) => {
      const blocks = Array.from({ length: 9 }, (_, i) => rawBlock(`part ${i}`))
      await pinBlocksOf(ledger, { root: blocks[8]!.cid, blocks: blocks.slice(6) })
      const finish = async (reached: number[]) => {
        const table = new MultihashTable()
        for (const index of reached) table.add(blocks[index]!.multihash)
        await using writer = openBlockWriter(ledger, { accountId: 'a', maxBlocksInMemory })
        for (const block of blocks.slice(0, 5)) await writer.put(block)
        const written = await writer.finish({ network: 'public', reached: table })
        const pin = { root: blocks[0]!.cid, network: 'public', written, ...about, newId: ledger.newId } as const
        return await ledger.db.write((tx) => publishPin(tx, pin))
      }
      await expect(finish([0, 1, 5])).rejects.toMatchObject({ code: 'incomplete_dag' })
      const { pinId } = await finish([0, 1, 2, 6, 7])
      const named = await ledger.db.read
        .selectFrom('pin_blocks')
        .innerJoin('blocks', 'blocks.id', 'pin_blocks.block_id')
        .where('pin_id', '=', pinId)
        .select('blocks.multihash')
        .execute()
      const expected = [0, 1, 2, 6, 7].map((index) => Buffer.from(blocks[index]!.multihash).toString('hex'))
      expect(named.map(({ multihash }) => Buffer.from(multihash).toString('hex')).toSorted()).toEqual(
        expected.toSorted(),
      )
      const pin = await ledger.db.read.selectFrom('pins').select('number_of_blocks').where('id', '=', pinId).execute()
      expect(pin).toEqual([{ number_of_blocks: 5 }])
      const reclaimer = openReclaimer(ledger)
      await reclaimer.reclaimNow({ everything: true })
      await reclaimer.close()
      expect((await countRows(ledger)).blocks).toBe(6)
    },
  )

  it('loses nothing when a pin is released and held again in one transaction', async () => {
    const block = rawBlock('renamed')
    const root = block.cid
    const { pinId } = await pinBlocksOf(ledger, { root, blocks: [block] })
    const reclaimer = openReclaimer(ledger)
    await ledger.db.write(async (tx) => {
      await releaseHolder(tx, pinId)
      expect(await retainPin(tx, { root, network: 'public' })).toMatchObject({ pinId, sizeBytes: 1 })
    })
    await reclaimer.reclaimNow({ everything: true })
    expect(await publicBlocks(ledger).get(block.multihash)).toEqual(Buffer.from('renamed'))
    await release(ledger, pinId)
    await reclaimer.reclaimNow()
    expect(await ledger.db.write((tx) => retainPin(tx, { root, network: 'public' }))).toBeUndefined()
    await expect(release(ledger, pinId)).rejects.toThrow('no holder')
    expect(await countRows(ledger)).toEqual({ pins: 0, pin_blocks: 0, blocks: 0 })
    await reclaimer.close()
  })

  it('refuses to publish when a block it relied on was taken away', async () => {
    const block = rawBlock('gone')
    await pinBlocksOf(ledger, { root: block.cid, blocks: [block] })
    await using writer = openBlockWriter(ledger, { accountId: 'a' })
    await writer.put(block)
    const written = await writer.finish({ network: 'private' })
    await ledger.db.write(async (tx) => {
      // Where several processes write, a staging names it.
      await tx.updateTable('pins').set({ state: 'releasing' }).where('state', '=', 'staging').execute()
      await tx.deleteFrom('pin_blocks').execute()
      await tx.deleteFrom('blocks').execute()
    })
    const pin = { root: block.cid, network: 'private', written, ...about, newId: ledger.newId } as const
    await expect(ledger.db.write((tx) => publishPin(tx, pin))).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('never serves a damaged block, and says that it is one', async () => {
    const [good, bad] = [rawBlock('a good block'), rawBlock('a bad block')]
    await pinBlocksOf(ledger, { root: good.cid, blocks: [good, bad] })
    const [place0] = await ledger.db.read
      .selectFrom('blocks')
      .innerJoin('packs', 'packs.id', 'blocks.pack_id')
      .select(['name', 'offset'])
      .where('multihash', '=', bad.multihash)
      .execute()
    const file = await open(join(place.packsDir, `${place0?.name}.car`), 'r+')
    await file.write('x', place0?.offset)
    await file.close()
    const shown = publicBlocks(ledger)
    await expect(shown.get(bad.multihash)).rejects.toMatchObject({ code: 'storage_failed', name: 'BlockDamaged' })
    expect(await shown.get(good.multihash)).toEqual(Buffer.from('a good block'))
    expect((await ledger.metrics.damagedBlocks.get()).values).toMatchObject([{ value: 1 }])
    // Whoever sends it again brings it back, for everybody.
    await pinBlocksOf(ledger, { root: bad.cid, blocks: [bad], network: 'private' })
    expect(await shown.get(bad.multihash)).toEqual(Buffer.from('a bad block'))
  })

  it('holds the event loop for less than 50 ms while a large pin is made and taken apart', slow, async () => {
    const blocks = Array.from({ length: 12_000 }, (_, i) => rawBlock(`many ${i}`))
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
    const { pinId } = await pinBlocksOf(ledger, { root: blocks[0]!.cid, blocks })
    await release(ledger, pinId)
    const reclaimer = openReclaimer(ledger)
    await reclaimer.reclaimNow({ everything: true })
    await reclaimer.close()
    stop.abort()
    await watching
    expect(await countRows(ledger)).toEqual({ pins: 0, pin_blocks: 0, blocks: 0 })
    expect(longestMs).toBeLessThan(50)
  })
})
