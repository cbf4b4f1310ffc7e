import * as dagCbor from '@ipld/dag-cbor'
import * as dagJson from '@ipld/dag-json'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { AppError } from '../lib/errors.ts'
import { formatCid, parseCid } from './cid.ts'
import { codecs } from './codecs.ts'
import { encodePbNode } from './dag-pb.ts'
import { linksOf } from './links-of.ts'
import { sha256Multihash } from './multihash.ts'
import { watchLoop } from './watch-loop.ts'

const leaf = parseCid('bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4')
const invalid = expect.objectContaining({ code: expect.stringMatching(/^invalid_(block|cid)$/) })

describe('linksOf', () => {
  it('finds the links of a dag-pb node in order, twice where they stand twice', () => {
    const link = { cid: leaf, name: '', tsize: 1 }
    expect(linksOf(codecs.dagPb, encodePbNode({ links: [link, link] })).map(formatCid)).toEqual([
      formatCid(leaf),
      formatCid(leaf),
    ])
  })

  it('finds no links in raw bytes, CBOR and JSON, whatever they hold', () => {
    for (const codec of [codecs.raw, codecs.cbor, codecs.json]) expect(linksOf(codec, Buffer.from([0xff]))).toEqual([])
  })

  it('says so when it does not know the codec', () => {
    for (const codec of [0x78, codecs.libp2pKey, 0]) {
      expect(() => linksOf(codec, new Uint8Array())).toThrow(expect.objectContaining({ code: 'unsupported_codec' }))
    }
  })

  it('finds in DAG-CBOR and DAG-JSON what their own libraries find', () => {
    const digest = fc.uint8Array({ minLength: 0, maxLength: 3 }).map((seed) => sha256Multihash([seed]))
    const arbitraryCid = digest.map((multihash) => CID.createV1(0x55, create(0x12, multihash.subarray(2))))
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('list'), tie('map')),
      list: fc.array(tie('tree'), { maxLength: 4 }),
      map: fc.dictionary(
        fc.string({ unit: 'grapheme' }).filter((key) => key !== '/'),
        tie('tree'),
        { maxKeys: 4 },
      ),
      leaf: fc.oneof(
        arbitraryCid,
        fc.boolean(),
        fc.constant(null),
        fc.maxSafeInteger(),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array(),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const expected = textsOf(value)
        const cbor = linksOf(codecs.dagCbor, dagCbor.encode(value)).map(formatCid)
        const json = linksOf(codecs.dagJson, dagJson.encode(value)).map(formatCid)
        // Both libraries sort the keys of maps, so the order is not that of the value.
        expect(cbor.toSorted()).toEqual(expected.toSorted())
        expect(json.toSorted()).toEqual(expected.toSorted())
      }),
    )
  })

  const badCbor = {
    nothing: '',
    'two values': '0101',
    'an array that ends too early': '8201',
    'a map that ends too early': 'a16161',
    'an array of 2^63 entries': '9b8000000000000000',
    'a map of 2^63 entries': 'bb8000000000000000',
    'bytes that end too early': '5a7fffffff00',
    'an array without a stated length': '9f01ff',
    'bytes without a stated length': '5f4100ff',
    'a break': 'ff',
    'a map key that is a number': 'a10101',
    'a tag that is not 42': 'c074323031332d30332d32315432303a30343a30305a',
    'a simple value': 'f0',
    'a simple value in two bytes': 'f820',
    'a reserved argument': '1c',
    'a float that is cut': 'fb00',
    'a link that is text': 'd82a6161',
    'a link without bytes': 'd82a40',
    'a link without the zero byte': 'd82a4401551200',
    'a link that is not a CID': 'd82a430055',
    'a link with bytes after its CID': 'd82a460001550000ff',
    'a link that is cut': 'd82a',
  }
  for (const [what, hex] of Object.entries(badCbor)) {
    it(`refuses DAG-CBOR with ${what}`, () => {
      expect(() => linksOf(codecs.dagCbor, Buffer.from(hex, 'hex'))).toThrow(invalid)
    })
  }

  const badJson = {
    nothing: '',
    words: 'hello',
    'two values': '1 2',
    'bytes that are not UTF-8': '"\xff"',
    'a link that is not a CID': '{"/":"bafy"}',
    'a link with other keys': `{"/":"${formatCid(leaf)}","a":1}`,
    'a link of endless text': `{"/":"z${'1'.repeat(1_000_000)}"}`,
  }
  for (const [what, text] of Object.entries(badJson)) {
    it(`refuses DAG-JSON with ${what}`, () => {
      expect(() => linksOf(codecs.dagJson, Buffer.from(text, 'latin1'))).toThrow(invalid)
    })
  }

  it('is not deceived by keys and texts that look like links', () => {
    const text = `{"a":"{\\"/\\":\\"x\\"}","__proto__":{"/":{"bytes":"AA"}},"/":1,"b":[{"/":"${formatCid(leaf)}"}]}`
    expect(linksOf(codecs.dagJson, Buffer.from(text)).map(formatCid)).toEqual([formatCid(leaf)])
  })

  it('takes for JSON what JSON.parse takes', () => {
    const part = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"\\u00e9"',
      '"\\x"',
      '"',
      '1',
      '-0.5e+3',
      '01',
      '.5',
      'true',
      'nul',
      ' ',
      '\n',
      '\t',
    )
    const json = fc
      .json()
      .chain((text) => fc.nat(text.length).map((at) => [text.slice(0, at), text.slice(at)] as const))
    const almostJson = fc
      .tuple(json, fc.oneof(fc.constant(''), part))
      .map(([[start, end], noise]) => start + noise + end)
    const takes = (read: () => unknown): boolean => {
      try {
        read()
        return true
      } catch {
        return false
      }
    }
    const noise = fc.array(part).map((parts) => parts.join(''))
    // Links are another matter.
    const withoutLinks = fc.oneof(almostJson, noise).filter((text) => !text.includes('"/"'))
    fc.assert(
      fc.property(withoutLinks, (text) => {
        const ours = takes(() => linksOf(codecs.dagJson, Buffer.from(text)))
        expect(ours).toBe(takes(() => JSON.parse(text)))
      }),
      { numRuns: 3000 },
    )
  })

  it('sees a link through escapes and white space', () => {
    for (const key of ['"/"', '"\\/"', '"\\u002f"', '"\\u002F"']) {
      const text = `[1, { ${key} : "\\u0062${formatCid(leaf).slice(1)}" } ]`
      expect(linksOf(codecs.dagJson, Buffer.from(text)).map(formatCid)).toEqual([formatCid(leaf)])
    }
  })

  it('bounds nesting', () => {
    for (const depth of [513, 1_000_000]) {
      const cbor = Buffer.concat([Buffer.alloc(depth, 0x81), Buffer.from([0])])
      expect(() => linksOf(codecs.dagCbor, cbor)).toThrow('nested deeper than 512')
      expect(() => linksOf(codecs.dagJson, Buffer.from('['.repeat(depth)))).toThrow('nested deeper than 512')
    }
    expect(linksOf(codecs.dagCbor, Buffer.concat([Buffer.alloc(512, 0x81), Buffer.from([0])]))).toEqual([])
    expect(linksOf(codecs.dagJson, Buffer.from('['.repeat(512) + ']'.repeat(512)))).toEqual([])
  })

  it('throws nothing but AppError, whatever it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...Object.values(codecs)), (bytes, codec) => {
        try {
          linksOf(codec, bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
      { numRuns: 3000 },
    )
  })
})

describe('the largest block', () => {
  const size = 2 * 1024 * 1024
  const most = 60_000
  const shortPbLink = Buffer.from('12060a0401550000', 'hex')
  const shortCborLink = Buffer.from('d82a450001550000', 'hex')
  const shortJsonLink = '{"/":"bafkqaaa"},'
  const blocks: Record<string, [number, Uint8Array]> = {
    'dag-pb links': [codecs.dagPb, repeat(encodePbNode({ links: [{ cid: leaf, name: '', tsize: 0 }] }), size)],
    'the most dag-pb links': [codecs.dagPb, repeat(shortPbLink, most * shortPbLink.length)],
    'the most DAG-CBOR links': [codecs.dagCbor, cborArray(shortCborLink, most)],
    'CBOR arrays': [codecs.dagCbor, cborArray(Buffer.from([0x80]), size - 5)],
    'CBOR maps': [codecs.dagCbor, cborArray(Buffer.from([0xa1, 0x60, 0]), size / 3 - 5)],
    'JSON arrays': [codecs.dagJson, Buffer.from(`[${'[],'.repeat(size / 3 - 2)}[]]`)],
    'JSON maps': [codecs.dagJson, Buffer.from(`[${'{"":{}},'.repeat(size / 8 - 2)}{}]`)],
    'the most JSON links': [codecs.dagJson, Buffer.from(`[${shortJsonLink.repeat(most)}{}]`)],
  }
  for (const [what, [codec, bytes]] of Object.entries(blocks)) {
    it(`full of ${what} is done with before anybody notices`, () => {
      linksOf(codec, bytes)
      const watch = watchLoop()
      linksOf(codec, bytes)
      expect(watch.longestMs()).toBeLessThan(250)
    })
  }

  it('has a bounded number of links', () => {
    for (const [codec, bytes] of [
      [codecs.dagPb, repeat(shortPbLink, (most + 1) * shortPbLink.length)],
      [codecs.dagCbor, cborArray(shortCborLink, most + 1)],
      [codecs.dagJson, Buffer.from(`[${shortJsonLink.repeat(most + 1)}{}]`)],
    ] as const) {
      expect(() => linksOf(codec, bytes)).toThrow('more than 60000 links')
    }
  })
})

function textsOf(value: unknown): string[] {
  const cid = CID.asCID(value)
  if (cid !== null) return [cid.toString()]
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  return Object.values(value).flatMap((inside) => textsOf(inside))
}

function repeat(bytes: Uint8Array, size: number): Buffer {
  const times = Math.floor(size / bytes.length)
  return Buffer.alloc(times * bytes.length, bytes)
}

function cborArray(item: Uint8Array, count: number): Buffer {
  const head = Buffer.from([0x9a, 0, 0, 0, 0])
  head.writeUInt32BE(count, 1)
  return Buffer.concat([head, repeat(item, count * item.length)])
}
