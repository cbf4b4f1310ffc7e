import { CarReader } from '@ipld/car'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlockSource } from './block.ts'
import { type Cid, formatCid } from './cid.ts'
import { codecs } from './codecs.ts'
import { MemoryBlocks } from './memory-blocks.ts'
import { identityMultihash, sha256Multihash } from './multihash.ts'
import { findNode } from './read-node.ts'
import { resolvePath } from './resolve-path.ts'
import {
  absentCid,
  collect,
  collectBytes,
  importSample,
  linkTo,
  putCbor,
  putDirectory,
  putFile,
  putPb,
  putRaw,
  sampleBytes,
  slowly,
} from './sample-dags.ts'
import { walkDag } from './walk-dag.ts'
import { type CarOptions, writeCar } from './write-car.ts'

it('holds a whole DAG, as another implementation reads it', async () => {
  const files = fc.array(fc.nat(40_000), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(files, fc.integer({ min: 1, max: 40_000 }), async (sizes, chunkBytes) => {
      const sample = await importSample(
        sizes.map((size, i) => ({ path: `root/${i}`, content: sampleBytes(size, size) })),
        { chunkBytes: Math.max(chunkBytes, Math.ceil(Math.max(...sizes) / 50)), links: 4 },
      )
      const car = await collectBytes(writeCar(slowly(sample.blocks), sample.root, { scope: 'all' }))
      const reader = await CarReader.fromBytes(car)
      expect((await reader.getRoots()).map(String)).toEqual([formatCid(sample.root)])
      const walked = await collect(walkDag(sample.blocks, sample.root))
      const blocks = await collect(reader.blocks())
      expect(blocks.map(({ cid }) => cid.toString())).toEqual(walked.map(({ cid }) => formatCid(cid)))
      for (const { cid, bytes } of blocks) {
        expect(Buffer.compare(sha256Multihash([bytes]), cid.multihash.bytes)).toBe(0)
      }
    }),
    { numRuns: 25 },
  )
})

describe('scopes', () => {
  const files = Array.from({ length: 300 }, (_, i) => ({ path: `root/dir/${i}`, content: sampleBytes(25, i) }))

  it('block: the target and the way to it, shards too', async () => {
    const { root, blocks } = await importSample(files, { shardSplitThresholdBytes: 0 })
    const ways = await Promise.all(files.map((_, i) => resolvePath(blocks, root, ['dir', `${i}`])))
    const found = ways.find((way) => way.outcome === 'found' && way.pathBlocks.length > 2)
    if (found?.outcome !== 'found') expect.fail(found?.outcome)
    const { node, pathBlocks } = found
    const cids = await cidsOf(blocks, node.cid, { scope: 'block', pathBlocks })
    expect(cids).toEqual([...pathBlocks, node.cid].map(formatCid))
    const reader = await CarReader.fromBytes(
      await collectBytes(writeCar(blocks, node.cid, { scope: 'block', pathBlocks, roots: [root] })),
    )
    expect((await reader.getRoots()).map(String)).toEqual([formatCid(root)])
  })

  it('entity: all of a file, all shards of a directory and none of its children, one block of anything else', async () => {
    const { root, blocks } = await importSample(files, { shardSplitThresholdBytes: 0 })
    const directory = await resolvePath(blocks, root, ['dir'])
    const file = await resolvePath(blocks, root, ['dir', '17'])
    if (directory.outcome !== 'found' || file.outcome !== 'found') expect.fail()
    expect(await cidsOf(blocks, file.node.cid, { scope: 'entity' })).toHaveLength(4)
    const shards = await cidsOf(blocks, directory.node.cid, { scope: 'entity' })
    const all = await cidsOf(blocks, directory.node.cid, { scope: 'all' })
    expect(all.length - shards.length).toBe(300 * 4)
    expect(all.filter((cid) => shards.includes(cid))).toEqual(shards)

    const plain = putDirectory(blocks, { a: file.node.cid })
    const cbor = putCbor(blocks, [linkTo(plain)])
    const link = putPb(blocks, { type: 'symlink', data: Buffer.from('a') })
    for (const target of [plain, cbor, link, putRaw(blocks, 'raw'), putPb(blocks, undefined, [plain])]) {
      for (const entityBytes of [undefined, { from: 0, to: 0 }]) {
        expect(await cidsOf(blocks, target, { scope: 'entity', entityBytes })).toEqual([formatCid(target)])
      }
    }
  })

  it('entity with bytes: the blocks in which they lie, and the others may be missing', async () => {
    const content = sampleBytes(100)
    const { root, blocks } = await importSample([{ path: 'a', content }], { links: 100 })
    const node = await findNode(blocks, root)
    if (node?.kind !== 'file') expect.fail(node?.kind)
    const leaves = node.pb.links
    const range = fc.tuple(
      fc.integer({ min: -120, max: 120 }),
      fc.option(fc.integer({ min: -120, max: 120 }), { nil: undefined }),
    )
    await fc.assert(
      fc.asyncProperty(range, async ([from, to]) => {
        const first = from < 0 ? Math.max(0, 100 + from) : from
        const last = Math.min(99, to === undefined ? 99 : to < 0 ? 100 + to : to)
        const wanted = leaves.filter((_, i) => first <= last && i * 10 <= last && i * 10 + 9 >= first)
        const some = new MemoryBlocks()
        for (const cid of [root, ...wanted]) some.add(cid.multihash, blocks.get(cid.multihash) ?? new Uint8Array())
        for (const source of [some, slowly(some)]) {
          const cids = await cidsOf(source, root, { scope: 'entity', entityBytes: { from, to } })
          expect(cids).toEqual([root, ...wanted].map(formatCid))
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('doubles', () => {
  const blocks = new MemoryBlocks()
  const leaf = putRaw(blocks, '0123456789')
  const inner = putFile(blocks, [
    [leaf, 10],
    [leaf, 10],
  ])
  const file = putFile(blocks, [
    [inner, 20],
    [inner, 20],
  ])
  const once = [file, inner, leaf].map(formatCid)
  const repeated = [file, inner, leaf, leaf, inner, leaf, leaf].map(formatCid)

  it('are left out or kept', async () => {
    for (const source of [blocks, slowly(blocks)]) {
      for (const options of [
        { scope: 'all' },
        { scope: 'entity' },
        { scope: 'entity', entityBytes: { from: 0, to: undefined } },
      ] as const) {
        expect(await cidsOf(source, file, { ...options })).toEqual(once)
        expect(await cidsOf(source, file, { ...options, repeats: true })).toEqual(repeated)
      }
    }
  })

  it('are walked once for a part of a file that is 2^50 bytes in few blocks', async () => {
    let [root, size] = [leaf, 10]
    for (; size < 2 ** 50; size *= 2) root = putFile(blocks, [[root, size], [root, size]]) // prettier-ignore
    for (const [from, to, most] of [
      [1_000, undefined, 48],
      [0, size - 1, 48],
      [-1_000_000, -5, 48],
      [size / 2 - 3, size / 2 + 3, 48],
    ] as const) {
      const cids = await cidsOf(blocks, root, { scope: 'entity', entityBytes: { from, to } })
      expect(new Set(cids).size).toBe(cids.length)
      expect(cids.length).toBeLessThanOrEqual(most)
      expect(cids[0]).toBe(formatCid(root))
      expect(cids).toContain(formatCid(leaf))
    }
  })

  it('of which there are 2^50 come as they are asked for', async () => {
    let root = file
    for (let i = 0; i < 50; i++) root = putPb(blocks, undefined, [root, root])
    let pieces = 0
    for await (const _ of writeCar(blocks, root, { scope: 'all', repeats: true })) if (++pieces === 3) break
    expect(pieces).toBe(3)
    expect(await cidsOf(blocks, root, { scope: 'all' })).toHaveLength(53)
    const bounded = writeCar(blocks, root, { scope: 'all', repeats: true, maxBlocks: 10_000 })
    await expect(collectBytes(bounded)).rejects.toMatchObject({ code: 'too_large' })
  })
})

it('leaves identity CIDs out and follows them', async () => {
  const blocks = new MemoryBlocks()
  const carried: Cid = { version: 1, codec: codecs.raw, multihash: identityMultihash(Buffer.from('carried')) }
  const root = putDirectory(blocks, { carried, raw: putRaw(blocks, 'raw') })
  expect(await cidsOf(blocks, root, { scope: 'all' })).toHaveLength(2)
  const empty: Cid = { ...carried, multihash: identityMultihash(new Uint8Array()) }
  const car = await collectBytes(writeCar(blocks, empty, { scope: 'all', pathBlocks: [carried] }))
  const reader = await CarReader.fromBytes(car)
  expect((await reader.getRoots()).map(String)).toEqual(['bafkqaaa'])
  expect(await collect(reader.blocks())).toEqual([])
})

it('ends in an error where a block is absent', async () => {
  const blocks = new MemoryBlocks()
  const root = putDirectory(blocks, { a: putRaw(blocks, sampleBytes(100_000)), b: absentCid() })
  for (const source of [blocks, slowly(blocks)]) {
    const pieces = writeCar(source, root, { scope: 'all' })
    await expect(collectBytes(pieces)).rejects.toMatchObject({ name: 'BlockUnavailable' })
    await expect(collectBytes(writeCar(source, absentCid(), { scope: 'entity' }))).rejects.toThrow('not available')
  }
})

async function cidsOf(source: BlockSource, target: Cid, options: CarOptions): Promise<string[]> {
  const reader = await CarReader.fromBytes(await collectBytes(writeCar(source, target, options)))
  return (await collect(reader.cids())).map(String)
}
