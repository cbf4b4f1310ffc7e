import { CarWriter } from '@ipld/car'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { varintLength, writeVarint } from '../lib/varint.ts'
import type { Block, BlockSink } from './block.ts'
import { type Cid, cidBytes, formatCid } from './cid.ts'
import { identityMultihash, sha256Multihash } from './multihash.ts'
import { readCar } from './read-car.ts'
import { watchLoop } from './watch-loop.ts'

const mebibyte = 1024 * 1024
const pragma = Buffer.from('0aa16776657273696f6e02', 'hex')

describe('readCar', () => {
  it('gives roots and blocks of what @ipld/car writes, however it is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 500 }),
        fc.nat(3),
        async (contents, pieceBytes, rootCount) => {
          const cids = contents.map((content, i) => rawCid(content, i % 3 === 0 ? 0 : 1))
          const roots = cids.slice(0, rootCount)
          const car = await theirCar(roots, contents, cids)
          const blocks: Block[] = []
          const read = await readCar(cut(car, pieceBytes), { put: (block) => void blocks.push(block) })
          expect(read.version).toBe(1)
          expect(read.roots.map(formatCid)).toEqual(roots.map(formatCid))
          expect(read.blockCount).toBe(contents.length)
          expect(read.blockBytes).toBe(contents.reduce((sum, { length }) => sum + length, 0))
          expect(blocks.map((block) => formatCid(block))).toEqual(cids.map(formatCid))
          expect(blocks.map(textOf)).toEqual(contents.map((content) => Buffer.from(content).toString('hex')))
          expect(blocks.map(({ sizeBytes }) => sizeBytes)).toEqual(contents.map(({ length }) => length))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('reads version 2 and passes over padding and index', async () => {
    const inner = carOf([rawCid(content(1))], [content(1), content(2)])
    for (const [padding, index] of [
      [0, 0],
      [0, 100],
      [1000, 100_000],
    ] as const) {
      for (const pieceBytes of [1, 7, 65_536]) {
        const read = await readAll(cut(carV2(inner, { padding, index }), pieceBytes))
        expect(read).toMatchObject({ version: 2, blockCount: 2 })
        expect(read.roots.map(formatCid)).toEqual([formatCid(rawCid(content(1)))])
      }
    }
  })

  it('takes blocks without their root, roots without blocks, and a block as often as it comes', async () => {
    expect(await readAll(cut(carOf([rawCid(content(9))], [content(1)])))).toMatchObject({ blockCount: 1 })
    expect(await readAll(cut(carOf([rawCid(content(9))], [])))).toMatchObject({ blockCount: 0 })
    expect(await readAll(cut(carOf([], [content(1), content(1)])))).toMatchObject({ blockCount: 2, roots: [] })
  })

  it('checks identity blocks and leaves them out', async () => {
    const held = Buffer.from('held')
    const cid: Cid = { version: 1, codec: 0x55, multihash: identityMultihash(held) }
    const car = (bytes: Uint8Array): Uint8Array => Buffer.concat([headerOf([cid]), section(cid, bytes)])
    expect(await readAll(cut(car(held)))).toMatchObject({ blockCount: 0, blockBytes: 0 })
    await expect(readAll(cut(car(Buffer.from('else'))))).rejects.toMatchObject({ code: 'invalid_car' })
  })

  it('finds the one altered block of a thousand, says which, and puts nothing from there on', async () => {
    const contents = Array.from({ length: 1000 }, (_, i) => content(i))
    const car = carOf([rawCid(content(0))], contents)
    const offset = Buffer.from(car).indexOf(content(700))
    for (const alter of [
      (bytes: Uint8Array) => bytes.set([0x58], offset),
      (bytes: Uint8Array) => bytes.set(content(701), offset),
    ]) {
      const altered = Uint8Array.from(car)
      alter(altered)
      const put: Block[] = []
      const reading = readCar(cut(altered, 100), { put: (block) => void put.push(block) })
      await expect(reading).rejects.toMatchObject({
        code: 'invalid_car',
        message: `Block 701 of the CAR, at byte ${offset - 37}: its bytes are not those its CID names`,
      })
      expect(put).toHaveLength(700)
    }
  })

  it('takes blocks up to 2 MiB, and refuses larger ones before their bytes have come', async () => {
    for (const size of [mebibyte, 2 * mebibyte]) {
      expect(await readAll(cut(carOf([], [Buffer.alloc(size)]), 65_536))).toMatchObject({ blockBytes: size })
    }
    for (const size of [2 * mebibyte + 1, 2 * mebibyte + 200, 8 * mebibyte, 2 ** 52]) {
      const cid = rawCid(content(1))
      const head = Buffer.alloc(200)
      cidBytes(cid).forEach((byte, i) => (head[writeVarint(size + 36, head, 0) + i] = byte))
      await expect(readAll(forever(Buffer.concat([headerOf([cid]), head])))).rejects.toMatchObject({
        code: 'block_too_large',
        message: expect.stringMatching(/^Block 1 of the CAR, at byte 59: it has \d+ bytes; blocks over 2097152 bytes/),
      })
    }
  })

  it('says when a section is shorter than its CID', async () => {
    const cid = cidBytes(rawCid(Buffer.alloc(0)))
    const car = Buffer.concat([headerOf([]), Buffer.from([cid.length - 1]), cid])
    await expect(readAll(cut(car))).rejects.toThrow('Block 1 of the CAR, at byte 18: it is shorter than its CID')
  })

  it('refuses weak and shortened hashes, saying where', async () => {
    for (const multihash of [
      `1114${'00'.repeat(20)}`,
      `1210${'00'.repeat(16)}`,
      `008101${'00'.repeat(129)}`,
      'c0e40220',
    ]) {
      const cid: Cid = { version: 1, codec: 0x55, multihash: Buffer.from(multihash.padEnd(10, '0'), 'hex') }
      const reading = readAll(cut(Buffer.concat([headerOf([]), section(cid, content(1))])))
      await expect(reading).rejects.toMatchObject({
        code: expect.stringMatching(/^(unsupported_hash|invalid_car)$/),
        message: expect.stringContaining('Block 1 of the CAR'),
      })
    }
  })

  it('bounds the number of blocks, stops when told to, and fails as the sink fails', async () => {
    const car = carOf([], [content(1), content(2)])
    await expect(readCar(cut(car), nowhere, { maxBlocks: 1 })).rejects.toMatchObject({ code: 'too_large' })
    expect(await readCar(cut(car), nowhere, { maxBlocks: 2 })).toMatchObject({ blockCount: 2 })
    await expect(readCar(cut(car), nowhere, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/)
    const full: BlockSink = { put: () => Promise.reject(new Error('no room')) }
    await expect(readCar(cut(car), full)).rejects.toThrow('no room')
  })

  it('ends its source when it fails', async () => {
    let isEnded = false
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from('<!doctype html>')
      } finally {
        isEnded = true
      }
    }
    await expect(readAll(source())).rejects.toMatchObject({ code: 'invalid_car' })
    expect(isEnded).toBe(true)
  })

  it('keeps no view for every byte of a block that comes byte by byte', async () => {
    const car = carOf([], [Buffer.alloc(300_000)])
    let pieceCount = 0
    await readCar(cut(car, 1), { put: ({ bytes }) => void (pieceCount = bytes.length) })
    expect(pieceCount).toBeLessThan(30)
  })

  it('lets others run while it reads a hundred thousand small blocks that came at once', async () => {
    const car = carOf(
      [],
      Array.from({ length: 100_000 }, (_, i) => content(i)),
    )
    const watch = watchLoop()
    expect(await readAll(cut(car))).toMatchObject({ blockCount: 100_000 })
    expect(watch.longestMs()).toBeLessThan(50)
  })
})

describe('readCar refuses', () => {
  const good = carOf([rawCid(content(1))], [content(1)])
  const header = headerOf([rawCid(content(1))])
  const one = section(rawCid(content(1)), content(1))
  const cbor = (value: unknown): Uint8Array => framed(dagCbor.encode(value))
  const inner = carOf([], [content(1)])
  const v2 = carV2(inner, {})
  const bad: Record<string, Uint8Array> = {
    nothing: new Uint8Array(),
    'a web page': Buffer.from(`<!doctype html><html>${'<p>more</p>'.repeat(10)}</html>`),
    'a page shorter than a header': Buffer.from('<!doctype html><html></html>'),
    zeros: new Uint8Array(1000),
    'a header cut short': good.subarray(0, 20),
    'a header of no bytes': Buffer.concat([Buffer.from([0]), one]),
    'a header length that is padded': Buffer.concat([
      Buffer.from([0x80 | (header.length - 1), 0]),
      header.subarray(1),
      one,
    ]),
    'a header length without an end': Buffer.alloc(20, 0xff),
    'a header over 64 KiB': cbor({ version: 1, roots: [], more: 'x'.repeat(65_536) }),
    'a header that is text': cbor('version'),
    'a header that is a list': cbor([1]),
    'a header that is not CBOR': framed(Buffer.alloc(20, 0xff)),
    'a header of deep nesting': framed(Buffer.alloc(60_000, 0x81)),
    'a header with two values': framed(Buffer.concat([dagCbor.encode({ version: 1, roots: [] }), Buffer.from([0])])),
    'no version': cbor({ roots: [] }),
    'version 3': cbor({ version: 3, roots: [] }),
    'no roots': cbor({ version: 1 }),
    'roots that are no list': cbor({ version: 1, roots: rawLink() }),
    'a root that is no CID': cbor({ version: 1, roots: ['bafkqaaa'] }),
    'a root that is null': cbor({ version: 1, roots: [null] }),
    '17 roots': cbor({ version: 1, roots: Array.from({ length: 17 }, rawLink) }),
    '1,500 roots': cbor({ version: 1, roots: Array.from({ length: 1500 }, rawLink) }),
    'a section of no length': Buffer.concat([good, Buffer.from([0])]),
    'padding after the last block': Buffer.concat([good, Buffer.alloc(100)]),
    'words after the last block': Buffer.concat([good, Buffer.from('and so on')]),
    'a section length that is padded': Buffer.concat([good, Buffer.from([0x80, 0x80, 0x00])]),
    'a section length without an end': Buffer.concat([good, Buffer.from([0x80])]),
    'a section cut in its CID': good.subarray(0, header.length + 10),
    'a section cut in its bytes': good.subarray(0, -1),
    'a section without a CID': Buffer.concat([header, framed(Buffer.from('hello world'))]),
    'a CID of version 2': Buffer.concat([header, framed(Buffer.concat([Buffer.from([2]), one.subarray(2)]))]),
    'version 2 without a header': pragma,
    'version 2 with a short header': v2.subarray(0, 50),
    'version 2 cut in its data': v2.subarray(0, v2.length - 1),
    'version 2 cut before its data': carV2(inner, { padding: 100 }).subarray(0, 100),
    'version 2 with other keys': Buffer.concat([cbor({ version: 2, also: 1 }), v2.subarray(11)]),
    'version 2 inside version 2': carV2(v2, {}),
    'version 2 whose data begins in its header': carV2(inner, { dataOffset: 50n }),
    'version 2 whose data begins beyond everything': carV2(inner, { dataOffset: 2n ** 62n }),
    'version 2 without data': carV2(inner, { dataSize: 0n }),
    'version 2 whose data ends in its header': carV2(inner, { dataSize: 5n }),
    'version 2 whose data ends in a block': carV2(inner, { dataSize: BigInt(inner.length - 1) }),
    'version 2 whose data ends after a block': carV2(inner, { dataSize: BigInt(inner.length + 1), index: 10 }),
  }
  for (const [what, car] of Object.entries(bad)) {
    it(`to take for a CAR: ${what}`, async () => {
      for (const pieceBytes of [1, 13, 65_536]) {
        await expect(readAll(cut(car, pieceBytes))).rejects.toMatchObject({ code: 'invalid_car' })
      }
    })
  }

  it('a CAR cut anywhere but between blocks', async () => {
    const car = carOf([rawCid(content(1))], [content(1), content(2)])
    const ends = [headerOf([rawCid(content(1))]).length, header.length + one.length, car.length]
    for (let length = 0; length <= car.length; length++) {
      const reading = readAll(cut(car.subarray(0, length)))
      if (ends.includes(length)) await reading
      else await expect(reading).rejects.toMatchObject({ code: 'invalid_car' })
    }
  })
})

const nowhere: BlockSink = { put: () => undefined }

function readAll(source: AsyncIterable<Uint8Array>): ReturnType<typeof readCar> {
  return readCar(source, nowhere)
}

function content(i: number): Buffer {
  return Buffer.from(`content ${i}`)
}

function rawCid(bytes: Uint8Array, version: 0 | 1 = 1): Cid {
  return { version, codec: version === 0 ? 0x70 : 0x55, multihash: sha256Multihash([bytes]) }
}

function rawLink(): CID {
  return CID.parse('bafkqaaa')
}

function carOf(roots: readonly Cid[], contents: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([headerOf(roots), ...contents.map((bytes) => section(rawCid(bytes), bytes))])
}

function headerOf(roots: readonly Cid[]): Uint8Array {
  return framed(dagCbor.encode({ version: 1, roots: roots.map((root) => CID.decode(cidBytes(root))) }))
}

function section(cid: Cid, bytes: Uint8Array): Uint8Array {
  return framed(Buffer.concat([cidBytes(cid), bytes]))
}

function framed(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(varintLength(bytes.length))
  writeVarint(bytes.length, length, 0)
  return Buffer.concat([length, bytes])
}

function carV2(
  data: Uint8Array,
  {
    padding = 0,
    index = 0,
    dataOffset = BigInt(51 + padding),
    dataSize = BigInt(data.length),
  }: { padding?: number; index?: number; dataOffset?: bigint; dataSize?: bigint },
): Uint8Array {
  const header = Buffer.alloc(40)
  header.writeBigUInt64LE(dataOffset, 16)
  header.writeBigUInt64LE(dataSize, 24)
  return Buffer.concat([pragma, header, Buffer.alloc(padding), data, Buffer.alloc(index, 1)])
}

async function theirCar(
  roots: readonly Cid[],
  contents: readonly Uint8Array[],
  cids: readonly Cid[],
): Promise<Uint8Array> {
  const { writer, out } = CarWriter.create(roots.map((root) => CID.decode(cidBytes(root))))
  const pieces: Uint8Array[] = []
  const collecting = (async () => {
    for await (const piece of out) pieces.push(piece)
  })()
  for (const [i, cid] of cids.entries()) {
    await writer.put({ cid: CID.decode(cidBytes(cid)), bytes: contents[i] ?? new Uint8Array() })
  }
  await writer.close()
  await collecting
  return Buffer.concat(pieces)
}

async function* cut(bytes: Uint8Array, pieceBytes = bytes.length || 1): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

/** Fails when it is asked for more than was there at first. */
async function* forever(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
  throw new Error('Waited for bytes that it must not wait for')
}

function textOf(block: Block): string {
  return Buffer.concat(block.bytes).toString('hex')
}
