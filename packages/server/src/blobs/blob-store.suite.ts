import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type BlobReader, type BlobStore, type NewBlock, PackMissing } from './blob-store.ts'
import { collect, payload, randomBlocks, rawBlock } from './random-blocks.ts'

/** Where one implementation keeps packs, for the length of a test. */
export interface BlobPlace {
  /** Opens the place as a writer that was never there before. */
  openStore(options?: { segmentBytes?: number }): Promise<{ store: BlobStore; faults: BlobFaults }>
  openReader(): Promise<BlobReader>
  /** All bytes of a pack. */
  contents(pack: string): Promise<Uint8Array>
  /** Puts a pack there as a crash may leave it. */
  leave(pack: string, contents: Uint8Array): Promise<void>
  /** Removes the place. The stores are closed before. */
  remove(): Promise<void>
}

/** How the suite makes one store's storage fail. */
interface BlobFaults {
  /** The storage takes so many bytes of the next write, then refuses, once. */
  failNextWrite(afterBytes: number): void
  /** The next sync of the storage fails, once. */
  failNextSync(): void
  /** How many syncs the storage has done. */
  syncs(): number
}

/** Sizes around what implementations treat differently: nothing, copied, handed over, several reads. */
const sizes = [0, 1, 91, 92, 127, 128, 1023, 1024, 1025, 8192, 262_144, 1_048_576, 2_097_152]

/** What every BlobStore promises. */
export function blobStoreSuite(openPlace: () => Promise<BlobPlace>): void {
  let place: BlobPlace
  let opened: (BlobStore | BlobReader)[]

  beforeEach(async () => {
    place = await openPlace()
    opened = []
  })
  afterEach(async () => {
    // A test may have closed one, and a store with a failed sync may say so again.
    await Promise.allSettled(opened.map((store) => store.close()))
    await place.remove()
  })

  async function openStore(options?: { segmentBytes?: number }) {
    const { store, faults } = await place.openStore(options)
    opened.push(store)
    return { store, faults }
  }
  async function openReader() {
    const reader = await place.openReader()
    opened.push(reader)
    return reader
  }
  /** Appends blocks one call each, makes them durable and closes, as a writer that is gone now. */
  async function writePack(...blocks: NewBlock[]) {
    const { store } = await place.openStore()
    const locations = []
    for (const block of blocks) locations.push(...(await store.append([block])))
    await store.close()
    const [first] = locations
    if (first === undefined) throw new Error('a pack needs a block')
    return { pack: first.pack, locations }
  }

  it('reads back what was appended, before and after a sync, here and as another reader', async () => {
    const { store } = await openStore()
    const blocks = randomBlocks(...sizes)
    const locations = await store.append(blocks)
    const unsynced = await Promise.all(locations.map((location) => store.read(location)))
    for (const [i, bytes] of unsynced.entries()) expect(payload(blocks[i]!).equals(bytes)).toBe(true)
    await store.sync(new Set(locations.map(({ pack }) => pack)))
    const reader = await openReader()
    for (const from of [store, reader]) {
      for (const [i, location] of locations.entries()) {
        expect(payload(blocks[i]!).equals(await from.read(location))).toBe(true)
        if (from.readSync) expect(payload(blocks[i]!).equals(from.readSync(location))).toBe(true)
      }
    }
  })

  it('takes a payload in pieces', async () => {
    const { store } = await openStore()
    const small = rawBlock(...['a', '', 'bc'].map((text) => Buffer.from(text)))
    const large = rawBlock(randomBytes(9000), new Uint8Array(0), randomBytes(70_000), randomBytes(1))
    const none = rawBlock()
    const locations = await store.append([small, large, none])
    expect(await store.read(locations[0]!)).toEqual(Buffer.from('abc'))
    expect(payload(large).equals(await store.read(locations[1]!))).toBe(true)
    expect(await store.read(locations[2]!)).toHaveLength(0)
  })

  it('lets the caller use the pieces again once an append resolved', async () => {
    const { store } = await openStore()
    const bytes = randomBytes(300_000)
    const before = Buffer.from(bytes)
    const [location] = await store.append([rawBlock(bytes.subarray(0, 100)), rawBlock(bytes)])
    const [, whole] = await store.append([rawBlock(bytes.subarray(0, 100)), rawBlock(bytes)])
    bytes.fill(0)
    expect(await store.read(location!)).toEqual(before.subarray(0, 100))
    expect(before.equals(await store.read(whole!))).toBe(true)
  })

  it('appends nothing without a pack', async () => {
    const { store } = await openStore()
    expect(await store.append([])).toEqual([])
    await store.sync([])
    expect(await store.list()).toEqual([])
  })

  it('gives out sections in the order of the appends, side by side within each', async () => {
    const { store } = await openStore()
    const appends = Array.from({ length: 20 }, () => randomBlocks(3000, 1, 20_000))
    const locations = (await Promise.all(appends.map((blocks) => store.append(blocks)))).flat()
    const sections = await collect(store.scan(locations[0]!.pack))
    expect(sections.map(({ location }) => location)).toEqual(locations)
    expect(sections.map(({ cid }) => Buffer.from(cid))).toEqual(appends.flat().map(({ cid }) => cid))
  })

  it('interleaves whole sections of concurrent appends', async () => {
    const { store } = await openStore()
    const uploads = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const taken = []
        for (let n = 0; n < 20; n++) {
          const blocks = randomBlocks(i * 1000, 50_000 - i)
          taken.push(...(await store.append(blocks)).map((location, at) => ({ location, block: blocks[at]! })))
        }
        return taken
      }),
    )
    const written = uploads.flat()
    for (const { location, block } of written) expect(payload(block).equals(await store.read(location))).toBe(true)
    const sections = await collect(store.scan(written[0]!.location.pack))
    expect(sections).toHaveLength(written.length)
  })

  it('makes a sync cover everything appended before it', async () => {
    const { store, faults } = await openStore()
    const [location] = await store.append(randomBlocks(10_000))
    await store.sync([location!.pack])
    const before = faults.syncs()
    await store.sync([location!.pack])
    expect(faults.syncs()).toBe(before)
    await store.append(randomBlocks(10))
    await store.sync([location!.pack])
    expect(faults.syncs()).toBeGreaterThan(before)
  })

  it('makes callers that wait at the same time share a sync', async () => {
    const { store, faults } = await openStore()
    await Promise.all(
      Array.from({ length: 200 }, async () => {
        const [location] = await store.append(randomBlocks(500))
        await store.sync([location!.pack])
      }),
    )
    expect(faults.syncs()).toBeLessThan(20)
  })

  it('refuses to sync or seal packs of others', async () => {
    const { pack } = await writePack(...randomBlocks(10))
    const { store } = await openStore()
    await expect(store.sync([pack])).rejects.toThrow()
    await expect(store.seal(pack)).rejects.toThrow()
  })

  it('begins another pack when one is full, and never splits an append', async () => {
    const { store } = await openStore({ segmentBytes: 100_000 })
    const appends = Array.from({ length: 12 }, () => randomBlocks(30_000, 5000))
    const locations = await Promise.all(appends.map((blocks) => store.append(blocks)))
    for (const [first, second] of locations) expect(first!.pack).toBe(second!.pack)
    const packs = new Set(locations.flat().map(({ pack }) => pack))
    expect(packs.size).toBe(6)
    await store.sync(packs)
    const listed = await store.list()
    expect(listed.filter(({ current }) => current)).toHaveLength(1)
    for (const { pack, sizeBytes, writerId } of listed) {
      expect(packs).toContain(pack)
      expect(sizeBytes).toBeLessThanOrEqual(100_000)
      expect(writerId).toBe(store.writerId)
    }
    for (const [i, taken] of locations.entries()) {
      expect(payload(appends[i]![1]!).equals(await store.read(taken[1]!))).toBe(true)
    }
  })

  it('takes an append that is larger than a pack should be', async () => {
    const { store } = await openStore({ segmentBytes: 10_000 })
    const [block] = randomBlocks(50_000)
    const [location] = await store.append([block!])
    expect(payload(block!).equals(await store.read(location!))).toBe(true)
  })

  it('keeps writers in packs of their own', async () => {
    const { store: first } = await openStore()
    const { store: second } = await openStore()
    const [mine] = await first.append(randomBlocks(100))
    const [theirs] = await second.append(randomBlocks(100))
    expect(mine!.pack).not.toBe(theirs!.pack)
    expect(await second.list()).toMatchObject(
      [
        { pack: mine!.pack, writerId: first.writerId, current: false },
        { pack: theirs!.pack, writerId: second.writerId, current: true },
      ].sort((a, b) => (a.pack < b.pack ? -1 : 1)),
    )
    expect(await second.read(mine!)).toHaveLength(100)
  })

  it('leaves nothing of a failed append, nor of those behind it, and goes on', async () => {
    for (const afterBytes of [0, 30, 70, 5000, 60_000]) {
      const { store, faults } = await openStore()
      const kept = randomBlocks(4000, 90)
      const locations = await store.append(kept)
      faults.failNextWrite(afterBytes)
      const failed = [store.append(randomBlocks(10, 100_000)), store.append(randomBlocks(10))]
      for (const end of await Promise.allSettled(failed)) {
        expect(end).toMatchObject({ status: 'rejected', reason: { code: expect.stringMatching(/^storage_/) } })
      }
      expect(await collect(store.scan(locations[0]!.pack))).toHaveLength(2)
      const [next] = await store.append(randomBlocks(777))
      await store.sync([locations[0]!.pack, next!.pack])
      expect(await store.read(next!)).toHaveLength(777)
      expect(payload(kept[0]!).equals(await store.read(locations[0]!))).toBe(true)
      const listed = (await store.list()).filter(({ writerId }) => writerId === store.writerId)
      const whole = await Promise.all(listed.map(({ pack }) => scanEnd(store, pack)))
      expect(whole).toEqual(listed.map(({ sizeBytes }) => sizeBytes))
    }
  })

  it('leaves no pack when the first append of one fails', async () => {
    const { store, faults } = await openStore()
    faults.failNextWrite(50)
    await expect(store.append(randomBlocks(1000))).rejects.toMatchObject({ code: expect.stringMatching(/^storage_/) })
    expect(await store.list()).toEqual([])
    const [location] = await store.append(randomBlocks(10))
    expect(await store.read(location!)).toHaveLength(10)
  })

  it('never turns a failed sync into success', async () => {
    const { store, faults } = await openStore()
    const kept = randomBlocks(2000)
    const [before] = await store.append(kept)
    await store.sync([before!.pack])
    const [doomed] = await store.append(randomBlocks(100))
    faults.failNextSync()
    const ends = await Promise.allSettled([store.sync([doomed!.pack]), store.sync([doomed!.pack])])
    for (const end of ends) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'storage_failed' } })
    await expect(store.sync([doomed!.pack])).rejects.toMatchObject({ code: 'storage_failed' })
    const [next] = await store.append(randomBlocks(100))
    expect(next!.pack).not.toBe(doomed!.pack)
    await store.sync([next!.pack])
    await expect(store.sync([next!.pack, doomed!.pack])).rejects.toMatchObject({ code: 'storage_failed' })
    expect(payload(kept[0]!).equals(await store.read(before!))).toBe(true)
    await store.close()
  })

  it('shows nothing of a write that was cut off, wherever it was', async () => {
    const blocks = randomBlocks(300, 200)
    const { pack } = await writePack(...blocks)
    const whole = await place.contents(pack)
    const reader = await openReader()
    const [first, last] = await collect(reader.scan(pack))
    const firstEnd = first!.location.offset + first!.location.length
    expect(last!.location.offset + last!.location.length).toBe(whole.length)
    for (let size = 0; size < whole.length; size++) {
      await place.leave(pack, whole.subarray(0, size))
      const scan = size % 2 === 0 ? reader.scan(pack) : reader.scanBytes(pack)
      const sections = await collect(scan)
      expect(sections.map(({ location }) => location)).toEqual(size < firstEnd ? [] : [first!.location])
      const headerBytes = first!.location.offset - blocks[0]!.cid.length - 2
      expect(scan.endBytes).toBe(size >= firstEnd ? firstEnd : size >= headerBytes ? headerBytes : 0)
    }
  })

  it('stops at zeros and at senseless bytes behind the last section', async () => {
    const { pack } = await writePack(...randomBlocks(5000, 10))
    const whole = await place.contents(pack)
    const reader = await openReader()
    const tails = [
      Buffer.alloc(1),
      Buffer.alloc(100_000),
      Buffer.alloc(3_000_000),
      Buffer.alloc(100, 0xff),
      Buffer.from([0x26, 0x01, 0x55, 0x12, 0xff, 0xff, 0xff]),
      // A CID cut short; a section shorter than its CID; a padded number; digests and sections longer than there are.
      Buffer.from([0x03, 0x01, 0x55, 0x12, 0x20, ...Buffer.alloc(60)]),
      Buffer.from([0xa6, 0x80, 0x00, 0x01, 0x55, 0x12, 0x20, ...Buffer.alloc(60)]),
      Buffer.from([0xff, 0x01, 0x01, 0x55, 0x12, 0xff, 0x7f, ...Buffer.alloc(400)]),
      Buffer.from([0xac, 0x02, 0x01, 0x55, 0x12, 0xc8, 0x01, ...Buffer.alloc(295)]),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, ...Buffer.alloc(400)]),
    ]
    for (const tail of tails) {
      await place.leave(pack, Buffer.concat([whole, tail]))
      for (const scan of [reader.scan(pack), reader.scanBytes(pack)]) {
        expect(await collect(scan)).toHaveLength(2)
        expect(scan.endBytes).toBe(whole.length)
      }
    }
  })

  it('finds no section in a file that is none of ours', async () => {
    const { pack } = await writePack(...randomBlocks(10))
    const reader = await openReader()
    for (const contents of [Buffer.alloc(0), Buffer.alloc(5000), randomBytes(5000), Buffer.alloc(5000, 0xff)]) {
      await place.leave(pack, contents)
      expect(await collect(reader.scanBytes(pack))).toEqual([])
    }
  })

  it('gives CIDs of every form and the payloads with a scan', async () => {
    const digest = randomBytes(32)
    const cids = [
      Buffer.concat([Uint8Array.of(0x12, 0x20), digest]),
      Buffer.concat([Uint8Array.of(1, 0x70, 0x12, 0x20), digest]),
      Buffer.concat([Uint8Array.of(1, 0xa9, 0x02, 0x1e, 0x20), digest]), // dag-json, blake3
      Buffer.concat([Uint8Array.of(1, 0x55, 0xb2, 0xc0, 0x02, 0x40), randomBytes(64)]), // blake2b-512
      Uint8Array.of(1, 0x55, 0x00, 0x00),
    ]
    const blocks = [...cids, ...cids].map((cid, i) => ({ cid, bytes: [randomBytes(i * 100_003)] }))
    const { store } = await openStore()
    const locations = await store.append(blocks)
    let at = 0
    for await (const { cid, location, bytes } of store.scanBytes(locations[0]!.pack)) {
      expect(Buffer.from(cid)).toEqual(Buffer.from(cids[at % cids.length]!))
      expect(location).toEqual(locations[at])
      expect(payload(blocks[at]!).equals(bytes)).toBe(true)
      at++
    }
    expect(at).toBe(blocks.length)
    expect((await collect(store.scan(locations[0]!.pack))).map(({ location }) => location)).toEqual(locations)
  })

  it('scans on from where a scan ended', async () => {
    const { store } = await openStore()
    const [location] = await store.append(randomBlocks(100, 200))
    const scan = store.scan(location!.pack)
    await collect(scan)
    const [next] = await store.append(randomBlocks(300))
    expect(await collect(store.scan(location!.pack, { from: scan.endBytes }))).toMatchObject([{ location: next }])
  })

  it('cuts the torn tail of a writer that is gone', async () => {
    const { pack, locations } = await writePack(...randomBlocks(100, 200))
    const whole = await place.contents(pack)
    await place.leave(pack, Buffer.concat([whole, randomBytes(50)]))
    const { store } = await openStore()
    await store.truncate(pack, whole.length)
    expect(Buffer.from(await place.contents(pack))).toEqual(Buffer.from(whole))
    expect(await store.read(locations[1]!)).toHaveLength(200)
    await expect(store.truncate(pack, whole.length + 1)).rejects.toThrow()
  })

  it('does not cut its own packs', async () => {
    const { store } = await openStore()
    const [location] = await store.append(randomBlocks(100))
    await expect(store.truncate(location!.pack, 0)).rejects.toThrow()
    expect(await store.read(location!)).toHaveLength(100)
  })

  it('says that bytes are damaged when the pack is shorter than they are', async () => {
    const { pack, locations } = await writePack(...randomBlocks(5000))
    await place.leave(pack, (await place.contents(pack)).subarray(0, -1))
    const reader = await openReader()
    await expect(reader.read(locations[0]!)).rejects.toMatchObject({ name: 'StorageDamaged', location: locations[0] })
  })

  it('removes a sealed pack and says so to whoever asks for it', async () => {
    const { store } = await openStore()
    const [gone] = await store.append(randomBlocks(100))
    await expect(store.remove(gone!.pack)).rejects.toThrow()
    await store.seal(gone!.pack)
    const [kept] = await store.append(randomBlocks(200))
    expect(kept!.pack).not.toBe(gone!.pack)
    expect(await store.read(gone!)).toHaveLength(100)
    await store.remove(gone!.pack)
    await expect(store.sync([gone!.pack])).rejects.toThrow()
    await expect(store.read(gone!)).rejects.toBeInstanceOf(PackMissing)
    await expect(collect(store.scan(gone!.pack))).rejects.toBeInstanceOf(PackMissing)
    await expect(store.remove(gone!.pack)).rejects.toBeInstanceOf(PackMissing)
    await expect(store.truncate('gone-000001', 0)).rejects.toBeInstanceOf(PackMissing)
    expect((await store.list()).map(({ pack }) => pack)).toEqual([kept!.pack])
    expect(await store.read(kept!)).toHaveLength(200)
  })

  it('seals a pack while others append, and once is enough', async () => {
    const { store } = await openStore()
    const [first] = await store.append(randomBlocks(100))
    const appends = Array.from({ length: 10 }, () => store.append(randomBlocks(100_000)))
    await Promise.all([store.seal(first!.pack), store.seal(first!.pack)])
    const later = await store.append(randomBlocks(10))
    expect(later[0]!.pack).not.toBe(first!.pack)
    await Promise.all(appends)
    await store.seal(first!.pack)
  })

  it('makes everything durable when it closes, and takes nothing after', async () => {
    const { store } = await openStore()
    const blocks = randomBlocks(1000, 100_000)
    const locations = store.append(blocks)
    await store.close()
    await expect(store.append(randomBlocks(1))).rejects.toMatchObject({ code: 'unavailable' })
    const reader = await openReader()
    for (const [i, location] of (await locations).entries()) {
      expect(payload(blocks[i]!).equals(await reader.read(location))).toBe(true)
    }
  })
}

async function scanEnd(store: BlobReader, pack: string): Promise<number> {
  const scan = store.scan(pack)
  await collect(scan)
  return scan.endBytes
}
