import { setImmediate } from 'node:timers/promises'
import { exporter } from 'ipfs-unixfs-exporter'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { BlockSource } from './block.ts'
import type { Cid } from './cid.ts'
import { codecs } from './codecs.ts'
import type { ByteRange } from './file-blocks.ts'
import { BlockUnavailable } from './find-block.ts'
import { MemoryBlocks } from './memory-blocks.ts'
import { identityMultihash } from './multihash.ts'
import { readFile, type ReadableNode } from './read-file.ts'
import { findNode } from './read-node.ts'
import {
  collectBytes,
  importSample,
  linkTo,
  putDirectory,
  putFile,
  putPb,
  putRaw,
  sampleBytes,
  slowly,
} from './sample-dags.ts'

describe('files of another implementation', () => {
  it('gives every range of a file of three levels, and of one whose leaves are dag-pb', async () => {
    const content = sampleBytes(100)
    const wrong: [number, number][] = []
    for (const rawLeaves of [true, false]) {
      const { root, blocks } = await importSample([{ path: 'a', content }], { rawLeaves })
      for (let start = 0; start <= 101; start++) {
        for (let end = start; end <= 101; end++) {
          const bytes = await read(blocks, root, { start, end })
          if (!bytes.equals(content.subarray(start, end))) wrong.push([start, end])
        }
      }
    }
    expect(wrong).toEqual([])
  })

  it('agrees with it on random files, layouts and ranges', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          size: fc.nat(3000),
          chunkBytes: fc.integer({ min: 1, max: 300 }),
          links: fc.integer({ min: 2, max: 9 }),
        }),
        fc.boolean(),
        fc.tuple(fc.nat(3100), fc.nat(3100)),
        async ({ size, chunkBytes, links }, rawLeaves, [a, b]) => {
          const content = sampleBytes(size, size + 1)
          const { root, blocks, store } = await importSample([{ path: 'a', content }], { chunkBytes, links, rawLeaves })
          const range = { start: Math.min(a, b), end: Math.max(a, b) }
          const theirs = await exporter(linkTo(root), store)
          if (theirs.type !== 'file' && theirs.type !== 'raw') expect.fail(theirs.type)
          const whole = await collectBytes(theirs.content())
          expect(await read(blocks, root)).toEqual(whole)
          expect(await read(slowly(blocks), root, range)).toEqual(whole.subarray(range.start, range.end))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('reads only the blocks that a range lies in', async () => {
    const { root, blocks } = await importSample([{ path: 'a', content: sampleBytes(270) }])
    const node = await open(blocks, root)
    const before = blocks.reads
    expect(await collectBytes(readFile(blocks, node, { range: { start: 95, end: 96 } }))).toHaveLength(1)
    // Two levels of nodes below the root, and the leaf.
    expect(blocks.reads - before).toBe(3)
  })
})

it('gives the target of a symlink, a raw block and an identity CID', async () => {
  const blocks = new MemoryBlocks()
  expect(await text(blocks, putPb(blocks, { type: 'symlink', data: Buffer.from('/etc/passwd') }))).toBe('/etc/passwd')
  expect(await text(blocks, putRaw(blocks, 'raw'))).toBe('raw')
  const carried: Cid = { version: 1, codec: codecs.raw, multihash: identityMultihash(Buffer.from('carried')) }
  expect(await text(blocks, carried)).toBe('carried')
  expect(await text(blocks, putFile(blocks, [[carried, 7]]))).toBe('carried')
  expect(await text(blocks, { ...carried, multihash: identityMultihash(new Uint8Array()) })).toBe('')
})

it('gives what stands in the nodes of a file before what they link', async () => {
  const blocks = new MemoryBlocks()
  const inner = putFile(blocks, [[putRaw(blocks, 'cd'), 2]], 'ab')
  const root = putFile(
    blocks,
    [
      [inner, 4],
      [putRaw(blocks, 'ef'), 2],
    ],
    '..',
  )
  expect(await text(blocks, root)).toBe('..abcdef')
  expect((await read(blocks, root, { start: 3, end: 7 })).toString()).toBe('bcde')
})

it('fails where a block is absent, and not for a range beside it', async () => {
  const { root, blocks } = await importSample([{ path: 'a', content: sampleBytes(40) }], { links: 10 })
  const node = await open(blocks, root)
  if (node.kind !== 'file') expect.fail(node.kind)
  const second = node.pb.links[1]?.multihash ?? new Uint8Array()
  expect(blocks.delete(second)).toBe(true)
  expect(await read(blocks, root, { start: 20, end: 40 })).toHaveLength(20)
  for (const source of [blocks, slowly(blocks)]) {
    const pieces: number[] = []
    const reading = async (): Promise<void> => {
      for await (const piece of readFile(source, node)) pieces.push(piece.length)
    }
    await expect(reading).rejects.toBeInstanceOf(BlockUnavailable)
    expect(pieces).toEqual([10])
  }
})

it('asks a slow source for two blocks ahead, never past the range, and for none when the reader is slow', async () => {
  const { root, blocks } = await importSample([{ path: 'a', content: sampleBytes(100) }], { links: 10 })
  const node = await open(blocks, root)
  vi.useFakeTimers({ toFake: ['performance'] })
  for (const [pauseMs, expected] of [
    [0, [1, 4, 5, 6, 6, 6]],
    [50, [1, 2, 3, 4, 5, 6]],
  ] as const) {
    let asked = 0
    const source: BlockSource = { get: async (multihash) => (asked++, blocks.get(multihash)) }
    const reader = readFile(source, node, { range: { start: 5, end: 55 } })
    const counts: number[] = []
    for (let next = await reader.next(); next !== undefined; next = await reader.next()) {
      counts.push(asked)
      vi.advanceTimersByTime(pauseMs)
    }
    expect(counts).toEqual(expected)
  }
  vi.useRealTimers()

  let asked = 0
  const failing: BlockSource = {
    get: async (multihash) => (++asked > 1 ? Promise.reject(new Error('disk')) : blocks.get(multihash)),
  }
  const reader = readFile(failing, node)
  expect(await reader.next()).toHaveLength(10)
  await expect(reader.next()).rejects.toThrow('disk')
  // Those asked for ahead fail too, and nobody waits for them any more.
  expect(asked).toBe(4)
  await setImmediate()
})

describe('files that lie', () => {
  const blocks = new MemoryBlocks()
  const leaf = putRaw(blocks, '0123456789')

  it('are not opened when their root contradicts itself', async () => {
    const roots = [
      putPb(blocks, { type: 'file', fileSize: 11, blockSizes: [10] }, [leaf]),
      putPb(blocks, { type: 'file', fileSize: 10, blockSizes: [10, 0] }, [leaf]),
      putPb(blocks, { type: 'file', fileSize: 10, blockSizes: [] }, [leaf]),
      putPb(blocks, { type: 'file', blockSizes: [2 ** 53 - 1, 2 ** 53 - 1] }, [leaf, leaf]),
      putPb(blocks, { type: 'file', fileSize: 3, data: Buffer.from('0123') }),
    ]
    for (const root of roots) {
      const node = await open(blocks, root)
      expect(node.size).toMatchObject({ code: 'invalid_block' })
      expect(() => readFile(blocks, node).next()).toThrow('malformed')
    }
  })

  it('end in an error where a part is longer, shorter or no file', async () => {
    for (const part of [
      [leaf, 9],
      [leaf, 11],
      [leaf, 2 ** 50],
      [putFile(blocks, [[leaf, 10]]), 11],
      [putDirectory(blocks, { leaf }), 10],
    ] as const) {
      const root = putFile(blocks, [[leaf, 10], part])
      await expect(read(blocks, root)).rejects.toMatchObject({ code: 'invalid_block' })
      expect((await read(blocks, root, { start: 0, end: 10 })).toString()).toBe('0123456789')
    }
  })

  it('cost no more than their blocks when they declare 2^50 bytes', async () => {
    let [root, size] = [leaf, 10]
    while (size < 2 ** 50) {
      root = putFile(blocks, [
        [root, size],
        [root, size],
      ])
      size *= 2
    }
    const before = blocks.reads
    const node = await open(blocks, root)
    expect(node.size).toBe(size)
    expect((await read(blocks, root, { start: size - 3, end: size })).toString()).toBe('789')
    expect((await read(blocks, root, { start: size / 2 - 1, end: size / 2 + 1 })).toString()).toBe('90')
    expect(blocks.reads - before).toBeLessThan(170)
  })

  it('are refused when a long way leads to every byte, or an endless one to none', async () => {
    let chain = leaf
    for (let i = 0; i < 100; i++) chain = putFile(blocks, [[chain, 10]])
    expect(await text(blocks, chain)).toBe('0123456789')
    const wide = putFile(
      blocks,
      Array.from({ length: 40_000 }, () => [chain, 10] as const),
    )
    const before = blocks.reads
    await expect(read(blocks, wide)).rejects.toThrow('hardly any bytes')
    expect(blocks.reads - before).toBeLessThan(2000)
    for (let i = 0; i < 100; i++) chain = putFile(blocks, [[chain, 10]])
    await expect(read(blocks, chain)).rejects.toThrow('too deep')
    const empties = putFile(
      blocks,
      Array.from({ length: 40_000 }, () => [putRaw(blocks, ''), 0] as const),
    )
    const beforeEmpties = blocks.reads
    expect(await text(blocks, empties)).toBe('')
    expect(blocks.reads - beforeEmpties).toBe(1)
  })
})

it('stops when it is told to', async () => {
  const { root, blocks } = await importSample([{ path: 'a', content: sampleBytes(100) }])
  const stop = new AbortController()
  const reader = readFile(blocks, await open(blocks, root), { signal: stop.signal })
  expect(await reader.next()).toHaveLength(10)
  stop.abort()
  expect(() => reader.next()).toThrow('aborted')
})

async function open(source: BlockSource, root: Cid): Promise<ReadableNode> {
  const node = await findNode(source, root)
  if (node?.kind !== 'file' && node?.kind !== 'raw' && node?.kind !== 'symlink') expect.fail(node?.kind)
  return node
}

async function read(source: BlockSource, root: Cid, range?: ByteRange): Promise<Buffer> {
  const reader = readFile(source, await open(source, root), range === undefined ? {} : { range })
  return collectBytes(reader)
}

async function text(source: BlockSource, root: Cid): Promise<string> {
  return (await read(source, root)).toString()
}
