import { MemoryBlockstore } from 'blockstore-core/memory'
import fc from 'fast-check'
import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { describe, expect, it } from 'vitest'
import type { Block, BlockSink } from './block.ts'
import { cidVectors, vectorLayouts, vectorPieces } from './cid-vectors.ts'
import { formatCid } from './cid.ts'
import { FileImport, importFile } from './import-file.ts'
import { type Layout, layoutV0, layoutV1 } from './layout.ts'
import { verifyPieces } from './multihash.ts'

const nowhere: BlockSink = { put: () => undefined }

describe('the CIDs that Kubo gives', () => {
  for (const [profile, layout] of Object.entries(vectorLayouts)) {
    it(`for every file vector of profile ${profile}`, { timeout: 30_000 }, async () => {
      for (const vector of cidVectors.files) {
        const { cid, contentBytes } = await importFile(vectorPieces(vector.size, vector.seed), nowhere, layout)
        const expected = vector[profile as keyof typeof vectorLayouts]
        expect({ size: contentBytes, cid: formatCid(cid) }).toEqual({ size: vector.size, cid: expected })
      }
    })
  }

  it('for the texts in the documentation of the hosted service', async () => {
    for (const [text, v1, v0] of [
      [
        'hello world\n',
        'bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4',
        'QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o',
      ],
      [
        'pin this example\n',
        'bafkreid2rn5xdup5tqjmolkueweelij4wv6ubinuxkjdabmzaom2wngmaa',
        'QmSinmGMQgKKekN4ERJtJA4yJaZeDPrj2nEzp5yGRJUkZx',
      ],
      [
        '{"a":1,"b":"two"}',
        'bafkreihrlp6jhvyiaechi44sf5t75wdd5td7qlygo7v3oerjeoxoqhqps4',
        'QmRkQSSLf5SaxzuUeFNi8KKvtHcuYp5ao1zw2bgRJhQG6b',
      ],
    ] as const) {
      const bytes = [Buffer.from(text)]
      expect(formatCid((await importFile(bytes, nowhere, layoutV1)).cid)).toBe(v1)
      expect(formatCid((await importFile(bytes, nowhere, layoutV0)).cid)).toBe(v0)
    }
  })
})

it('gives the CID and the blocks of the JavaScript importer for any size, layout and cut into pieces', async () => {
  const arbitraryLayout = fc.record({
    cidVersion: fc.constantFrom(0, 1),
    rawLeaves: fc.boolean(),
    chunkSizeBytes: fc.integer({ min: 1, max: 300 }),
    maxLinks: fc.integer({ min: 2, max: 12 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 4000, size: 'max' }),
      arbitraryLayout,
      fc.integer({ min: 1, max: 700 }),
      async (bytes, layout, pieceBytes) => {
        const blocks: Block[] = []
        const ours = await importFile(cut(bytes, pieceBytes), { put: (block) => void blocks.push(block) }, layout)
        const theirs = await theirImport(bytes, layout)
        expect(formatCid(ours.cid)).toBe(theirs.cid)
        expect(ours.cumulativeBytes).toBe(theirs.size)
        expect(ours.blockCount).toBe(blocks.length)
        expect(new Set(blocks.map((block) => hex(block.multihash)))).toEqual(theirs.multihashes)
      },
    ),
    { numRuns: 150 },
  )
})

it('puts blocks one after another, children first, each under the hash of its pieces', async () => {
  const layout: Layout = { cidVersion: 1, rawLeaves: false, chunkSizeBytes: 100, maxLinks: 3 }
  const put: Block[] = []
  let isBusy = false
  const slow: BlockSink = {
    async put(block) {
      expect(isBusy).toBe(false)
      isBusy = true
      await new Promise(setImmediate)
      isBusy = false
      put.push(block)
    },
  }
  const { cid, blockCount } = await importFile(cut(Buffer.alloc(2950, 'x'), 333), slow, layout)
  expect(put).toHaveLength(blockCount)
  expect(put.at(-1)?.multihash).toEqual(cid.multihash)
  for (const block of put) {
    expect(verifyPieces(block.multihash, block.bytes)).toBe(true)
    expect(block.sizeBytes).toBe(Buffer.concat(block.bytes).length)
  }
})

it('takes pushed bytes, and asks for patience only where the sink does', async () => {
  const layout: Layout = { cidVersion: 1, rawLeaves: true, chunkSizeBytes: 100, maxLinks: 3 }
  const bytes = Buffer.from(vectorPieces(3000, 3).next().value ?? [])
  const quick = new FileImport(nowhere, layout)
  expect(quick.write(bytes.subarray(0, 10))).toBeUndefined()
  expect(quick.write(bytes.subarray(10, 250))).toBeUndefined()
  await quick.write(bytes.subarray(250))
  const slow = new FileImport({ put: () => new Promise((resolve) => setImmediate(resolve)) }, layout)
  expect(slow.write(bytes.subarray(0, 99))).toBeUndefined()
  const wait = slow.write(bytes.subarray(99))
  expect(wait).toBeInstanceOf(Promise)
  await wait
  const whole = await importFile([bytes], nowhere, layout)
  expect(await quick.finish()).toEqual(whole)
  expect(await slow.finish()).toEqual(whole)
})

it('hands the pieces on without a copy', async () => {
  const piece = Buffer.from('as it came from the socket')
  const put: Block[] = []
  await importFile([piece], { put: (block) => void put.push(block) }, layoutV1)
  expect(put[0]?.bytes[0]).toBe(piece)
})

it('keeps no view for every byte of a chunk that comes byte by byte', async () => {
  let pieceCount = 0
  const sink: BlockSink = { put: ({ bytes }) => void (pieceCount = bytes.length) }
  await importFile(cut(Buffer.alloc(200_000), 1), sink, layoutV1)
  expect(pieceCount).toBeLessThan(20)
})

it('fails as the sink fails, and stops when told to', async () => {
  const full: BlockSink = { put: () => Promise.reject(new Error('no room')) }
  await expect(importFile(vectorPieces(600_000, 1), full, layoutV0)).rejects.toThrow('no room')
  await expect(importFile(vectorPieces(1, 1), nowhere, layoutV0, AbortSignal.abort())).rejects.toThrow(/abort/)
})

function* cut(bytes: Uint8Array, pieceBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

async function theirImport(
  bytes: Uint8Array,
  layout: Layout,
): Promise<{ cid: string; size: number; multihashes: Set<string> }> {
  const store = new MemoryBlockstore()
  const entries = importer([{ content: bytes }], store, {
    cidVersion: layout.cidVersion,
    rawLeaves: layout.rawLeaves,
    reduceSingleLeafToSelf: true,
    chunker: fixedSize({ chunkSize: layout.chunkSizeBytes }),
    layout: balanced({ maxChildrenPerNode: layout.maxLinks }),
  })
  const multihashes = new Set<string>()
  for await (const entry of entries) {
    for await (const { cid } of store.getAll()) multihashes.add(hex(cid.multihash.bytes))
    return { cid: entry.cid.toString(), size: Number(entry.size), multihashes }
  }
  throw new Error('The importer gave nothing')
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
