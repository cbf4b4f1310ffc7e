import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { NewBlock, PackLocation } from './blob-store.ts'
import { type DiskStore, openDiskPacks } from './disk.ts'
import { FaultyFileOps, strictWrite } from './faulty-file-ops.ts'
import { systemFileOps } from './file-ops.ts'
import { packPath } from './pack-names.ts'
import { collect, payload, randomBlocks } from './random-blocks.ts'

const MiB = 1024 * 1024

let place: string
let dir: string
let ops: FaultyFileOps
let store: DiskStore

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'pinyon-packs-'))
  dir = join(place, 'packs')
  ops = new FaultyFileOps()
  ops.pretendDirect()
  store = await openDiskPacks({ dir, ops, writerId: 'w' })
})
afterEach(async () => {
  ops.restore()
  await store.close()
  await rm(place, { recursive: true })
})

interface Appended {
  readonly block: NewBlock
  readonly location: PackLocation
}

async function append(...sizes: number[]): Promise<Appended[]> {
  const blocks = randomBlocks(...sizes)
  const locations = await store.append(blocks)
  return blocks.map((block, i) => ({ block, location: locations[i]! })) // one for each block
}

async function expectKept(...appended: Appended[]): Promise<void> {
  for (const { block, location } of appended) expect(payload(block).equals(await store.read(location))).toBe(true)
  const scan = store.scan(appended[0]!.location.pack) // every test appends something
  expect((await collect(scan)).map(({ location }) => location)).toEqual(appended.map(({ location }) => location))
  expect((await readFile(packPath(dir, appended[0]!.location.pack))).length).toBe(scan.endBytes)
}

it('writes what is long past the page cache, and what is short the usual way', async () => {
  const short = await append(10, 200_000)
  expect([ops.count('openDirect'), ops.count('writeDirect')]).toEqual([0, 0])
  const long = await append(MiB, 5000)
  const longer = await append(...Array<number>(9).fill(MiB))
  const after = await append(7)
  expect([ops.count('openDirect'), ops.count('writeDirect')]).toEqual([1, 4])
  await expectKept(...short, ...long, ...longer, ...after)
})

it('writes every byte once, in order', async () => {
  let end = 0
  const follows = (position: number, count: number) => {
    expect(position).toBe(end)
    end += count
  }
  ops.instead.writeDirect = (fd, bytes, position) => {
    follows(position, bytes.length)
    return strictWrite(fd, bytes, position)
  }
  ops.instead.writev = (fd, pieces, position) => {
    follows(position, Buffer.concat(pieces).length)
    return systemFileOps.writev(fd, pieces, position)
  }
  const taken = [await append(300_000), await append(10), await append(MiB, 2 * MiB), await append(MiB)].flat()
  await expectKept(...taken)
  expect(ops.count('writeDirect')).toBe(3)
})

for (const operation of ['openDirect', 'writeDirect'] as const) {
  it(`goes on the usual way in a pack where ${operation} is refused`, async () => {
    ops.failNext(operation, 'EINVAL')
    const taken = [await append(MiB, 3000), await append(MiB)].flat()
    await expectKept(...taken)
    expect(ops.count(operation)).toBe(1)
    await store.sync([taken[0]!.location.pack])
  })
}

it('goes on the usual way where the system has no direct writes', async () => {
  ops.instead.openDirect = () => Promise.resolve(undefined)
  await expectKept(...(await append(MiB, 3000)), ...(await append(MiB)))
  expect([ops.count('openDirect'), ops.count('writeDirect')]).toEqual([1, 0])
})

for (const sizeBytes of [4096, 8192 + 512, 300_001]) {
  it(`goes on after the system took only ${sizeBytes} bytes`, async () => {
    ops.instead.writeDirect = async (fd, bytes, position) => {
      ops.pretendDirect()
      return systemFileOps.writev(fd, [bytes.subarray(0, sizeBytes)], position)
    }
    await expectKept(...(await append(MiB, MiB, 17)))
    expect(ops.count('writeDirect')).toBe(2)
  })
}

it('refuses a write of which the system takes nothing', async () => {
  ops.instead.writeDirect = () => Promise.resolve(0)
  await expect(append(MiB)).rejects.toMatchObject({ code: 'storage_failed' })
})

for (const [code, outcome] of [
  ['EIO', 'storage_failed'],
  ['ENOSPC', 'storage_full'],
] as const) {
  it(`cuts the tail after ${code}, keeps what is whole, and goes on in another pack`, async () => {
    const before = await append(10, MiB)
    const held = ops.hold('writev')
    const first = append(10)
    await held.begun
    const together = [append(300_000), append(300_000), append(MiB)]
    ops.failWriteAfter(700_000, code)
    held.release()
    const whole = [await first, await together[0]!, await together[1]!].flat()
    await expect(together[2]).rejects.toMatchObject({ code: outcome, cause: { code } })
    await expectKept(...before, ...whole)
    await store.sync([before[0]!.location.pack])
    const next = await append(MiB)
    expect(next[0]!.location.pack).toBe('w-000002')
    await expectKept(...next)
  })
}

it('shows nothing of an append whose pages are written and whose rest is not', async () => {
  const first = await append(10)
  const head = ops.hold('writev')
  head.release()
  const late = append(300_000, MiB)
  await head.begun
  const last = ops.hold('writev')
  await last.begun
  expect(ops.count('writeDirect')).toBe(1)
  expect(await collect(store.scan('w-000001'))).toHaveLength(1)
  last.release()
  await expectKept(...first, ...(await late))
})

it('cuts what was written past the page cache when the sync fails', async () => {
  const kept = await append(5000)
  await store.sync(['w-000001'])
  await append(MiB)
  ops.failNext('fdatasync', 'EIO')
  await expect(store.sync(['w-000001'])).rejects.toMatchObject({ code: 'storage_failed' })
  await append(10)
  await expectKept(...kept)
})

it('gives both descriptors back', async () => {
  await append(MiB)
  await store.seal('w-000001')
  await append(MiB)
  await store.close()
  expect(ops.count('open') + ops.count('openDirect')).toBe(4)
  expect(ops.count('close')).toBe(4)
})

it('is as good as it says on a file system that has it', async () => {
  ops.restore()
  // Where it has not, this goes the usual way.
  const taken = [await append(300_000), await append(10, 4000), await append(MiB, 2 * MiB)].flat()
  await store.sync(['w-000001'])
  await expectKept(...taken)
  expect(ops.count('openDirect')).toBe(1)
})
