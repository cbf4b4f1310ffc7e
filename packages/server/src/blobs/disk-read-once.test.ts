import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { NewBlock, PackLocation } from './blob-store.ts'
import { type DiskStore, openDiskPacks } from './disk.ts'
import { FaultyFileOps } from './faulty-file-ops.ts'
import { systemFileOps } from './file-ops.ts'
import { packPath } from './pack-names.ts'
import { payload, randomBlocks } from './random-blocks.ts'
import { pageBytes, ReadMemory } from './read-memory.ts'

const KiB = 1024

let place: string
let dir: string
let ops: FaultyFileOps
let store: DiskStore
let blocks: NewBlock[]
let locations: PackLocation[]
/** Descriptors that read past the page cache. */
let direct: Set<number>

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'pinyon-packs-'))
  dir = join(place, 'packs')
  ops = new FaultyFileOps()
  store = await openDiskPacks({ dir, ops, writerId: 'w' })
  blocks = randomBlocks(10, 32 * KiB, 31 * KiB, 5000, 256 * KiB, 0, 256 * KiB, 700 * KiB, 40_001)
  locations = await store.append(blocks)
  await store.seal('w-000001')
  direct = new Set()
  ops.instead.openDirect = async (path) => {
    const fd = await systemFileOps.open(path, 'r')
    direct.add(fd)
    return fd
  }
  // As strict as a device.
  ops.instead.read = (fd, into, length, position) => {
    const isWhole = [into.byteOffset, length, position].every((each) => each % pageBytes === 0)
    if (direct.has(fd) && !isWhole) return Promise.reject(new Error('EINVAL'))
    return systemFileOps.read(fd, into, length, position)
  }
  ops.calls.clear()
})
afterEach(async () => {
  ops.restore()
  await store.close()
  await rm(place, { recursive: true })
})

/** Reads all of them, one after the other in the same memory; which of them are not as they were written. */
async function findWrong(): Promise<number[]> {
  const memory = new ReadMemory(1024 * KiB)
  const wrong = []
  for (const [i, location] of locations.entries()) {
    memory.clear()
    if (!payload(blocks[i]!).equals(await store.readOnce(location, memory))) wrong.push(i) // one for each block
  }
  return wrong
}

it('reads what is long in whole pages past the page cache, on one descriptor, and what is short the usual way', async () => {
  expect(await findWrong()).toEqual([])
  expect([ops.count('openDirect'), ops.count('read')]).toEqual([1, locations.filter(({ length }) => length > 0).length])
  expect(direct.size).toBe(1)
})

it('keeps what was read until the memory is cleared, and takes memory of its own where there is no room', async () => {
  const memory = new ReadMemory(400 * KiB)
  const all = []
  for (const location of locations) all.push(await store.readOnce(location, memory))
  for (const [i, bytes] of all.entries()) expect(payload(blocks[i]!).equals(bytes)).toBe(true) // as above
  expect(new Set(all.map(({ buffer }) => buffer)).size).toBeGreaterThan(2)
  const [, second] = all
  memory.clear()
  await store.readOnce(locations[4]!, memory) // one of 256 KiB
  expect(payload(blocks[1]!).equals(second!)).toBe(false)
})

for (const [name, refuse] of [
  ['the system has no such thing', () => (ops.instead.openDirect = async () => undefined)],
  ['the file system refuses to open', () => (ops.instead.openDirect = () => Promise.reject(new Error('EINVAL')))],
  ['the first read is refused', () => refuseReads(() => Promise.reject(new Error('EINVAL')))],
  ['a read gives less than a block', () => refuseReads(async () => pageBytes)],
] as const) {
  it(`reads the usual way where ${name}`, async () => {
    refuse()
    expect(await findWrong()).toEqual([])
    expect(ops.count('openDirect')).toBe(1)
  })
}

it('does not ask again for what a file system refused', async () => {
  let asked = 0
  refuseReads(() => {
    asked++
    return Promise.reject(new Error('EINVAL'))
  })
  expect([await findWrong(), await findWrong(), asked]).toEqual([[], [], 1])
})

function refuseReads(answer: () => Promise<number>): void {
  ops.instead.read = (fd, into, length, position) =>
    direct.has(fd) ? answer() : systemFileOps.read(fd, into, length, position)
}

it('says what is damaged and what is gone as any read does', async () => {
  const last = locations.at(-1)! // it has some
  await truncate(packPath(dir, last.pack), last.offset + last.length - 1)
  const memory = new ReadMemory(1024 * KiB)
  await expect(store.readOnce(last, memory)).rejects.toMatchObject({ name: 'StorageDamaged' })
  await expect(store.readOnce({ ...last, pack: 'w-000009' }, memory)).rejects.toMatchObject({ name: 'PackMissing' })
})

it('gives both descriptors back, also to a pack that is removed', async () => {
  expect(await findWrong()).toEqual([])
  await store.remove('w-000001')
  expect(ops.count('close')).toBe(2)
  await expect(store.readOnce(locations[4]!, new ReadMemory(512 * KiB))).rejects.toMatchObject({ name: 'PackMissing' })
})

it('is as good as it says on a file system that has it', async () => {
  ops.restore()
  // Where it has not, this goes the usual way.
  expect(await findWrong()).toEqual([])
})

it('has memory begin at a page, whatever was taken before', () => {
  const memory = new ReadMemory(100 * KiB)
  const taken = [10, 5000, pageBytes, 1].map((length) => memory.take(length))
  expect(taken.map((bytes) => bytes?.byteOffset)).toEqual([0, pageBytes, 3 * pageBytes, 4 * pageBytes])
})
