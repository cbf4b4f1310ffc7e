import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MemoryBlockstore } from 'blockstore-core/memory'
import fc from 'fast-check'
import { importer } from 'ipfs-unixfs-importer'
import { describe, expect, it } from 'vitest'
import type { Block, BlockSink } from './block.ts'
import { cidVectors, vectorEntries } from './cid-vectors.ts'
import { formatCid } from './cid.ts'
import { decodePbNode } from './dag-pb.ts'
import { DirectoryBuilder } from './directory-builder.ts'
import { importFile } from './import-file.ts'
import { type ImportedNode, type Layout, layoutV0, layoutV1 } from './layout.ts'
import { decodeUnixFs } from './unixfs.ts'
import { watchLoop } from './watch-loop.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')
const nowhere: BlockSink = { put: () => undefined }
/** Two names with one murmur3: its steps can be undone, so such names take seconds to find. */
const collidingNames = ['two names of the same hash.00001', 'number-005044058X%T"}brPF6l2eN4j']
const profiles = [
  ['v0', layoutV0],
  ['v1', layoutV1],
] as const

describe('the CIDs and sizes that Kubo gives', () => {
  for (const vector of cidVectors.directories) {
    it(`for the directory ${vector.name} in both profiles, files first or last`, async () => {
      for (const [profile, layout] of profiles) {
        const entries = [...vectorEntries(vector.name)]
        for (const order of [entries, entries.toReversed()]) {
          const { cid, cumulativeBytes } = await build(order, layout).then((builder) => builder.finish(nowhere, layout))
          expect({ cid: formatCid(cid), cumulativeBytes }).toEqual({
            cid: vector[profile],
            cumulativeBytes: vector[`${profile}_cumulativeSize`],
          })
        }
      }
    })
  }

  it('for a folder inside the upload', async () => {
    const builder = await build(
      [...vectorEntries('three')].map(({ path, content }) => ({ path: ['top', ...path], content })),
      layoutV1,
    )
    expect(builder.fileCount).toBe(3)
    const { cid, contentBytes, blockCount } = await builder.finish(nowhere, layoutV1, { below: 'top' })
    expect(formatCid(cid)).toBe(cidVectors.directories.find(({ name }) => name === 'three')?.v1)
    expect(contentBytes).toBe(300_011)
    expect(blockCount).toBe(6)
  })

  it('for a file wrapped in a folder of its name, which is the folder with that one file', async () => {
    const file = await importFile([Buffer.from('alpha\n')], nowhere, layoutV1)
    const builder = new DirectoryBuilder()
    builder.addFile(['a.txt'], file)
    const blocks: Block[] = []
    const { cid } = await builder.finish({ put: (block) => void blocks.push(block) }, layoutV1)
    const node = decodePbNode(Uint8Array.from(Buffer.concat(blocks[0]?.bytes ?? [])))
    expect(node.links).toEqual([{ cid: file.cid, name: 'a.txt', tsize: 6 }])
    expect(decodeUnixFs(node.data ?? new Uint8Array())).toEqual({ type: 'directory', blockSizes: [] })
    expect(formatCid(cid)).toBe(
      (await theirImport([{ path: ['a.txt'], content: Buffer.from('alpha\n') }], layoutV1)).cid,
    )
  })
})

it('shards above 262,144 bytes of names and CIDs, not at them', async () => {
  // 36 bytes of CID beside each name.
  const file = await importFile([], nowhere, layoutV1)
  const typeOf = async (lastName: string): Promise<string> => {
    const builder = new DirectoryBuilder()
    for (let i = 0; i < 1023; i++) builder.addFile([String(i).padStart(220, '0')], file)
    builder.addFile([lastName], file)
    const blocks: Block[] = []
    await builder.finish({ put: (block) => void blocks.push(block) }, layoutV1)
    const root = decodePbNode(Buffer.concat(blocks.at(-1)?.bytes ?? []))
    return decodeUnixFs(root.data ?? new Uint8Array()).type
  }
  expect(await typeOf('x'.repeat(220))).toBe('directory')
  expect(await typeOf('x'.repeat(221))).toBe('hamt-shard')
})

it('gives the CID and size of the JavaScript importer for any tree', async () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.constantFrom('a', 'b', 'ß', '𝒳', '\uffee'),
  )
  const usable = name.filter((text) => !/[\p{Cc}/\\]/u.test(text) && text !== '.' && text !== '..')
  const tree = fc.uniqueArray(fc.array(usable, { minLength: 1, maxLength: 4 }), {
    selector: (path) => path.join('/'),
    minLength: 1,
    maxLength: 25,
  })
  await fc.assert(
    fc.asyncProperty(tree, fc.constantFrom(layoutV0, layoutV1), async (paths, layout) => {
      const isFree = (path: string[]): boolean => !paths.some((other) => other !== path && startsWith(other, path))
      const entries = paths.filter(isFree).map((path) => ({ path, content: Buffer.from(path.join('|')) }))
      const builder = await build(entries, layout)
      const files = [...builder.files()].map(({ path }) => path.join('/'))
      expect(files.toSorted()).toEqual(entries.map(({ path }) => path.join('/')).toSorted())
      const ours = await builder.finish(nowhere, layout)
      const theirs = await theirImport(entries, layout)
      expect({ cid: formatCid(ours.cid), size: ours.cumulativeBytes }).toEqual(theirs)
    }),
    { numRuns: 150 },
  )
})

it('gives the CIDs of the JavaScript importer for large folders of odd names', { timeout: 30_000 }, async () => {
  for (const [profile, layout] of profiles) {
    const entries = Array.from({ length: 8000 }, (_, i) => ({
      path: ['folder', `${'é日🙂'.slice(0, (i % 3) + 1)}-${(i * 7919) % 10_007}-${'x'.repeat(i % 40)}`],
      content: Buffer.from(profile),
    }))
    const ours = await build(entries, layout).then((builder) => builder.finish(nowhere, layout))
    const theirs = await theirImport(entries, layout)
    expect({ cid: formatCid(ours.cid), size: ours.cumulativeBytes }).toEqual(theirs)
  }
})

it('names the path that stands twice, or is both a file and a folder', async () => {
  const file = await importFile([], nowhere, layoutV1)
  const builder = new DirectoryBuilder()
  builder.addFile(['a', 'b.txt'], file)
  builder.addFolder(['empty'])
  builder.addFolder(['a'])
  const refusals: [() => void, string][] = [
    [() => builder.addFile(['a', 'b.txt'], file), '"a/b.txt" stands twice in this upload'],
    [() => builder.addFile(['a'], file), '"a" is both a file and a folder in this upload'],
    [() => builder.addFile(['empty'], file), '"empty" is both a file and a folder in this upload'],
    [() => builder.addFile(['a', 'b.txt', 'c'], file), '"a/b.txt" is both a file and a folder in this upload'],
    [() => builder.addFolder(['a', 'b.txt']), '"a/b.txt" is both a file and a folder in this upload'],
  ]
  for (const [add, message] of refusals) {
    expect(add).toThrow(expect.objectContaining({ code: 'folder_conflict', message }))
  }
  expect(builder.fileCount).toBe(1)
  const names = ['__proto__', 'constructor', 'toString']
  for (const name of names) builder.addFile([name], file)
  expect([...builder.files()].map(({ path }) => path.join('/'))).toEqual(['a/b.txt', ...names])
})

it('refuses names whose hashes are the same, as Kubo could not read them', async () => {
  const file = await importFile([], nowhere, layoutV1)
  const builder = new DirectoryBuilder()
  for (const name of collidingNames) builder.addFile([name], file)
  for (let i = 0; i < 8000; i++) builder.addFile([`${i}`], file)
  await expect(builder.finish(nowhere, layoutV1)).rejects.toMatchObject({ code: 'invalid_path' })
})

it('takes less than 200 bytes a file and never holds the loop for 50 ms', { timeout: 30_000 }, async () => {
  const node = await importFile([Buffer.from('content')], nowhere, layoutV1)
  const before = memory()
  const builder = new DirectoryBuilder()
  const count = 100_000
  for (let i = 0; i < count; i++) {
    // Cut from a long line, as names are cut from the header of a part.
    const line = `collection/metadata-of-token-${i}.json ${'and more '.repeat(20)}${i}`
    builder.addFile(line.slice(0, line.indexOf(' ')).split('/'), { ...node })
    if (i % 1000 === 0) await setImmediate()
  }
  expect((memory() - before) / count).toBeLessThan(200)
  const watch = watchLoop()
  const { contentBytes } = await builder.finish(nowhere, layoutV1)
  expect(watch.longestMs()).toBeLessThan(50)
  expect(contentBytes).toBe(7 * count)
})

interface Entry {
  readonly path: readonly string[]
  readonly content: Uint8Array | undefined
}

async function build(entries: Iterable<Entry>, layout: Layout): Promise<DirectoryBuilder> {
  const builder = new DirectoryBuilder()
  const known = new Map<Uint8Array, ImportedNode>()
  for (const { path, content } of entries) {
    if (content === undefined) {
      builder.addFolder(path)
    } else {
      const node = known.get(content) ?? (await importFile([content], nowhere, layout))
      known.set(content, node)
      builder.addFile(path, node)
    }
  }
  return builder
}

async function theirImport(entries: readonly Entry[], layout: Layout): Promise<{ cid: string; size: number }> {
  const candidates = entries.map(({ path, content = new Uint8Array() }) => ({ path: path.join('/'), content }))
  const options = {
    cidVersion: layout.cidVersion,
    rawLeaves: layout.rawLeaves,
    reduceSingleLeafToSelf: true,
    wrapWithDirectory: true,
  }
  let root: { cid: string; size: number } | undefined
  for await (const { cid, size } of importer(candidates, new MemoryBlockstore(), options)) {
    root = { cid: cid.toString(), size: Number(size) }
  }
  if (root === undefined) throw new Error('The importer gave nothing')
  return root
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((name, i) => path[i] === name)
}

/** What is alive, and nothing else. */
function memory(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
