import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cid, formatCid } from './cid.ts'
import { codecs } from './codecs.ts'
import { linksOf } from './links-of.ts'
import { MemoryBlocks } from './memory-blocks.ts'
import { multihashKey } from './multihash-key.ts'
import { identityMultihash } from './multihash.ts'
import {
  absentCid,
  collect,
  importSample,
  linkTo,
  putBytes,
  putCbor,
  putDirectory,
  putFile,
  putPb,
  putRaw,
  slowly,
} from './sample-dags.ts'
import { surveyDag, walkDag } from './walk-dag.ts'

it('gives every block once, depth first in the order of links', async () => {
  const paths = fc.uniqueArray(fc.stringMatching(/^[a-d]\/[a-d]\/[a-z]{1,3}$/), { minLength: 1, maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(paths, async (names) => {
      const files = names.map((name, i) => ({ path: `root/${name}`, content: Buffer.alloc(i * 7, 'abc') }))
      const { root, blocks } = await importSample(files)
      const walked = await collect(walkDag(blocks, root))
      expect(walked.map(({ cid }) => formatCid(cid))).toEqual(preOrder(blocks, root))
      expect(await collect(walkDag(slowly(blocks), root))).toEqual(walked)
      for (const source of [blocks, slowly(blocks)]) {
        const { missing, reached } = await surveyDag(source, root)
        expect(missing).toEqual([])
        expect([...reached].map(multihashKey).toSorted()).toEqual(
          walked.map(({ cid }) => multihashKey(cid.multihash)).toSorted(),
        )
      }
    }),
    { numRuns: 40 },
  )
})

it('visits a block under each codec it is linked by, for its links are others', async () => {
  const blocks = new MemoryBlocks()
  const child = putCbor(blocks, { child: linkTo(putRaw(blocks, 'leaf')) })
  const root = putCbor(blocks, [
    linkTo({ ...child, codec: codecs.raw }),
    linkTo(child),
    linkTo({ ...child, codec: codecs.raw }),
  ])
  expect(await collect(walkDag(blocks, root))).toHaveLength(4)
  const { reached } = await surveyDag(blocks, root)
  expect(reached.size).toBe(3)
})

it('follows links in identity CIDs and does not count them as reached', async () => {
  const blocks = new MemoryBlocks()
  const leaf = putRaw(blocks, 'leaf')
  const inside = putCbor(blocks, [linkTo(leaf)])
  const carried: Cid = { ...inside, multihash: identityMultihash(blocks.get(inside.multihash) ?? new Uint8Array()) }
  const root = putCbor(blocks, { carried: linkTo(carried) })
  expect((await collect(walkDag(blocks, root))).map(({ cid }) => formatCid(cid))).toEqual(
    [root, carried, leaf].map(formatCid),
  )
  const { reached } = await surveyDag(blocks, root)
  expect(reached.size).toBe(2)
  expect(reached.has(leaf.multihash)).toBe(true)
})

it('names absent blocks up to a bound, each once', async () => {
  const blocks = new MemoryBlocks()
  const leaves = Array.from({ length: 300 }, (_, i) => putBytes(new MemoryBlocks(), codecs.raw, Buffer.from(`${i}`)))
  const root = putCbor(blocks, [...leaves, ...leaves].map(linkTo))
  expect((await surveyDag(blocks, root)).missing.map(formatCid)).toEqual(leaves.slice(0, 100).map(formatCid))
  expect((await surveyDag(slowly(blocks), root, { maxMissing: 1000 })).missing).toHaveLength(300)
  expect((await surveyDag(blocks, absentCid())).missing.map(formatCid)).toEqual([formatCid(absentCid())])
  await expect(collect(walkDag(blocks, root))).rejects.toMatchObject({ name: 'BlockUnavailable', cid: leaves[0] })
})

it('does not read raw leaves to know that they are here', async () => {
  const { root, blocks } = await importSample([{ path: 'a', content: Buffer.alloc(270, 'abcdefghijklmnopqrstuvwxyz') }])
  const walked = await collect(walkDag(blocks, root))
  const inner = walked.filter(({ cid }) => cid.codec !== codecs.raw).length
  const before = blocks.reads
  await surveyDag(blocks, root)
  expect(blocks.reads - before).toBe(inner)
})

describe('crafted DAGs', () => {
  it('of 17 blocks with 2^16 paths cost 17 visits', async () => {
    const blocks = new MemoryBlocks()
    let root = putRaw(blocks, 'leaf')
    for (let i = 0; i < 16; i++) root = putPb(blocks, undefined, [root, root])
    expect(await collect(walkDag(blocks, root))).toHaveLength(17)
    const { reached } = await surveyDag(blocks, root)
    expect(reached.size).toBe(17)
    expect(await collect(walkDag(blocks, root, { repeats: true }))).toHaveLength(2 ** 17 - 1)
  })

  it('that are chains of 20,000, or 40,000 links to one child, pass', async () => {
    const blocks = new MemoryBlocks()
    let chain = putRaw(blocks, 'end')
    for (let i = 0; i < 20_000; i++) chain = putPb(blocks, undefined, [chain])
    expect((await surveyDag(blocks, chain)).reached.size).toBe(20_001)
    const wide = putPb(
      blocks,
      undefined,
      Array.from({ length: 40_000 }, () => chain),
    )
    expect((await surveyDag(blocks, wide)).reached.size).toBe(20_002)
    await expect(surveyDag(blocks, chain, { maxDepth: 1000 })).rejects.toMatchObject({ code: 'too_large' })
    await expect(surveyDag(blocks, chain, { maxBlocks: 1000 })).rejects.toMatchObject({ code: 'too_large' })
    await expect(collect(walkDag(blocks, chain, { maxBlocks: 1000 }))).rejects.toMatchObject({ code: 'too_large' })
  })

  it('both deep and wide are refused before their links fill the memory', async () => {
    const blocks = new MemoryBlocks()
    const leaf = putRaw(blocks, 'leaf')
    let root = leaf
    for (let i = 0; i < 8; i++) root = putPb(blocks, undefined, [root, ...Array.from({ length: 40_000 }, () => leaf)])
    await expect(surveyDag(blocks, root)).rejects.toMatchObject({ code: 'too_large' })
  })

  it('with malformed nodes are refused', async () => {
    const blocks = new MemoryBlocks()
    const root = putDirectory(blocks, {
      bad: putBytes(blocks, codecs.dagPb, Buffer.from('ff')),
      leaf: putFile(blocks, []),
    })
    await expect(surveyDag(blocks, root)).rejects.toMatchObject({ code: 'invalid_block' })
  })
})

it('stops when it is told to', async () => {
  const blocks = new MemoryBlocks()
  const root = putCbor(blocks, [linkTo(putRaw(blocks, 'leaf'))])
  const stopped = AbortSignal.abort()
  await expect(surveyDag(blocks, root, { signal: stopped })).rejects.toThrow('aborted')
  await expect(collect(walkDag(blocks, root, { signal: stopped }))).rejects.toThrow('aborted')
})

function preOrder(blocks: MemoryBlocks, cid: Cid, seen = new Set<string>()): string[] {
  const text = formatCid(cid)
  if (seen.has(text)) return []
  seen.add(text)
  const links = linksOf(cid.codec, blocks.get(cid.multihash) ?? new Uint8Array())
  return [text, ...links.flatMap((link) => preOrder(blocks, link, seen))]
}
