import { expect, it } from 'vitest'
import { ReadMemory } from '../blobs/read-memory.ts'
import { cidBytes, type Cid } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { sha256Multihash } from '../ipfs/multihash.ts'
import { varintLength, writeVarint } from '../lib/varint.ts'
import { readSection, readSections } from './section-cid.ts'

/** A pack with one section behind some bytes, and where its payload lies. */
function packWith(cid: Cid, payload: Uint8Array, before: Uint8Array) {
  const length = cidBytes(cid).length + payload.length
  const front = new Uint8Array(varintLength(length))
  writeVarint(length, front, 0)
  const file = Buffer.concat([before, front, cidBytes(cid), payload])
  const location = { pack: 'p', offset: file.length - payload.length, length: payload.length }
  const read = async (at: typeof location) => file.subarray(at.offset, at.offset + at.length)
  return { location, packs: { read, file } }
}

const cases = [0, 1, 49, 51, 91, 93, 200, 300_000].flatMap((sizeBytes) => {
  const payload = new Uint8Array(sizeBytes).fill(sizeBytes)
  const multihash = sha256Multihash([payload])
  const v1 = [codecs.raw, codecs.dagPb, 0x129, 0x300001].map((codec): Cid => ({ version: 1, codec, multihash }))
  return [...v1, { version: 0, codec: codecs.dagPb, multihash } satisfies Cid].map((cid) => ({ cid, payload }))
})

it.each(cases)(
  'reads the CID in front of a block, version $cid.version, codec $cid.codec, of $payload.length bytes',
  async ({ cid, payload }) => {
    for (const before of [new Uint8Array(3), new Uint8Array(100).fill(0xff)]) {
      const { location, packs } = packWith(cid, payload, before)
      expect(await readSection(packs, cid.multihash, location)).toEqual({ cid, bytes: Buffer.from(payload) })
    }
  },
)

it('takes a block without a CID in front of it for a raw one', async () => {
  const payload = Buffer.from('bytes')
  const multihash = sha256Multihash([payload])
  const packs = { read: async () => payload }
  const { cid } = await readSection(packs, multihash, { pack: 'p', offset: 0, length: payload.length })
  expect(cid).toEqual({ version: 1, codec: codecs.raw, multihash })
})

it.each([
  { memory: 'enough', bytes: 1_000_000 },
  { memory: 'too little', bytes: 400_000 },
  { memory: 'none', bytes: 0 },
])('reads sections that lie one behind the other together, with $memory memory', async ({ bytes }) => {
  const gap = Buffer.alloc(500, 7)
  let file = Buffer.alloc(0)
  const blocks = cases.map(({ cid, payload }, i) => {
    const before = i % 7 === 3 ? Buffer.concat([file, gap]) : file
    const { location, packs } = packWith(cid, payload, before)
    file = packs.file
    return { cid, multihash: cid.multihash, offset: location.offset, length: location.length }
  })
  let reads = 0
  const readOnce = async ({ offset, length }: { offset: number; length: number }, memory: ReadMemory) => {
    reads++
    const piece = file.subarray(offset, offset + length)
    const room = memory.take(length)
    room?.set(piece)
    return room ?? piece
  }
  const sections = []
  for await (const { block, section } of readSections({ readOnce }, 'p', blocks, new ReadMemory(bytes)))
    sections.push({ block, section: { cid: section.cid, bytes: Buffer.from(section.bytes) } })
  expect(sections).toEqual(
    blocks.map((block, i) => ({ block, section: { cid: block.cid, bytes: Buffer.from(cases[i]!.payload) } })),
  )
  expect(reads).toBe(1 + cases.filter((_, i) => i % 7 === 3).length)
})
