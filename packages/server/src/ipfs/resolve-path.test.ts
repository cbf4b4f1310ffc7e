import { encode as encodeJson } from '@ipld/dag-json'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlockSource } from './block.ts'
import { type Cid, formatCid } from './cid.ts'
import { codecs } from './codecs.ts'
import { MemoryBlocks } from './memory-blocks.ts'
import { identityMultihash } from './multihash.ts'
import { resolvePath, type Resolved } from './resolve-path.ts'
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
  slowly,
} from './sample-dags.ts'

describe('in UnixFS directories', () => {
  const blocks = new MemoryBlocks()
  const file = putRaw(blocks, 'hello')
  const inner = putDirectory(blocks, { 'b.txt': file, 'é/%': file, '..': file })
  const root = putDirectory(blocks, { a: inner, z: file })

  it('finds entries at any depth, with one root for each segment and the blocks on the way', async () => {
    for (const source of [blocks, slowly(blocks)]) {
      const found = await resolvePath(source, root, ['a', 'b.txt'])
      if (found.outcome !== 'found') expect.fail(found.outcome)
      expect(found.node).toMatchObject({ kind: 'raw', cid: file, size: 5 })
      expect(found.roots).toEqual([root, inner, file])
      expect(found.pathBlocks).toEqual([root, inner])
    }
    expect(await kindAt(blocks, root, [])).toBe('directory')
    expect(await kindAt(blocks, root, ['a', 'é/%'])).toBe('raw')
    expect(await kindAt(blocks, root, ['a', '__proto__'])).toBe('missing __proto__')
    expect(await kindAt(blocks, root, ['a', '..'])).toBe('raw')
  })

  it('says which segment is missing, and which block is absent', async () => {
    expect(await kindAt(blocks, root, ['a', 'nothing'])).toBe('missing nothing')
    expect(await kindAt(blocks, root, ['nothing', 'b.txt'])).toBe('missing nothing')
    expect(await kindAt(blocks, root, ['z', 'deeper'])).toBe('missing deeper')
    expect(await kindAt(blocks, root, [''])).toBe('missing ')
    const gone = putDirectory(blocks, { lost: absentCid() })
    expect(await kindAt(blocks, gone, ['lost'])).toBe('absent')
    expect(await kindAt(blocks, gone, ['lost', 'deeper'])).toBe('absent')
    expect(await kindAt(new MemoryBlocks(), root, ['a'])).toBe('absent')
  })

  it('takes the first of several entries with one name, by scan and by index', async () => {
    const other = putRaw(blocks, 'second')
    const many = Array.from({ length: 100 }, (_, i) => ({ name: `n${i}`, cid: other, tsize: 1 }))
    const twice = [{ name: 'twice', cid: file, tsize: 1 }, { name: 'twice', cid: other, tsize: 1 }, ...many]
    const directory = putPb(blocks, { type: 'directory' }, twice)
    for (let time = 0; time < 3; time++) {
      const found = await resolvePath(blocks, directory, ['twice'])
      expect(found).toMatchObject({ outcome: 'found', node: { cid: file } })
      expect(await kindAt(blocks, directory, ['n99'])).toBe('raw')
      expect(await kindAt(blocks, directory, ['n100'])).toBe('missing n100')
    }
  })

  it('agrees with what went in, for random trees', async () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => !/[/.\s]/.test(text))
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.tuple(name, name, name), { maxLength: 20, minLength: 1 }), async (paths) => {
        const files = paths.map((path, i) => ({ path: ['root', ...path].join('/'), content: Buffer.from(`${i}`) }))
        const sample = await importSample(files, { shardSplitThresholdBytes: paths.length % 2 === 0 ? 0 : 1e6 })
        const wanted = new Map(files.map(({ path, content }) => [path, content]))
        for (const [path, content] of wanted) {
          const found = await resolvePath(sample.blocks, sample.root, path.split('/').slice(1))
          if (found.outcome !== 'found') expect.fail(`${path}: ${found.outcome}`)
          expect(Buffer.from(found.node.block)).toEqual(content)
          expect(found.roots).toHaveLength(4)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('reads nothing but the way, and is fast in a folder of 1,000', async () => {
    const entries = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}.json`, file]))
    const large = putDirectory(blocks, entries)
    const before = blocks.reads
    expect(await kindAt(blocks, large, ['999.json'])).toBe('raw')
    expect(blocks.reads - before).toBe(2)
    const start = performance.now()
    for (let i = 0; i < 1000; i++) await resolvePath(blocks, large, [`${i}.json`])
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('in sharded directories', () => {
  it('finds each of 10,000 names and loads only the shards on the way', async () => {
    const content = Buffer.from('x')
    const names = Array.from({ length: 10_000 }, (_, i) => `${'é'.repeat(i % 3)}file-${i}.json`)
    const files = names.map((name) => ({ path: `root/${name}`, content }))
    const { root, blocks } = await importSample(files)
    const before = blocks.reads
    for (const name of names) {
      const found = await resolvePath(blocks, root, [name])
      if (found.outcome !== 'found') expect.fail(`${name}: ${found.outcome}`)
      expect(found.roots).toHaveLength(2)
      expect(found.pathBlocks.length).toBeLessThanOrEqual(4)
    }
    expect((blocks.reads - before) / names.length).toBeLessThan(5)
    expect(await kindAt(blocks, root, ['file-10001.json'])).toBe('missing file-10001.json')
    expect(await kindAt(blocks, root, [''])).toBe('missing ')
  }, 30_000)

  it('works with fan-outs other than 256', async () => {
    for (const shardFanoutBits of [3, 4, 5, 10]) {
      const files = Array.from({ length: 300 }, (_, i) => ({ path: `root/${i}`, content: Buffer.from(`${i}`) }))
      const { root, blocks } = await importSample(files, { shardFanoutBits, shardSplitThresholdBytes: 0 })
      for (let i = 0; i < 300; i++) expect(await kindAt(slowly(blocks), root, [`${i}`])).toBe('raw')
      expect(await kindAt(blocks, root, ['300'])).toBe('missing 300')
    }
  })

  it('says which shard is absent, and refuses shards that are none', async () => {
    const blocks = new MemoryBlocks()
    const shard = { type: 'hamt-shard', hashType: 0x22, fanout: 256, data: Buffer.alloc(32, 0xff) } as const
    const leaf = putRaw(blocks, 'leaf')
    const under = (cid: Cid): Cid => {
      const links = Array.from({ length: 256 }, (_, slot) => ({
        cid,
        tsize: 0,
        name: slot.toString(16).toUpperCase().padStart(2, '0'),
      }))
      return putPb(blocks, shard, links)
    }
    expect(await kindAt(blocks, under(absentCid(codecs.dagPb)), ['a'])).toBe('absent')
    await expect(resolvePath(blocks, under(leaf), ['a'])).rejects.toMatchObject({ code: 'invalid_block' })
    const narrow = putPb(blocks, { ...shard, fanout: 16 })
    await expect(resolvePath(blocks, under(narrow), ['a'])).rejects.toMatchObject({ code: 'invalid_block' })
    let deep = putPb(blocks, shard)
    for (let i = 0; i < 12; i++) deep = under(deep)
    await expect(resolvePath(blocks, deep, ['a'])).rejects.toThrow('deeper than the hash')
    for (const wrong of [{ fanout: 100 }, { fanout: 2048 }, { fanout: 0 }, { hashType: 0x12 }]) {
      const root = putPb(blocks, { ...shard, ...wrong })
      expect(await kindAt(blocks, root, [])).toBe('other')
      await expect(resolvePath(blocks, root, ['a'])).rejects.toMatchObject({ code: 'invalid_block' })
    }
  })
})

describe('in structured data', () => {
  const blocks = new MemoryBlocks()
  const file = putRaw(blocks, 'hello')
  const value = { list: [1, { deep: linkTo(file) }, linkTo(file)], text: 'x', '': { '/x': 5 }, none: null, n: -1.5 }
  const cbor = putCbor(blocks, value)
  const json = putBytes(blocks, codecs.dagJson, encodeJson(value))

  it('follows keys and indexes to links, in dag-cbor as in dag-json', async () => {
    for (const root of [cbor, json]) {
      const found = await resolvePath(blocks, root, ['list', '1', 'deep'])
      if (found.outcome !== 'found') expect.fail(found.outcome)
      expect(found.node.cid.multihash).toEqual(file.multihash)
      expect(found.roots.map(formatCid)).toEqual([root, root, root, file].map(formatCid))
      expect(found.pathBlocks).toEqual([root])
      expect(await kindAt(blocks, root, ['list', '2'])).toBe('raw')
      expect(await kindAt(blocks, root, ['list', '2', 'deeper'])).toBe('missing deeper')
      for (const path of [['list'], ['list', '0'], ['text'], ['', '/x'], ['none'], ['n']]) {
        expect(await kindAt(blocks, root, path)).toBe('value')
      }
      for (const path of [
        ['list', '3'],
        ['list', '01'],
        ['list', '-1'],
        ['list', 'length'],
        ['toString'],
        ['__proto__'],
      ]) {
        expect(await kindAt(blocks, root, path)).toBe(`missing ${path.at(-1)}`)
      }
      expect(await kindAt(blocks, root, ['text', 'deeper', 'still'])).toBe('missing deeper')
      expect(await kindAt(blocks, root, [])).toBe(root === cbor ? 'dag-cbor' : 'dag-json')
    }
  })

  it('goes from one codec into the other and on into directories', async () => {
    const directory = putDirectory(blocks, { inside: file })
    const chain = putCbor(blocks, { a: linkTo(putBytes(blocks, codecs.dagJson, encodeJson([linkTo(directory)]))) })
    expect(await kindAt(blocks, chain, ['a', '0', 'inside'])).toBe('raw')
    expect(await kindAt(blocks, chain, ['a', '0'])).toBe('directory')
    const bare = putCbor(blocks, linkTo(directory))
    expect(await kindAt(blocks, bare, ['inside'])).toBe('raw')
  })

  it('leaves json and cbor closed, follows plain dag-pb by name', async () => {
    for (const codec of [codecs.json, codecs.cbor]) {
      expect(await kindAt(blocks, putBytes(blocks, codec, Buffer.from('{"a":1}')), ['a'])).toBe('missing a')
    }
    const plain = putPb(blocks, undefined, [{ name: 'a', cid: file, tsize: 1 }])
    expect(await kindAt(blocks, plain, [])).toBe('other')
    expect(await kindAt(blocks, plain, ['a'])).toBe('raw')
    expect(await kindAt(blocks, putPb(blocks, Buffer.from('any'), [{ name: 'a', cid: file, tsize: 1 }]), ['a'])).toBe(
      'raw',
    )
  })

  it('takes depth bombs and senseless counts without harm', async () => {
    const bomb = putBytes(blocks, codecs.dagCbor, Buffer.alloc(2_000_000, 0x81))
    await expect(resolvePath(blocks, bomb, ['0', '0'])).resolves.toMatchObject({ outcome: 'value' })
    await expect(resolvePath(blocks, bomb, ['1'])).resolves.toMatchObject({ outcome: 'missing' })
    const beside = Buffer.concat([Buffer.of(0x82), Buffer.alloc(2_000_000, 0x81), Buffer.of(0x01, 0x02)])
    await expect(resolvePath(blocks, putBytes(blocks, codecs.dagCbor, beside), ['1'])).resolves.toMatchObject({
      outcome: 'value',
    })
    const deepJson = Buffer.from('['.repeat(1_000_000) + ']'.repeat(1_000_000))
    expect(await kindAt(blocks, putBytes(blocks, codecs.dagJson, deepJson), ['0'])).toBe('value')
  })

  it('refuses what is not dag-cbor or dag-json', async () => {
    const broken = [
      '9f',
      'bf',
      '9b7fffffffffffffff',
      'bb001fffffffffffff',
      'a1',
      'a10102',
      'a1616b',
      'c0',
      'd82a',
      'd82a01',
    ]
    for (const hex of [...broken, 'd82a4100', 'd82a4301ff00', '5f', '82', '821c', '829bffffffffffffffff00']) {
      const root = putBytes(blocks, codecs.dagCbor, Buffer.from(hex, 'hex'))
      await expect(resolvePath(blocks, root, ['1', 'k']), hex).rejects.toMatchObject({ code: /invalid_(block|cid)/ })
    }
    for (const text of ['', '{', '[1,]', '\u0000', '{"a":{"/":"nonsense"}}']) {
      const root = putBytes(blocks, codecs.dagJson, Buffer.from(text))
      await expect(resolvePath(blocks, root, ['a']), text).rejects.toMatchObject({ code: /invalid_(block|cid)/ })
    }
  })
})

it('says other, with the problem, for dag-pb that is malformed, and fails only when it has to look inside', async () => {
  const blocks = new MemoryBlocks()
  for (const hex of [
    '12',
    '12ff',
    '0a05',
    '1200',
    '1202',
    '08ff',
    '3a00',
    'ffffffffffffffffffff',
    '0a000a00',
    '1a0100',
  ]) {
    const root = putBytes(blocks, codecs.dagPb, Buffer.from(hex, 'hex'))
    const found = await resolvePath(blocks, root, [])
    expect(found, hex).toMatchObject({ outcome: 'found', node: { kind: 'other', problem: { code: 'invalid_block' } } })
    await expect(resolvePath(blocks, root, ['a'])).rejects.toMatchObject({ code: 'invalid_block' })
  }
})

it('never throws anything but its own errors, whatever the bytes are', async () => {
  const blocks = new MemoryBlocks()
  const codec = fc.constantFrom(codecs.dagPb, codecs.dagCbor, codecs.dagJson)
  await fc.assert(
    fc.asyncProperty(codec, fc.uint8Array({ maxLength: 60 }), async (number, bytes) => {
      const root = putBytes(blocks, number, bytes)
      await resolvePath(blocks, root, []).then((found) => expect(found.outcome).toBe('found'))
      await resolvePath(blocks, root, ['a', '0']).catch((error: unknown) => {
        expect(error).toMatchObject({ code: expect.stringMatching(/invalid_(block|cid)|unsupported_hash/) })
      })
    }),
    { numRuns: 2000 },
  )
})

it('bounds the blocks of a path, and needs none for identity CIDs', async () => {
  const blocks = new MemoryBlocks()
  let root = putRaw(blocks, 'end')
  for (let i = 0; i < 300; i++) root = putDirectory(blocks, { a: root })
  const path = Array.from({ length: 300 }, () => 'a')
  await expect(resolvePath(blocks, root, path)).rejects.toMatchObject({ code: 'too_large' })
  expect(await kindAt(blocks, root, path.slice(0, 255))).toBe('directory')
  const empty: Cid = { version: 1, codec: codecs.raw, multihash: identityMultihash(new Uint8Array()) }
  expect(await kindAt(blocks, empty, [])).toBe('raw')
  expect(await kindAt(blocks, putFile(blocks, []), [])).toBe('file')
})

async function kindAt(source: BlockSource, root: Cid, segments: string[]): Promise<string> {
  const found: Resolved = await resolvePath(source, root, segments)
  if (found.outcome === 'found') return found.node.kind
  return found.outcome === 'missing' ? `missing ${found.missing}` : found.outcome
}
