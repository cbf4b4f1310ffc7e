import * as reference from '@ipld/dag-pb'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { AppError } from '../lib/errors.ts'
import { type Cid, cidBytes, parseCid } from './cid.ts'
import { decodePbNode, encodePbNode, pbLinks, type PbLink, sortByName } from './dag-pb.ts'
import { sha256Multihash } from './multihash.ts'

const arbitraryCid = fc
  .record({
    seed: fc.uint8Array({ maxLength: 4 }),
    version: fc.constantFrom(0, 1),
    codec: fc.constantFrom(0x55, 0x70, 0x0129),
  })
  .map(({ seed, version, codec }): Cid => {
    const multihash = sha256Multihash([seed])
    return version === 0 ? { version, codec: 0x70, multihash } : { version, codec, multihash }
  })
const arbitraryLink: fc.Arbitrary<PbLink> = fc.record({
  cid: arbitraryCid,
  name: fc.string({ unit: 'grapheme', maxLength: 300 }),
  tsize: fc.maxSafeNat(),
})

it('writes the bytes that the reference implementation writes, and both read them alike', () => {
  const arbitraryNode = fc.record({
    data: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined }),
    links: fc.array(arbitraryLink, { maxLength: 10 }),
  })
  fc.assert(
    fc.property(arbitraryNode, ({ data, links: unsorted }) => {
      const links = sortByName(unsorted)
      const bytes = encodePbNode({ data, links })
      const theirs = reference.encode({
        ...(data === undefined ? {} : { Data: data }),
        Links: links.map(({ cid, name, tsize }) => ({ Hash: CID.decode(cidBytes(cid)), Name: name, Tsize: tsize })),
      })
      expect(Buffer.compare(bytes, theirs)).toBe(0)
      const node = decodePbNode(Buffer.concat([bytes]))
      expect(node.links.map(plain)).toEqual(links.map(plain))
      expect(node.data === undefined ? undefined : [...node.data]).toEqual(data === undefined ? undefined : [...data])
      expect(pbLinks(bytes)).toEqual(decodePbNode(bytes).links.map(({ cid }) => cid))
    }),
  )
})

describe('decodePbNode', () => {
  const cid = cidBytes(parseCid('bafkqaaa'))
  const hash = field(1, cid)
  const name = field(2, Buffer.from('n'))
  const size = Buffer.from([0x18, 5])
  const link = field(2, Buffer.concat([hash, name, size]))
  const data = field(1, Buffer.from('d'))

  it('reads a node without anything, without data, without names, and with data first', () => {
    expect(decodePbNode(new Uint8Array())).toEqual({ links: [] })
    expect(decodePbNode(field(2, hash)).links[0]).toMatchObject({ name: '', tsize: 0 })
    expect(decodePbNode(Buffer.concat([data, link])).links).toHaveLength(1)
    expect(Buffer.from(decodePbNode(field(1, Buffer.alloc(0))).data ?? [1])).toHaveLength(0)
  })

  const refused = {
    'data twice': Buffer.concat([data, data]),
    'links before and after the data': Buffer.concat([link, data, link]),
    'a field it does not have': Buffer.concat([link, field(3, Buffer.from('x'))]),
    'field number zero': Buffer.from([0x02, 0x00]),
    'data as a number': Buffer.from([0x08, 0x01]),
    'data as a group': Buffer.from([0x0b]),
    'a link as fixed bytes': Buffer.from([0x15, 1, 2, 3, 4]),
    'a length past the end': Buffer.from([0x0a, 0x05, 1]),
    'a length of 2^62': Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f]),
    'a length without an end': Buffer.from([0x0a, 0x80]),
    'a length of eleven bytes': Buffer.concat([Buffer.from([0x0a]), Buffer.alloc(10, 0x80), Buffer.from([0])]),
    'a link without a CID': field(2, name),
    'an empty link': field(2, Buffer.alloc(0)),
    'a link with the CID twice': field(2, Buffer.concat([hash, hash])),
    'a link with the name before the CID': field(2, Buffer.concat([name, hash])),
    'a link with the name twice': field(2, Buffer.concat([hash, name, name])),
    'a link with the size before the name': field(2, Buffer.concat([hash, size, name])),
    'a link with a field it does not have': field(2, Buffer.concat([hash, Buffer.from([0x20, 1])])),
    'a link with bytes after its CID': field(2, field(1, Buffer.concat([cid, Buffer.from([0])]))),
    'a link whose CID is cut': field(2, field(1, cid.subarray(0, -1))),
    'a link whose CID is empty': field(2, field(1, Buffer.alloc(0))),
    'a link longer than the node': link.subarray(0, -1),
    'a size of 2^63': field(2, Buffer.concat([hash, Buffer.from([0x18]), Buffer.alloc(8, 0xff), Buffer.from([0x7f])])),
  }
  for (const [what, bytes] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      const refusal = expect.objectContaining({ code: expect.stringMatching(/^invalid_(block|cid)$/) })
      expect(() => decodePbNode(bytes)).toThrow(refusal)
      expect(() => pbLinks(bytes)).toThrow(refusal)
    })
  }

  it('throws nothing but AppError, and accepts only what the reference accepts', () => {
    const pieces = fc.constantFrom(...Object.values(refused), link, data, hash, name, size)
    const mutated = fc
      .tuple(fc.array(fc.oneof(pieces, fc.uint8Array({ maxLength: 4 })), { maxLength: 5 }), fc.nat(), fc.nat(255))
      .map(([parts, at, value]) => {
        const bytes = Buffer.concat(parts)
        if (bytes.length > 0) bytes[at % bytes.length] = value
        return new Uint8Array(bytes)
      })
    fc.assert(
      fc.property(mutated, (bytes) => {
        let count: number
        try {
          count = decodePbNode(bytes).links.length
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
          return
        }
        expect(reference.decode(bytes).Links).toHaveLength(count)
      }),
      { numRuns: 3000 },
    )
  })
})

it('sorts names by their bytes and not by their UTF-16 units', () => {
  const cid = parseCid('bafkqaaa')
  const names = ['\uffee', '🙂', 'a', 'B', 'ä', '']
  const sorted = sortByName(names.map((name) => ({ cid, name, tsize: 0 }))).map(({ name }) => name)
  expect(sorted).toEqual(['', 'B', 'a', 'ä', '\uffee', '🙂'])
})

function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes])
}

function plain({ cid, name, tsize }: PbLink): unknown {
  return { cid: Buffer.from(cidBytes(cid)).toString('hex'), codec: cid.codec, name, tsize }
}
