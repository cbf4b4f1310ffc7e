import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { sampleBytes } from '../ipfs/sample-dags.ts'
import { sha256Multihash } from '../ipfs/multihash.ts'
import { BlockCache } from './block-cache.ts'

const kibibyte = 1024

async function openCache({ maxBytes = 64 * kibibyte, minFreeBytes = 0, hotBytes = 1 } = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-cache-'))
  const faults: object[] = []
  const cache = new BlockCache({
    dir: join(dir, 'mine'),
    maxBytes,
    minFreeBytes,
    hotBytes,
    log: { warn: (fault: object) => void faults.push(fault) },
    after: Promise.resolve(),
  })
  onTestFinished(async () => {
    await cache.close()
    expect(await readdir(dir)).toEqual([])
    await rm(dir, { recursive: true })
  })
  const files = async () => {
    const all = await readdir(dir, { recursive: true, withFileTypes: true })
    return all.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  }
  return { cache, faults, files }
}

function block(length: number, seed: number) {
  const bytes = sampleBytes(length, seed)
  return { bytes, multihash: sha256Multihash([bytes]) }
}

it('gives up what was read least lately, and never takes more of the disk than it may', async () => {
  const { cache, files } = await openCache()
  const blocks = Array.from({ length: 16 }, (_, i) => block(4 * kibibyte - i, i + 1))
  for (const { multihash, bytes } of blocks) cache.put(multihash, bytes)
  await cache.settled()
  expect([cache.blocks, cache.sizeBytes, (await files()).length]).toEqual([16, 64 * kibibyte, 16])
  const [oldest, second] = blocks
  expect(await cache.get(oldest!.multihash)).toEqual(Buffer.from(oldest!.bytes))
  const next = block(6 * kibibyte, 99)
  cache.put(next.multihash, next.bytes)
  await cache.settled()
  // It takes two clusters: the second and the third are gone, the first was read since.
  expect(await cache.get(second!.multihash)).toBeUndefined()
  expect(await cache.get(blocks[2]!.multihash)).toBeUndefined()
  expect(await cache.get(oldest!.multihash)).toEqual(Buffer.from(oldest!.bytes))
  expect(await cache.get(next.multihash)).toEqual(Buffer.from(next.bytes))
  expect([cache.sizeBytes, (await files()).length]).toEqual([64 * kibibyte, 15])
  for (const file of await files()) expect((await stat(file)).mode & 0o777).toBe(0o600)
  const large = block(65 * kibibyte, 100)
  cache.put(large.multihash, large.bytes)
  await cache.settled()
  expect((await files()).length).toBe(15)
})

it('gives no damaged bytes, and forgets them', async () => {
  const { cache, files } = await openCache()
  const { multihash, bytes } = block(5_000, 1)
  cache.put(multihash, bytes)
  await cache.settled()
  const [file] = await files()
  await truncate(file!, 4_999)
  expect(await cache.get(multihash)).toBeUndefined()
  await cache.settled()
  expect([cache.blocks, cache.sizeBytes, await files()]).toEqual([0, 0, []])
})

it('keeps in memory what is being written, a copy of views of larger pieces', async () => {
  const { cache } = await openCache({ hotBytes: 64 * kibibyte })
  const large = sampleBytes(20_000)
  const view = large.subarray(100, 200)
  const multihash = sha256Multihash([view])
  const expected = Buffer.from(view)
  cache.put(multihash, view)
  large.fill(0)
  expect(Buffer.from((await cache.get(multihash))!)).toEqual(expected)
  await cache.settled()
  expect(Buffer.from((await cache.get(multihash))!)).toEqual(expected)
})

it('takes nothing in while the disk is short, and gives way', async () => {
  const { cache } = await openCache({ minFreeBytes: Number.MAX_SAFE_INTEGER })
  const { multihash, bytes } = block(100, 1)
  cache.put(multihash, bytes)
  await cache.settled()
  expect([cache.blocks, cache.sizeBytes]).toEqual([0, 0])
})
