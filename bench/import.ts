// What importing costs beside hashing: `node bench/import.ts`. Everything goes nowhere, so no disk is in it. Medians of
// five pairs in one run, in processor time, which other work on the machine disturbs least.
import { createHash, hash } from 'node:crypto'
import type { BlockSink } from '../packages/server/src/ipfs/block.ts'
import { type Cid, cidBytes } from '../packages/server/src/ipfs/cid.ts'
import { DirectoryBuilder } from '../packages/server/src/ipfs/directory-builder.ts'
import { importFile } from '../packages/server/src/ipfs/import-file.ts'
import { type Layout, layoutV0, layoutV1 } from '../packages/server/src/ipfs/layout.ts'
import { sha256Multihash } from '../packages/server/src/ipfs/multihash.ts'
import { readCar } from '../packages/server/src/ipfs/read-car.ts'

const pairs = 5
const GiB = 1024 ** 3
const pieceBytes = 65_536
const nowhere: BlockSink = { put: () => undefined }
/** What a socket brings: more pieces than the caches of a processor hold. */
const pieces = Array.from({ length: 1024 }, (_, i) => Buffer.alloc(pieceBytes, i))

for (const [name, layout] of [
  ['v1, raw leaves', layoutV1],
  ['v0, dag-pb leaves', layoutV0],
] as const) {
  await compare(`1 GiB as one file, ${name}`, 'MB/s', GiB / 1e6, {
    import: () => importFile(stream(GiB), nowhere, layout),
    'sha-256 of the chunks': () => hashChunks(GiB),
  })
  for (const size of [2048, 200]) {
    const count = 100_000
    await compare(`${count} files of ${size} bytes, ${name}`, 'files/s', count, {
      import: () => smallFiles(count, size, layout),
      'sha-256 of each': () => hashEach(count, size),
    })
  }
}
await compare('the directories of 100000 files in one folder', 'files/s', 100_000, {
  directories: () => folder(100_000),
})
for (const size of [262_144, 2048]) {
  const car = carOf(256 * 1024 * 1024, size)
  await compare(`256 MiB CAR in blocks of ${size} bytes`, 'MB/s', (256 * 1024 * 1024) / 1e6, {
    import: () => readCar(streamOf(car), nowhere),
    'sha-256 of each': () => hashBlocks(256 * 1024 * 1024, size),
  })
}

/** Runs the ways one after the other; prints medians of their rates and of the ratio of their processor times. */
async function compare(
  title: string,
  unit: string,
  amount: number,
  ways: Record<string, () => unknown>,
): Promise<void> {
  const names = Object.keys(ways)
  const rates = names.map((): number[] => [])
  const cpuSeconds = names.map((): number[] => [])
  const ratios: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    for (const [i, name] of names.entries()) {
      const cpu = process.cpuUsage()
      const start = performance.now()
      await ways[name]?.()
      rates[i]?.push((amount * 1000) / (performance.now() - start))
      const { user, system } = process.cpuUsage(cpu)
      cpuSeconds[i]?.push((user + system) / 1e6)
    }
    const [ours = 0, plain] = cpuSeconds.map((seconds) => seconds.at(-1))
    if (plain !== undefined) ratios.push(ours / plain)
  }
  console.log(title)
  for (const [i, name] of names.entries()) {
    const cpu = median(cpuSeconds[i] ?? []).toFixed(2)
    console.log(`  ${name}: ${Math.round(median(rates[i] ?? []))} ${unit}, ${cpu} s of processor time`)
  }
  if (ratios.length === 0) return
  console.log(`  processor time: ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`)
}

async function* stream(size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += pieceBytes) yield pieceAt(at)
}

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

/** The same bytes, hashed in the same pieces, and nothing else. */
function hashChunks(size: number): void {
  for (let at = 0; at < size; at += layoutV1.chunkSizeBytes) {
    const chunk = createHash('sha256')
    for (let piece = at; piece < at + layoutV1.chunkSizeBytes; piece += pieceBytes) chunk.update(pieceAt(piece))
    chunk.digest()
  }
}

async function smallFiles(count: number, size: number, layout: Layout): Promise<void> {
  for (let i = 0; i < count; i++) await importFile(one(pieceAt(i * pieceBytes).subarray(0, size)), nowhere, layout)
}

/** A source of one piece, as a part of a multipart body is. */
async function* one(piece: Uint8Array): AsyncGenerator<Uint8Array> {
  yield piece
}

function hashEach(count: number, size: number): void {
  for (let i = 0; i < count; i++) hash('sha256', pieceAt(i * pieceBytes).subarray(0, size), 'buffer')
}

function hashBlocks(total: number, size: number): void {
  for (let at = 0; at < total; at += size) {
    const block = createHash('sha256')
    for (let piece = 0; piece < size; piece += pieceBytes) block.update(pieceAt(at + piece).subarray(0, size))
    block.digest()
  }
}

async function folder(count: number): Promise<void> {
  const builder = new DirectoryBuilder()
  const file = await importFile([Buffer.from('content')], nowhere, layoutV1)
  for (let i = 0; i < count; i++) builder.addFile([`${i}.json`], file)
  await builder.finish(nowhere, layoutV1)
}

function carOf(total: number, size: number): Uint8Array {
  const header = Buffer.from('11a265726f6f7473806776657273696f6e01', 'hex')
  const sections: Uint8Array[] = [header]
  for (let at = 0; at < total; at += size) {
    const bytes = Buffer.alloc(size, at / size)
    const cid: Cid = { version: 1, codec: 0x55, multihash: sha256Multihash([bytes]) }
    const length = size + 36
    const prefix =
      length < 16_384
        ? [(length & 127) | 128, length >> 7]
        : [(length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14]
    sections.push(Buffer.from(prefix), cidBytes(cid), bytes)
  }
  return Buffer.concat(sections)
}

function pieceAt(at: number): Uint8Array {
  return pieces[(at / pieceBytes) % pieces.length] ?? Buffer.alloc(0)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
