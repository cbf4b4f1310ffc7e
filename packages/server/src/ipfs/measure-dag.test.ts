import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cid } from './cid.ts'
import { codecs } from './codecs.ts'
import { measureDag } from './measure-dag.ts'
import { MemoryBlocks } from './memory-blocks.ts'
import { identityMultihash } from './multihash.ts'
import {
  absentCid,
  importSample,
  linkTo,
  putBytes,
  putCbor,
  putDirectory,
  putFile,
  putPb,
  putRaw,
  sampleBytes,
  slowly,
} from './sample-dags.ts'

it('counts the bytes and the files of a folder, sharded or not, also where content repeats', async () => {
  const content = fc.tuple(fc.nat(60), fc.nat(3)).map(([size, seed]) => sampleBytes(size, seed))
  const paths = fc.uniqueArray(fc.stringMatching(/^[a-c]\/[a-c]\/[a-z]{1,2}$/), { minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(
      paths,
      fc.array(content, { minLength: 20, maxLength: 20 }),
      fc.boolean(),
      async (names, all, sharded) => {
        const files = names.map((name, i) => ({ path: `root/${name}`, content: all[i] ?? new Uint8Array() }))
        const { root, blocks } = await importSample(files, {
          rawLeaves: names.length % 2 === 0,
          ...(sharded ? { shardSplitThresholdBytes: 0 } : {}),
        })
        const sizeBytes = files.reduce((sum, { content: { length } }) => sum + length, 0)
        expect(await measureDag(blocks, root)).toEqual({ sizeBytes, files: files.length })
        expect(await measureDag(slowly(blocks), root)).toEqual({ sizeBytes, files: files.length })
      },
    ),
    { numRuns: 50 },
  )
})

it('counts single blocks of every kind', async () => {
  const blocks = new MemoryBlocks()
  const carried: Cid = { version: 1, codec: codecs.raw, multihash: identityMultihash(Buffer.from('carried')) }
  const cases: [Cid, number, number][] = [
    [putRaw(blocks, 'hello'), 5, 1],
    [putRaw(blocks, ''), 0, 1],
    [carried, 7, 1],
    [putFile(blocks, []), 0, 1],
    [putFile(blocks, [], 'inside'), 6, 1],
    [putDirectory(blocks, {}), 0, 0],
    [putPb(blocks, { type: 'symlink', data: Buffer.from('target') }), 6, 1],
    [putBytes(blocks, codecs.json, Buffer.from('{"a":1}')), 7, 1],
  ]
  for (const [root, sizeBytes, files] of cases) expect(await measureDag(blocks, root)).toEqual({ sizeBytes, files })
})

it('counts what is no UnixFS by its distinct blocks', async () => {
  const blocks = new MemoryBlocks()
  const leaf = putRaw(blocks, 'leaf')
  const inner = putCbor(blocks, [linkTo(leaf), linkTo(leaf)])
  const root = putCbor(blocks, { a: linkTo(inner), b: linkTo(inner), leaf: linkTo(leaf) })
  const data = (blocks.sizeOf(inner.multihash) ?? 0) + (blocks.sizeOf(root.multihash) ?? 0)
  expect(await measureDag(blocks, root)).toEqual({ sizeBytes: data + 4, files: 1 })
  const folder = putDirectory(blocks, { 'a.cbor': root, 'b.cbor': root, 'leaf.txt': leaf })
  expect(await measureDag(blocks, folder)).toEqual({ sizeBytes: data + 4 + 4, files: 3 })
  const plain = putPb(blocks, Buffer.from('no unixfs'), [leaf])
  expect(await measureDag(blocks, plain)).toEqual({ sizeBytes: (blocks.sizeOf(plain.multihash) ?? 0) + 4, files: 1 })
})

describe('DAGs that lie', () => {
  const blocks = new MemoryBlocks()
  const leaf = putRaw(blocks, '0123456789')

  it('are counted by their leaves, not by what they declare', async () => {
    const small = putPb(blocks, { type: 'file', fileSize: 2 ** 50, blockSizes: [2 ** 50] }, [leaf])
    const large = putPb(blocks, { type: 'file', fileSize: 1, blockSizes: [1, 0] }, [leaf, leaf])
    expect(await measureDag(blocks, small)).toEqual({ sizeBytes: 10, files: 1 })
    expect(await measureDag(blocks, large)).toEqual({ sizeBytes: 20, files: 1 })
  })

  it('cost one read for each block when they unfold to 2^50 bytes, and are refused above 2^53', async () => {
    let [root, size] = [leaf, 10]
    for (; size < 2 ** 50; size *= 2)
      root = putFile(blocks, [
        [root, size],
        [root, size],
      ])
    const before = blocks.reads
    expect(await measureDag(blocks, root)).toEqual({ sizeBytes: size, files: 1 })
    expect(blocks.reads - before).toBeLessThan(50)
    for (let i = 0; i < 4; i++) root = putPb(blocks, { type: 'file' }, [root, root])
    await expect(measureDag(blocks, root)).rejects.toMatchObject({ code: 'too_large' })
    let folder = putDirectory(blocks, { a: putFile(blocks, []) })
    for (let i = 0; i < 54; i++) folder = putDirectory(blocks, { a: folder, b: folder })
    await expect(measureDag(blocks, folder)).rejects.toMatchObject({ code: 'too_large' })
  })

  it('with parts of a file that are none, are counted all the same', async () => {
    const folder = putDirectory(blocks, { leaf })
    const file = putFile(blocks, [
      [folder, 10],
      [leaf, 10],
    ])
    const bytes = (blocks.sizeOf(folder.multihash) ?? 0) + 10
    expect(await measureDag(blocks, file)).toEqual({ sizeBytes: 10 + bytes, files: 1 })
    const both = putDirectory(blocks, { folder, file })
    expect(await measureDag(blocks, both)).toEqual({ sizeBytes: 10 + 10 + bytes, files: 2 })
  })

  it('and are too deep or have too many blocks, are refused', async () => {
    let chain = leaf
    for (let i = 0; i < 20_000; i++) chain = putFile(blocks, [[chain, 10]])
    expect(await measureDag(blocks, chain)).toEqual({ sizeBytes: 10, files: 1 })
    await expect(measureDag(blocks, chain, { maxDepth: 1000 })).rejects.toMatchObject({ code: 'too_large' })
    await expect(measureDag(blocks, chain, { maxBlocks: 1000 })).rejects.toMatchObject({ code: 'too_large' })
    await expect(measureDag(blocks, chain, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
    const wide = putFile(
      blocks,
      Array.from({ length: 40_000 }, () => [leaf, 10] as const),
    )
    expect(await measureDag(blocks, wide)).toEqual({ sizeBytes: 400_000, files: 1 })
  })
})

it('fails when a block is absent, be it a leaf or a node', async () => {
  const blocks = new MemoryBlocks()
  for (const codec of [codecs.raw, codecs.dagPb, codecs.dagCbor]) {
    const root = putDirectory(blocks, { a: absentCid(codec) })
    for (const source of [blocks, slowly(blocks)]) {
      await expect(measureDag(source, root)).rejects.toMatchObject({ name: 'BlockUnavailable' })
    }
  }
})
