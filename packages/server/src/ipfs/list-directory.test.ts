import { exporter } from 'ipfs-unixfs-exporter'
import { describe, expect, it } from 'vitest'
import type { BlockSource } from './block.ts'
import { type Cid, formatCid } from './cid.ts'
import { DirectoryEntries, type DirectoryEntry, listDirectory } from './list-directory.ts'
import { MemoryBlocks } from './memory-blocks.ts'
import { type DirectoryNode, findNode } from './read-node.ts'
import { absentCid, collect, importSample, linkTo, putDirectory, putPb, putRaw, slowly } from './sample-dags.ts'

describe('a listing', () => {
  it('has the entries of another implementation in its order, page by page, for any page length', async () => {
    for (const options of [{}, { shardSplitThresholdBytes: 0 }, { shardSplitThresholdBytes: 0, shardFanoutBits: 3 }]) {
      const files = Array.from({ length: 400 }, (_, i) => ({ path: `root/${i}-é`, content: Buffer.from(`${i}`) }))
      const { root, blocks, store } = await importSample(files, options)
      const theirs = await exporter(linkTo(root), store)
      if (theirs.type !== 'directory') expect.fail(theirs.type)
      const expected = (await collect(theirs.entries())).map(({ name, cid }) => [name, cid.toString()])
      expect(expected).toHaveLength(400)
      for (const limit of [1, 7, 100, 399, 400, 401]) {
        for (const source of limit === 1 ? [blocks] : [blocks, slowly(blocks)]) {
          expect((await allPages(source, root, limit)).map(({ name, cid }) => [name, formatCid(cid)])).toEqual(expected)
        }
      }
      const streamed = await collect(new DirectoryEntries(slowly(blocks), await open(blocks, root)))
      expect(streamed.map(({ name }) => name)).toEqual(expected.map(([name]) => name))
      expect(streamed.every(({ tsize }) => tsize > 0)).toBe(true)
    }
  })

  it('gives names as they stand there', async () => {
    const blocks = new MemoryBlocks()
    const leaf = putRaw(blocks, 'leaf')
    const names = ['..', '', 'a/b', '\r\n', '\0', '/etc/passwd', 'x', 'x']
    const root = putPb(
      blocks,
      { type: 'directory' },
      names.map((name) => ({ name, cid: leaf, tsize: 3 })),
    )
    for (const limit of [1, 2, 8]) {
      expect((await allPages(blocks, root, limit)).map(({ name }) => name)).toEqual(names)
    }
  })

  it('of nothing is empty', async () => {
    const blocks = new MemoryBlocks()
    const node = await open(blocks, putDirectory(blocks, {}))
    expect(await listDirectory(blocks, node, { limit: 10 })).toEqual({ entries: [], next: undefined })
  })

  it('refuses a place to go on from that it did not give', async () => {
    const blocks = new MemoryBlocks()
    const leaf = putRaw(blocks, 'leaf')
    const plain = await open(blocks, putDirectory(blocks, { a: leaf }))
    const files = Array.from({ length: 50 }, (_, i) => ({ path: `root/${i}`, content: Buffer.from('x') }))
    const sharded = await importSample(files, { shardSplitThresholdBytes: 0 })
    const shards = await open(sharded.blocks, sharded.root)
    for (const after of ['', 'x', '-1', '1.1', '0.1', '2', '9999999', '1e3', '0.0', '1'.repeat(9), '1.'.repeat(70)]) {
      await expect(listDirectory(blocks, plain, { limit: 1, after })).rejects.toMatchObject({ code: 'invalid_request' })
    }
    for (const after of ['300', '0.1', '1.2.3.4.5']) {
      const listing = listDirectory(sharded.blocks, shards, { limit: 1, after })
      await expect(listing).rejects.toMatchObject({ code: 'invalid_request' })
    }
  })
})

describe('shards', () => {
  const shard = { type: 'hamt-shard', hashType: 0x22, fanout: 256, data: Buffer.alloc(32, 0xff) } as const
  const blocks = new MemoryBlocks()
  const leaf = putRaw(blocks, 'leaf')
  const slots = (cid: Cid) => [
    { name: '00', cid, tsize: 0 },
    { name: '01', cid, tsize: 0 },
  ]

  it('that are absent or none end a listing in an error', async () => {
    for (const source of [blocks, slowly(blocks)]) {
      const lost = await open(blocks, putPb(blocks, shard, slots(absentCid())))
      await expect(listDirectory(source, lost, { limit: 9 })).rejects.toMatchObject({ name: 'BlockUnavailable' })
      for (const links of [slots(leaf), slots(putDirectory(blocks, {})), [{ name: 'A', cid: leaf, tsize: 0 }]]) {
        const node = await open(blocks, putPb(blocks, shard, links))
        await expect(listDirectory(source, node, { limit: 9 })).rejects.toMatchObject({ code: 'invalid_block' })
      }
    }
  })

  it('without entries, or deeper than a hash, end it soon', async () => {
    let root = putPb(blocks, shard)
    for (let i = 0; i < 7; i++) root = putPb(blocks, shard, slots(root))
    const before = blocks.reads
    await expect(listDirectory(blocks, await open(blocks, root), { limit: 9 })).rejects.toThrow('without entries')
    expect(blocks.reads - before).toBeLessThan(70)
    for (let i = 0; i < 7; i++) root = putPb(blocks, shard, slots(root))
    await expect(listDirectory(blocks, await open(blocks, root), { limit: 9 })).rejects.toThrow('deeper')
  })
})

async function open(source: BlockSource, root: Cid): Promise<DirectoryNode> {
  const node = await findNode(source, root)
  if (node?.kind !== 'directory') expect.fail(node?.kind)
  return node
}

async function allPages(source: BlockSource, root: Cid, limit: number): Promise<DirectoryEntry[]> {
  const node = await open(source, root)
  const all: DirectoryEntry[] = []
  let after: string | undefined
  do {
    const page = await listDirectory(source, node, { limit, after })
    expect(page.entries.length).toBeLessThanOrEqual(limit)
    all.push(...page.entries)
    after = page.next
  } while (after !== undefined)
  return all
}
