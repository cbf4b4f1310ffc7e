// What reading a DAG costs beside its bytes, over blocks in memory: `node bench/read.ts`. Medians of five pairs in one run.
import { MemoryBlocks } from '../packages/server/src/ipfs/memory-blocks.ts'
import type { Block, BlockSource } from '../packages/server/src/ipfs/block.ts'
import type { Cid } from '../packages/server/src/ipfs/cid.ts'
import { DirectoryBuilder } from '../packages/server/src/ipfs/directory-builder.ts'
import { DirectoryEntries } from '../packages/server/src/ipfs/list-directory.ts'
import { importFile } from '../packages/server/src/ipfs/import-file.ts'
import { layoutV1 } from '../packages/server/src/ipfs/layout.ts'
import { measureDag } from '../packages/server/src/ipfs/measure-dag.ts'
import { readFile } from '../packages/server/src/ipfs/read-file.ts'
import { findNode } from '../packages/server/src/ipfs/read-node.ts'
import { resolvePath } from '../packages/server/src/ipfs/resolve-path.ts'
import { surveyDag } from '../packages/server/src/ipfs/walk-dag.ts'
import { writeCar } from '../packages/server/src/ipfs/write-car.ts'

const pairs = 5
const mebibyte = 1024 * 1024
const chunkBytes = 262_144
/** Where bytes go, as into a socket's buffer. */
const sink = Buffer.alloc(chunkBytes)
/** Leaves share some buffers, more than the caches of a processor hold, so that a large file fits into little memory. */
const buffers = Array.from({ length: 256 }, (_, i) => Buffer.alloc(chunkBytes, i))

for (const sizeBytes of [10 * mebibyte, 1024 * mebibyte]) await files(sizeBytes)
await folders(1000)
await folders(10_000)

/** A file against a copy of the buffers that its leaves are. */
async function files(sizeBytes: number): Promise<void> {
  const { root, blocks, leaves } = await fileOf(sizeBytes)
  const rounds = Math.ceil((512 * mebibyte) / sizeBytes)
  const later: BlockSource = { get: async (multihash) => blocks.get(multihash) }
  const ways: [string, (source: BlockSource) => Promise<number>][] = [
    ['next()', (source) => pullFile(source, root)],
    ['for await', (source) => iterateFile(source, root)],
    ['as a CAR', (source) => iterateCar(source, root)],
  ]
  for (const [name, source] of [
    ['at once', blocks],
    ['by promise', later],
  ] as const) {
    for (const [way, read] of ways) {
      const { figure, ratio } = await compare(
        () => rate(rounds, () => read(source)),
        () => rate(rounds, () => copy(leaves)),
      )
      const label = `${sizeBytes / mebibyte} MiB, blocks ${name}, ${way}`
      console.log(`${label}: ${Math.round(figure)} MB/s, ${ratio.toFixed(2)} of a plain copy`)
    }
  }
  await report(`${sizeBytes / mebibyte} MiB, size and completeness`, 'blocks', async () => {
    await measureDag(blocks, root)
    await surveyDag(blocks, root)
    return blocks.size
  })
}

/** One name after another of a folder, all in turn and always the same. */
async function folders(count: number): Promise<void> {
  const { root, blocks, names } = await folderOf(count)
  await report(`folder of ${count}, each name in turn`, 'names', async () => {
    for (const name of names) await pullAt(blocks, root, name)
    return names.length
  })
  await report(`folder of ${count}, one name`, 'names', async () => {
    for (let i = 0; i < count; i++) await pullAt(blocks, root, names[0] ?? '')
    return count
  })
  await report(`folder of ${count}, listed`, 'entries', async () => {
    const node = await findNode(blocks, root)
    if (node?.kind !== 'directory') throw new Error('not a directory')
    let entries = 0
    for await (const _ of new DirectoryEntries(blocks, node)) entries++
    return entries
  })
  await report(`folder of ${count}, size and completeness`, 'blocks', async () => {
    await measureDag(blocks, root)
    await surveyDag(blocks, root)
    return blocks.size
  })
}

async function fileOf(sizeBytes: number): Promise<{ root: Cid; blocks: MemoryBlocks; leaves: Uint8Array[] }> {
  const blocks = new MemoryBlocks()
  const leaves: Uint8Array[] = []
  const put = (block: Block): void => {
    if (block.sizeBytes !== chunkBytes) return blocks.put(block)
    // The bytes were hashed as they differ; what is kept for them are shared buffers.
    const shared = buffers[leaves.length % buffers.length] ?? sink
    leaves.push(shared)
    blocks.add(block.multihash, shared)
  }
  const { cid } = await importFile(distinctChunks(sizeBytes), { put }, layoutV1)
  return { root: cid, blocks, leaves }
}

function* distinctChunks(sizeBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < sizeBytes; at += chunkBytes) {
    const chunk = Buffer.alloc(chunkBytes)
    chunk.writeDoubleLE(at)
    yield chunk
  }
}

async function folderOf(count: number): Promise<{ root: Cid; blocks: MemoryBlocks; names: string[] }> {
  const blocks = new MemoryBlocks()
  const builder = new DirectoryBuilder()
  const names = Array.from({ length: count }, (_, i) => `${i}.json`)
  for (const name of names) {
    builder.addFile([name], await importFile([Buffer.from(`{"name":"${name}"}`)], blocks, layoutV1))
  }
  const { cid } = await builder.finish(blocks, layoutV1)
  return { root: cid, blocks, names }
}

async function pullFile(source: BlockSource, root: Cid): Promise<number> {
  return pull(source, root, [])
}

async function pullAt(source: BlockSource, root: Cid, name: string): Promise<number> {
  return pull(source, root, [name])
}

async function pull(source: BlockSource, root: Cid, segments: string[]): Promise<number> {
  const found = await resolvePath(source, root, segments)
  if (found.outcome !== 'found' || (found.node.kind !== 'file' && found.node.kind !== 'raw')) throw new Error('no file')
  const reader = readFile(source, found.node)
  let bytes = 0
  for (;;) {
    const next = reader.next()
    const piece = next instanceof Promise ? await next : next
    if (piece === undefined) return bytes
    bytes += take(piece)
  }
}

async function iterateFile(source: BlockSource, root: Cid): Promise<number> {
  const node = await findNode(source, root)
  if (node?.kind !== 'file') throw new Error('no file')
  let bytes = 0
  for await (const piece of readFile(source, node)) bytes += take(piece)
  return bytes
}

async function iterateCar(source: BlockSource, root: Cid): Promise<number> {
  let bytes = 0
  for await (const piece of writeCar(source, root, { scope: 'all' })) bytes += take(piece)
  return bytes
}

async function copy(leaves: readonly Uint8Array[]): Promise<number> {
  let bytes = 0
  for (const leaf of leaves) bytes += take(leaf)
  return bytes
}

function take(piece: Uint8Array): number {
  sink.set(piece)
  return piece.length
}

/** Megabytes a second. */
async function rate(rounds: number, read: () => Promise<number>): Promise<number> {
  const start = performance.now()
  let bytes = 0
  for (let i = 0; i < rounds; i++) bytes += await read()
  return bytes / 1e3 / (performance.now() - start)
}

async function compare(ours: () => Promise<number>, plain: () => Promise<number>) {
  const runs: { figure: number; ratio: number }[] = []
  for (let i = 0; i < pairs; i++) {
    const figure = await ours()
    runs.push({ figure, ratio: figure / (await plain()) })
  }
  return { figure: median(runs.map(({ figure }) => figure)), ratio: median(runs.map(({ ratio }) => ratio)) }
}

async function report(label: string, unit: string, work: () => Promise<number>): Promise<void> {
  const rates: number[] = []
  for (let i = 0; i < pairs; i++) {
    const start = performance.now()
    const count = await work()
    rates.push((count / (performance.now() - start)) * 1000)
  }
  console.log(`${label}: ${Math.round(median(rates))} ${unit}/s`)
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0
}
