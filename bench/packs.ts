// What the packs on disk cost beside the disk itself: `node bench/packs.ts [directory]`. Median of five pairs.
import { randomBytes } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewBlock } from '../packages/server/src/blobs/blob-store.ts'
import { type DiskStore, openDiskPacks } from '../packages/server/src/blobs/disk.ts'

const pairs = 5
const GiB = 1024 ** 3
const place = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'pinyon-bench-'))

try {
  await compare('1 GiB in blocks of 256 KiB, append and sync', 'MB/s', {
    packs: () => inNewStore((store) => stream(store, 262_144, GiB, 8)),
    disk: () => plainWrite(GiB, 262_144),
  })
  await compare('64 writers, 2 KiB and a sync each', 'syncs/s', {
    packs: () => inNewStore((store) => smallWriters(store, 64, 2000)),
    disk: plainSyncs,
  })
  await compare('64 MiB in blocks of 2 KiB, one append each', 'blocks/s', {
    packs: () => inNewStore((store) => stream(store, 2048, GiB / 16, 512)),
    disk: () => plainWrite(GiB / 16, 262_144, 2048),
  })
  await compare('256 MiB in blocks of 2 KiB, 128 an append', 'blocks/s', {
    packs: () => inNewStore((store) => stream(store, 2048, GiB / 4, 8, 128)),
    disk: () => plainWrite(GiB / 4, 262_144, 2048),
  })
  await reads(262_144)
  await reads(16_384)
  await reads(1024)
} finally {
  await rm(place, { recursive: true })
}

interface Measured {
  /** In the unit of the line. */
  readonly rate: number
  readonly cpuSecondsPerGiB: number
}

/** Runs both, one after the other, five times, and prints the medians and the median of the ratios. */
async function compare(
  title: string,
  unit: string,
  { packs, disk }: { packs: () => Promise<Measured>; disk: () => Measured },
): Promise<void> {
  const runs = []
  for (let i = 0; i < pairs; i++) {
    // Who goes first changes, since the disk may be busy with what went before.
    const early = i % 2 === 0 ? disk() : undefined
    const ours = await packs()
    const plain = early ?? disk()
    runs.push({ ours, plain, ratio: ours.rate / plain.rate })
  }
  const show = (measured: Measured[]) =>
    `${Math.round(median(measured.map(({ rate }) => rate)))} ${unit}, ` +
    `${median(measured.map(({ cpuSecondsPerGiB }) => cpuSecondsPerGiB)).toFixed(2)} CPU s/GiB`
  const ratios = runs.map(({ ratio }) => ratio)
  console.log(
    `${title}\n  packs: ${show(runs.map(({ ours }) => ours))}\n  disk:  ${show(runs.map(({ plain }) => plain))}`,
  )
  console.log(`  ratio: ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`)
}

async function inNewStore(work: (store: DiskStore) => Promise<{ count: number; bytes: number }>): Promise<Measured> {
  const dir = join(place, 'packs')
  const store = await openDiskPacks({ dir, writerId: randomBytes(8).toString('hex'), segmentBytes: 2 * GiB })
  const stop = start()
  const { count, bytes } = await work(store)
  const measured = stop(count, bytes)
  await store.close()
  await rm(dir, { recursive: true })
  return measured
}

/** Appends a stream of blocks with at most `window` appends on their way, then one sync. */
async function stream(store: DiskStore, blockBytes: number, totalBytes: number, window: number, perAppend = 1) {
  const source = randomBytes(16 * 1024 * 1024)
  const cid = Buffer.concat([Uint8Array.of(1, 0x55, 0x12, 0x20), randomBytes(32)])
  const waiting: Promise<unknown>[] = []
  const packs = new Set<string>()
  const append = async (blocks: NewBlock[]) => packs.add((await store.append(blocks))[0]!.pack) // one for each block
  for (let at = 0; at < totalBytes; at += blockBytes * perAppend) {
    const blocks = Array.from({ length: perAppend }, (_, i) => {
      const from = (at + i * blockBytes) % source.length
      return { cid, bytes: [source.subarray(from, from + blockBytes)] }
    })
    waiting.push(append(blocks))
    if (waiting.length >= window) await waiting.shift()
  }
  await Promise.all(waiting)
  await store.sync(packs)
  return { count: blockBytes === 262_144 ? totalBytes / 1e6 : totalBytes / blockBytes, bytes: totalBytes }
}

async function smallWriters(store: DiskStore, writers: number, forMs: number) {
  const until = performance.now() + forMs
  let count = 0
  await Promise.all(
    Array.from({ length: writers }, async () => {
      const block = {
        cid: Buffer.concat([Uint8Array.of(1, 0x55, 0x12, 0x20), randomBytes(32)]),
        bytes: [randomBytes(2048)],
      }
      while (performance.now() < until) {
        const [location] = await store.append([block])
        await store.sync([location!.pack]) // one for the one block
        count++
      }
    }),
  )
  return { count, bytes: count * 2048 }
}

function plainWrite(totalBytes: number, chunkBytes: number, countBytes = 1e6): Measured {
  const source = randomBytes(16 * 1024 * 1024)
  return inNewFile((fd) => {
    for (let at = 0; at < totalBytes; at += chunkBytes) writeSync(fd, source, at % source.length, chunkBytes)
    fdatasyncSync(fd)
    return { count: totalBytes / countBytes, bytes: totalBytes }
  })
}

function plainSyncs(): Measured {
  const source = randomBytes(4096)
  return inNewFile((fd) => {
    const until = performance.now() + 1000
    let count = 0
    for (; performance.now() < until; count++) {
      writeSync(fd, source)
      fdatasyncSync(fd)
    }
    return { count, bytes: count * 4096 }
  })
}

function inNewFile(work: (fd: number) => { count: number; bytes: number }): Measured {
  const path = join(place, 'plain')
  const fd = openSync(path, 'w')
  const stop = start()
  const { count, bytes } = work(fd)
  const measured = stop(count, bytes)
  closeSync(fd)
  unlinkSync(path)
  return measured
}

function start(): (count: number, bytes: number) => Measured {
  const began = performance.now()
  const cpu = process.cpuUsage()
  return (count, bytes) => {
    const seconds = (performance.now() - began) / 1000
    const { user, system } = process.cpuUsage(cpu)
    return { rate: count / seconds, cpuSecondsPerGiB: (user + system) / 1e6 / (bytes / GiB) }
  }
}

/** How long one read takes from memory, waiting for each, both ways. */
async function reads(blockBytes: number): Promise<void> {
  const dir = join(place, 'packs')
  const store = await openDiskPacks({ dir, writerId: randomBytes(8).toString('hex') })
  const cid = Buffer.concat([Uint8Array.of(1, 0x55, 0x12, 0x20), randomBytes(32)])
  const locations = await store.append(Array.from({ length: 64 }, () => ({ cid, bytes: [randomBytes(blockBytes)] })))
  const rounds = 50
  const microseconds = { async: [] as number[], sync: [] as number[] }
  for (let i = 0; i < rounds; i++) {
    let began = performance.now()
    for (const location of locations) await store.read(location)
    microseconds.async.push(((performance.now() - began) * 1000) / locations.length)
    began = performance.now()
    for (const location of locations) store.readSync(location)
    microseconds.sync.push(((performance.now() - began) * 1000) / locations.length)
  }
  await store.close()
  await rm(dir, { recursive: true })
  const [waiting, atOnce] = [median(microseconds.async), median(microseconds.sync)]
  console.log(
    `read of ${blockBytes} bytes from memory: read ${waiting.toFixed(1)} us, readSync ${atOnce.toFixed(1)} us`,
  )
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]! // never empty here
}
