import { mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { AppError } from '../lib/errors.ts'
import { collect, payload, randomBlocks } from './random-blocks.ts'
import { StorageDamaged } from './blob-store.ts'
import { type DiskStore, openDiskPacks } from './disk.ts'
import { FaultyFileOps } from './faulty-file-ops.ts'
import { systemFileOps } from './file-ops.ts'
import { packPath } from './pack-names.ts'

let place: string
let dir: string
let ops: FaultyFileOps
let store: DiskStore
let faults: AppError[]
let nowMs: number

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'pinyon-packs-'))
  dir = join(place, 'packs')
  ops = new FaultyFileOps()
  faults = []
  nowMs = 0
  store = await openDiskPacks({
    dir,
    ops,
    writerId: 'w',
    flushBytes: 100_000,
    minFreeBytes: 1000,
    report: (fault) => faults.push(fault),
    monotonicMs: () => nowMs,
  })
})
afterEach(async () => {
  ops.restore()
  await store.close()
  await rm(place, { recursive: true })
})

async function append(...sizes: number[]) {
  const blocks = randomBlocks(...sizes)
  const locations = await store.append(blocks)
  return blocks.map((block, i) => ({ block, location: locations[i]! })) // one for each block
}

for (const [code, outcome] of [
  ['ENOSPC', 'storage_full'],
  ['EDQUOT', 'storage_full'],
  ['EFBIG', 'storage_full'],
  ['EIO', 'storage_failed'],
  ['EROFS', 'storage_failed'],
] as const) {
  it(`says ${outcome} when a write fails with ${code}, and keeps the system's words to the log`, async () => {
    ops.failNext('writev', code)
    const fault: unknown = await append(10).catch((error: unknown) => error)
    expect(fault).toMatchObject({ code: outcome, cause: { code }, retryAfterSeconds: expect.any(Number) })
    expect(String(fault)).not.toContain(code)
    expect(String(fault)).not.toContain(place)
  })
}

it('says so when a pack cannot be made, and makes the next one', async () => {
  for (const code of ['EMFILE', 'ENOSPC', 'EACCES']) {
    ops.failNext('open', code)
    await expect(append(10)).rejects.toMatchObject({ cause: { code } })
  }
  const [taken] = await append(20)
  await store.sync([taken!.location.pack])
  expect(await readdir(dir)).toHaveLength(1)
})

it('goes on after a short write', async () => {
  ops.instead.writev = (fd, pieces, position) =>
    systemFileOps.writev(fd, [Buffer.concat(pieces).subarray(0, 777)], position)
  const taken = await append(5000, 10, 3000, 0, 900)
  for (const { block, location } of taken) expect(payload(block).equals(await store.read(location))).toBe(true)
  expect(ops.count('writev')).toBeGreaterThan(5)
})

it('refuses a write of which the system takes nothing', async () => {
  ops.instead.writev = () => Promise.resolve(0)
  await expect(append(10)).rejects.toMatchObject({ code: 'storage_failed' })
})

it('keeps the appends of one write that are whole when the last of them fails', async () => {
  const held = ops.hold('writev')
  const before = append(10)
  await held.begun
  const together = [append(2000), append(3000), append(4000)]
  ops.failWriteAfter(2000 + 3000 + 200, 'ENOSPC')
  held.release()
  const [written] = await before
  const [first, second, third] = await Promise.allSettled(together)
  expect([first!.status, second!.status, third!.status]).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  const sections = await collect(store.scan(written!.location.pack))
  expect(sections.map(({ location }) => location.length)).toEqual([10, 2000, 3000])
})

it('keeps nobody waiting for what is appended apart, and fails nobody with it', async () => {
  const [moved] = randomBlocks(1000)
  const written = ops.hold('writev')
  const apart = store.append([moved!], { isApart: true })
  await written.begun
  const [before] = await append(10)
  written.release()
  const [location] = await apart
  expect(location!.pack).not.toBe(before!.location.pack)
  const synced = ops.hold('fdatasync')
  const syncing = store.sync([location!.pack])
  await synced.begun
  await store.sync([before!.location.pack])
  synced.release()
  await syncing
  ops.failWriteAfter(500, 'EIO')
  await expect(store.append(randomBlocks(1000), { isApart: true })).rejects.toMatchObject({ code: 'storage_failed' })
  const [after] = await append(10)
  expect(after!.location.pack).toBe(before!.location.pack)
  expect(await collect(store.scan(location!.pack))).toHaveLength(1)
  const unsealed = (await store.list()).filter(({ current }) => current)
  expect(unsealed.map(({ pack }) => pack)).toEqual([before!.location.pack])
})

it('shows nothing of an append before the system has all of it', async () => {
  const [first] = await append(10)
  const written = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  ops.instead.writev = async (fd, pieces, position) => {
    const count = await systemFileOps.writev(fd, [Buffer.concat(pieces).subarray(0, 8000)], position)
    written.resolve()
    await gate.promise
    return count
  }
  const late = append(5000, 5000)
  await written.promise
  expect(await collect(store.scan(first!.location.pack))).toHaveLength(1)
  gate.resolve()
  await late
  expect(await collect(store.scan(first!.location.pack))).toHaveLength(3)
})

it('fails appends that were given places in the next pack too', async () => {
  const small = await openDiskPacks({ dir, ops, writerId: 'x', segmentBytes: 10_000 })
  const held = ops.hold('writev')
  const first = small.append(randomBlocks(9000))
  await held.begun
  const second = small.append(randomBlocks(9000))
  const third = small.append(randomBlocks(9000))
  ops.failWriteAfter(0, 'ENOSPC')
  held.release()
  await first
  for (const end of await Promise.allSettled([second, third])) expect(end.status).toBe('rejected')
  const [location] = await small.append(randomBlocks(100))
  await small.sync([location!.pack])
  expect(await readdir(dir)).toHaveLength(2)
  await small.close()
})

it('reports a tail that could not be cut, and the scan stops before it', async () => {
  const [kept] = await append(1000)
  ops.failWriteAfter(500, 'EIO')
  ops.failNext('ftruncate', 'EIO')
  await expect(append(3000)).rejects.toMatchObject({ code: 'storage_failed' })
  expect(faults).toMatchObject([{ cause: { code: 'EIO' } }])
  const scan = store.scan(kept!.location.pack)
  expect(await collect(scan)).toHaveLength(1)
  expect((await stat(packPath(dir, kept!.location.pack))).size).toBe(scan.endBytes + 500)
  await store.sync([kept!.location.pack])
  const [next] = await append(50)
  expect(next!.location.pack).not.toBe(kept!.location.pack)
})

it('releases a caller only by a sync that started after its append', async () => {
  const [first] = await append(10)
  const { pack } = first!.location
  const held = ops.hold('fdatasync')
  const early = store.sync([pack])
  await held.begun
  await append(20)
  const second = ops.hold('fdatasync')
  let lateIsDone = false
  const late = store.sync([pack]).then(() => (lateIsDone = true))
  held.release()
  await early
  await second.begun
  expect(lateIsDone).toBe(false)
  second.release()
  await late
  expect(ops.count('fdatasync')).toBe(2)
})

it('makes the name of a new pack durable before it lets a sync pass, and only once', async () => {
  const before = ops.count('syncDirectory')
  const [first] = await append(10)
  ops.failNext('syncDirectory', 'EIO')
  await expect(store.sync([first!.location.pack])).rejects.toMatchObject({ code: 'storage_failed' })
  for (let i = 0; i < 3; i++) {
    const [next] = await append(10)
    await store.sync([next!.location.pack])
  }
  expect(ops.count('syncDirectory') - before).toBe(2)
})

it('cuts what was not durable when a sync fails, also what is being written', async () => {
  const [kept] = await append(1000)
  const { pack } = kept!.location
  await store.sync([pack])
  await append(2000)
  const writing = ops.hold('writev')
  const during = append(3000)
  await writing.begun
  const behind = append(4000)
  ops.failNext('fdatasync', 'EIO')
  await expect(store.sync([pack])).rejects.toMatchObject({ code: 'storage_failed' })
  const next = append(500)
  writing.release()
  await expect(during).rejects.toMatchObject({ code: 'storage_failed' })
  await expect(behind).rejects.toMatchObject({ code: 'storage_failed' })
  await store.sync((await next).map(({ location }) => location.pack))
  const scan = store.scan(pack)
  expect((await collect(scan)).map(({ location }) => location)).toEqual([kept!.location])
  expect((await stat(packPath(dir, pack))).size).toBe(scan.endBytes)
  expect(payload(kept!.block).equals(await store.read(kept!.location))).toBe(true)
})

it('says storage_full when the room ends at a sync', async () => {
  const [taken] = await append(10)
  ops.failNext('fdatasync', 'ENOSPC')
  await expect(store.sync([taken!.location.pack])).rejects.toMatchObject({ code: 'storage_full' })
})

it('starts to flush while a long upload goes on', async () => {
  const [first] = await append(60_000)
  expect(ops.count('fdatasync')).toBe(0)
  const flush = ops.hold('fdatasync')
  await append(60_000)
  await flush.begun
  await append(200_000)
  expect(ops.count('fdatasync')).toBe(1)
  flush.release()
  await store.sync([first!.location.pack])
})

it('fails the sync of an upload whose flush in the background failed, and reports it', async () => {
  ops.failNext('fdatasync', 'EIO')
  const [taken] = await append(200_000)
  await expect.poll(() => faults).toMatchObject([{ code: 'storage_failed', cause: { code: 'EIO' } }])
  await expect(store.sync([taken!.location.pack])).rejects.toBe(faults[0])
  const [next] = await append(10)
  await store.sync([next!.location.pack])
})

it('says at the end when the last sync fails, once everything is given back', async () => {
  await append(10)
  ops.failNext('fdatasync', 'EIO')
  await expect(store.close()).rejects.toMatchObject({ code: 'storage_failed' })
  expect(ops.count('open')).toBe(ops.count('close'))
})

it('refuses appends before the disk is full, asking the system at most once a second', async () => {
  let freeBytes = 10_000
  let asked = 0
  ops.instead.space = () => {
    asked++
    return Promise.resolve({ freeBytes, totalBytes: 1e9 })
  }
  nowMs = 5000
  await append(4000)
  await append(4000)
  await expect(append(4000)).rejects.toMatchObject({ code: 'storage_full' })
  await append(100)
  expect(asked).toBe(1)
  freeBytes = 500
  nowMs = 6000
  await expect(append(1)).rejects.toMatchObject({ code: 'storage_full' })
  freeBytes = 20_000
  nowMs = 7000
  await Promise.all([append(5000), append(5000), append(5000)])
  expect(asked).toBe(3)
})

it('lets compaction use the room that is kept from uploads', async () => {
  ops.instead.space = () => Promise.resolve({ freeBytes: 1400, totalBytes: 1e9 })
  nowMs = 5000
  await expect(append(700)).rejects.toMatchObject({ code: 'storage_full' })
  expect(await store.append(randomBlocks(700), { mayUseReserve: true })).toHaveLength(1)
  const more = store.append(randomBlocks(1000), { mayUseReserve: true })
  await expect(more).rejects.toMatchObject({ code: 'storage_full' })
})

it('removes packs while appends are refused for want of room', async () => {
  const [taken] = await append(4000)
  await store.seal(taken!.location.pack)
  ops.instead.space = () => Promise.resolve({ freeBytes: 0, totalBytes: 1e9 })
  nowMs = 5000
  await expect(append(1)).rejects.toMatchObject({ code: 'storage_full' })
  await store.remove(taken!.location.pack)
  expect(await readdir(dir)).toEqual([])
})

it('waits for reads of this process before it removes a pack', async () => {
  const [taken] = await append(3000)
  await store.seal(taken!.location.pack)
  const held = ops.hold('read')
  const reading = store.read(taken!.location)
  await held.begun
  let isRemoved = false
  const removing = store.remove(taken!.location.pack).then(() => (isRemoved = true))
  const nameOfEnd = () => store.read(taken!.location).then(String, (error: Error) => error.name)
  await expect.poll(nameOfEnd).toBe('PackMissing')
  expect(() => store.readSync(taken!.location)).toThrow(expect.objectContaining({ name: 'PackMissing' }))
  expect(isRemoved).toBe(false)
  expect(await readdir(dir)).toHaveLength(1)
  held.release()
  expect(payload(taken!.block).equals(await reading)).toBe(true)
  await removing
  expect(await readdir(dir)).toEqual([])
})

it('takes EIO on reading for damage, anything else for a fault of the moment', async () => {
  const [taken] = await append(3000)
  ops.failNext('read', 'EIO')
  await expect(store.read(taken!.location)).rejects.toBeInstanceOf(StorageDamaged)
  ops.failNext('read', 'ENOMEM')
  await expect(store.read(taken!.location)).rejects.toMatchObject({ name: 'AppError', code: 'storage_failed' })
  expect(payload(taken!.block).equals(await store.read(taken!.location))).toBe(true)
})

it('never reads another length than was asked for', async () => {
  const [taken] = await append(3000)
  ops.instead.read = (fd, into, length, position) => systemFileOps.read(fd, into, Math.min(length, 100), position)
  expect(payload(taken!.block).equals(await store.read(taken!.location))).toBe(true)
  expect(() => store.readSync({ ...taken!.location, length: 3001 })).toThrow(StorageDamaged)
})

it('keeps the number of open files bounded and gives all of them back', async () => {
  const before = (await readdir('/proc/self/fd')).length
  const many = await openDiskPacks({ dir, ops, writerId: 'm', segmentBytes: 1000, maxOpenFiles: 5 })
  const taken = await Promise.all(randomBlocks(...Array<number>(60).fill(900)).map((block) => many.append([block])))
  await many.sync(taken.map(([location]) => location!.pack))
  for (let round = 0; round < 3; round++) await Promise.all(taken.map(([location]) => many.read(location!)))
  await expect.poll(async () => (await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before + 5 + 2)
  await many.close()
  await expect.poll(async () => (await readdir('/proc/self/fd')).length).toBe(before)
})

it('never writes over a pack that is there', async () => {
  await writeFile(join(dir, 'w-000001.car'), 'somebody else')
  await expect(append(10)).rejects.toMatchObject({ cause: { code: 'EEXIST' } })
  const [taken] = await append(10)
  expect(taken!.location.pack).toBe('w-000002')
  expect((await stat(join(dir, 'w-000001.car'))).size).toBe(13)
})

it('lists nothing but packs, and takes no name that leads elsewhere', async () => {
  for (const name of ['x.car', 'w-1.car', 'w-000001.tmp', '.hidden', 'w-000001.car.gz'])
    await writeFile(join(dir, name), '')
  expect(await store.list()).toEqual([])
  for (const pack of ['../w-000001', '/etc/passwd', 'w-000001\0', '', 'a/w-000001']) {
    await expect(store.read({ pack, offset: 0, length: 1 })).rejects.toThrow('no name of a pack')
    await expect(collect(store.scan(pack))).rejects.toThrow('no name of a pack')
    await expect(store.remove(pack)).rejects.toThrow('no name of a pack')
    await expect(store.truncate(pack, 0)).rejects.toThrow('no name of a pack')
  }
  await expect(openDiskPacks({ dir, writerId: '../x' })).rejects.toThrow('no name of a pack')
})

it('opens for reading only what is there, and creates nothing', async () => {
  const missing = join(place, 'missing')
  await expect(openDiskPacks({ dir: missing, readOnly: true })).rejects.toMatchObject({ code: 'storage_failed' })
  expect(await readdir(place)).toEqual(['packs'])
})

it('says so when the directory vanishes, and goes on when it is back', async () => {
  const [taken] = await append(10)
  await store.seal(taken!.location.pack)
  await rm(dir, { recursive: true })
  await expect(append(10)).rejects.toMatchObject({ code: 'storage_failed' })
  await expect(store.list()).rejects.toMatchObject({ code: 'storage_failed' })
  const again = await openDiskPacks({ dir, writerId: 'again' })
  await again.close()
  await append(10)
})

it('stops at damage in the middle, and goes on from where it is told to', async () => {
  const taken = await append(1000, 1000, 1000)
  const { pack, offset } = taken[1]!.location
  await store.seal(pack)
  const file = await open(packPath(dir, pack), 'r+')
  await file.write(Buffer.of(0x05), 0, 1, offset - 36)
  await file.close()
  expect(await collect(store.scanBytes(pack))).toHaveLength(1)
  expect(await collect(store.scan(pack, { from: taken[2]!.location.offset - 36 - 2 }))).toHaveLength(1)
})

it('refuses appends while the database has no room on a disk of its own, but not those of compaction', async () => {
  await store.close()
  let besideBytes = 5_000
  ops.instead.space = async (path) => ({ freeBytes: path === place ? besideBytes : 1e9, totalBytes: 1e9 })
  store = await openDiskPacks({
    dir,
    ops,
    writerId: 'x',
    minFreeBytes: 1000,
    beside: { dir: place, minFreeBytes: 4_000 },
    monotonicMs: () => nowMs,
  })
  await append(10_000)
  besideBytes = 3_999
  nowMs += 1_000
  await expect(append(1)).rejects.toMatchObject({ code: 'storage_full' })
  await expect(store.tryToWrite()).rejects.toMatchObject({ code: 'storage_full' })
  await store.append(randomBlocks(1), { mayUseReserve: true })
  besideBytes = 4_000
  nowMs += 1_000
  await append(1)
  await store.tryToWrite()
})
