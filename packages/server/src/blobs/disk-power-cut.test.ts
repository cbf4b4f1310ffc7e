import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { collect, payload, randomBlocks } from './random-blocks.ts'
import type { NewBlock, PackLocation } from './blob-store.ts'
import { openDiskPacks } from './disk.ts'
import { FaultyFileOps } from './faulty-file-ops.ts'
import { systemFileOps } from './file-ops.ts'

/** Numbers in [0, 1) that a seed repeats. */
function randomSource(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

/**
 * A disk with a volatile cache: only what a sync that was begun later has covered is sure to survive, and names only
 * if their directory was synced. Of everything else a power cut keeps any sectors, any length and any names.
 */
class VolatileDisk extends FaultyFileOps {
  readonly #paths = new Map<number, string>()
  readonly #durable = new Map<string, Buffer>()
  #durableNames = new Set<string>()

  constructor() {
    super()
    this.instead.open = async (path, flags) => {
      const fd = await systemFileOps.open(path, flags)
      this.#paths.set(fd, path)
      return fd
    }
    this.instead.fdatasync = async (fd) => {
      const path = this.#paths.get(fd) ?? ''
      const before = await readFile(path)
      await systemFileOps.fdatasync(fd)
      this.#durable.set(basename(path), before)
    }
    this.instead.syncDirectory = async (dir) => {
      const before = await readdir(dir)
      await systemFileOps.syncDirectory(dir)
      this.#durableNames = new Set(before)
    }
  }

  /** Writes into `to` what a power cut now may leave of `from`. */
  async cut(from: string, to: string, random: () => number): Promise<void> {
    const names = new Set(await readdir(from))
    await mkdir(to)
    for (const name of new Set([...names, ...this.#durableNames])) {
      if (!this.#durableNames.has(name) && random() < 0.5) continue
      if (!names.has(name) && random() < 0.5) continue
      const sure = this.#durable.get(name) ?? Buffer.alloc(0)
      const seen = names.has(name) ? await readFile(join(from, name)) : sure
      const length = sure.length + Math.floor(random() * Math.max(0, seen.length - sure.length + 1))
      const left = Buffer.alloc(length)
      for (let at = 0; at < length; at += 512) {
        if (random() < 0.7) seen.copy(left, at, at, Math.min(at + 512, length))
      }
      sure.copy(left)
      await writeFile(join(to, name), left)
    }
  }
}

const ways = [
  { way: 'through the page cache', directFromBytes: Infinity },
  { way: 'past it', directFromBytes: 4096 },
]
const cutSeeds = [1, 2, 3, 4, 5].flatMap((seed) => ways.map((way) => ({ seed, ...way })))

it.each(cutSeeds)('keeps what a sync released through a power cut at any moment (seed $seed, $way)', async (given) => {
  const { seed, directFromBytes } = given
  const random = randomSource(seed)
  const place = await mkdtemp(join(tmpdir(), 'pinyon-packs-'))
  const dir = join(place, 'packs')
  const disk = new VolatileDisk()
  const sizes = { segmentBytes: 60_000, flushBytes: 10_000, directFromBytes }
  const store = await openDiskPacks({ dir, ops: disk, writerId: 'w', ...sizes })
  const released: { block: NewBlock; location: PackLocation }[] = []
  let running = true

  const upload = async () => {
    while (running) {
      const appended: typeof released = []
      for (let n = Math.ceil(random() * 4); n > 0; n--) {
        const blocks = randomBlocks(Math.floor(random() * 3000), Math.floor(random() * 300))
        const locations = await store.append(blocks)
        appended.push(...blocks.map((block, i) => ({ block, location: locations[i]! }))) // one for each block
      }
      await store.sync(new Set(appended.map(({ location }) => location.pack)))
      released.push(...appended)
    }
  }
  const uploads = Array.from({ length: 5 }, upload)
  for (let cut = 0; cut < 5; cut++) {
    await expect.poll(() => released.length, { interval: 5 }).toBeGreaterThan(cut * 40)
    const acknowledged = [...released]
    const after = join(place, `after-${cut}`)
    await disk.cut(dir, after, random)
    const reader = await openDiskPacks({ dir: after, readOnly: true })
    for (const { block, location } of acknowledged) {
      expect(payload(block).equals(await reader.read(location))).toBe(true)
    }
    const found = await Promise.all((await reader.list()).map(({ pack }) => collect(reader.scan(pack))))
    const places = new Set(found.flat().map(({ location }) => `${location.pack} ${location.offset}`))
    for (const { location } of acknowledged) expect(places).toContain(`${location.pack} ${location.offset}`)
    await reader.close()
  }
  running = false
  await Promise.all(uploads)
  await store.close()
  await rm(place, { recursive: true })
})

const faultSeeds = [11, 12].flatMap((seed) => ways.map((way) => ({ seed, ...way })))

it.each(faultSeeds)('holds its promises through faults in any order (seed $seed, $way)', async (given) => {
  const { seed, directFromBytes } = given
  const random = randomSource(seed)
  const place = await mkdtemp(join(tmpdir(), 'pinyon-packs-'))
  const dir = join(place, 'packs')
  const ops = new FaultyFileOps()
  const sizes = { segmentBytes: 100_000, flushBytes: 30_000, directFromBytes }
  const store = await openDiskPacks({ dir, ops, writerId: 'w', ...sizes })
  const released = new Map<PackLocation, NewBlock>()
  const outcomes = { kept: 0, refused: 0 }

  const upload = async () => {
    const appended = new Map<PackLocation, NewBlock>()
    try {
      for (let n = Math.ceil(random() * 3); n > 0; n--) {
        const blocks = randomBlocks(Math.floor(random() * 20_000), Math.floor(random() * 2000))
        for (const [i, location] of (await store.append(blocks)).entries()) appended.set(location, blocks[i]!)
      }
      await store.sync(new Set(Array.from(appended.keys(), ({ pack }) => pack)))
      for (const [location, block] of appended) released.set(location, block)
      outcomes.kept++
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^storage_(full|failed)$/) })
      outcomes.refused++
    }
  }
  const remove = async () => {
    const [sealed] = (await store.list()).filter(({ current }) => !current)
    // Only while nobody uploads, as compaction leaves alone what an upload has appended to.
    if (sealed === undefined) return
    await store.remove(sealed.pack)
    for (const location of released.keys()) if (location.pack === sealed.pack) released.delete(location)
  }

  for (let round = 0; round < 60; round++) {
    const luck = random()
    if (luck < 0.15) ops.failWriteAfter(Math.floor(random() * 30_000), luck < 0.1 ? 'ENOSPC' : 'EIO')
    else if (luck < 0.25) ops.failNext('fdatasync', 'EIO')
    else if (luck < 0.3) ops.failNext('open', 'EMFILE')
    else if (luck < 0.35) ops.failNext('syncDirectory', 'EIO')
    else if (luck < 0.38) ops.failNext('writeDirect', 'EIO')
    else if (luck < 0.4) ops.failNext('writeDirect', 'EINVAL')
    await Promise.all(Array.from({ length: 4 }, upload))
    ops.restore()
    if (luck > 0.9) await remove()
    const [current] = (await store.list()).filter((pack) => pack.current)
    if (luck > 0.8 && current !== undefined) await store.seal(current.pack)
  }
  expect(outcomes.kept).toBeGreaterThan(100)
  expect(outcomes.refused).toBeGreaterThan(5)
  await store.close()

  const reader = await openDiskPacks({ dir, readOnly: true })
  for (const [location, block] of released) expect(payload(block).equals(await reader.read(location))).toBe(true)
  for (const { pack, sizeBytes } of await reader.list()) {
    const scan = reader.scanBytes(pack)
    await collect(scan)
    expect(scan.endBytes).toBe(sizeBytes)
  }
  await reader.close()
  await rm(place, { recursive: true })
})
