import fc from 'fast-check'
import { base16upper } from 'multiformats/bases/base16'
import { base32upper } from 'multiformats/bases/base32'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { base64, base64url } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { AppError } from '../lib/errors.ts'
import { cidBytes, cidFromBytes, cidLength, formatCid, parseCid } from './cid.ts'

const v0 = 'QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o'
const v1 = 'bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4'
const bytes = CID.parse(v1).bytes

describe('parseCid', () => {
  it('reads every spelling of one CID as the same', () => {
    const spellings = [
      v1,
      v1.toUpperCase(),
      `b${v1.slice(1).toUpperCase()}`,
      CID.parse(v1).toString(base58btc),
      CID.parse(v1).toString(base36),
      CID.parse(v1).toString(base36).toUpperCase(),
      `f${Buffer.from(bytes).toString('hex')}`,
      base16upper.encode(bytes),
      base32upper.encode(bytes),
      base64.encode(bytes),
      `M${Buffer.from(bytes).toString('base64')}`,
      base64url.encode(bytes),
    ]
    for (const text of spellings) expect(formatCid(parseCid(text))).toBe(v1)
    expect(parseCid(v0)).toEqual({ version: 0, codec: 0x70, multihash: CID.parse(v0).multihash.bytes })
    expect(formatCid(parseCid(v0))).toBe(v0)
    expect(formatCid(parseCid('bafkqaaa'))).toBe('bafkqaaa')
  })

  const refused = {
    empty: '',
    'a space before it': ` ${v1}`,
    'a space after it': `${v1} `,
    'a path': `${v1}/a.txt`,
    'an IPFS path': `/ipfs/${v1}`,
    'an IPFS URL': `ipfs://${v1}`,
    'a gateway URL': `https://${v1}.ipfs.dweb.link/`,
    'a character that base32 does not have': `${v1.slice(0, -1)}1`,
    'one character missing': v1.slice(0, -1),
    'one character more': `${v1}a`,
    'the prefix alone': 'b',
    'version 0 cut short': v0.slice(0, -1),
    'version 0 with a character that base58 does not have': `Qm0${v0.slice(3)}`,
    'version 0 behind a multibase prefix': `z${v0}`,
    'version 0 in base32': `b${base32upper.baseEncode(CID.parse(v0).bytes).toLowerCase()}`,
    'version 2': 'f0255122000',
    'version 18': `f1255${'00'.repeat(34)}`,
    'a padded number': `f8100${Buffer.from(bytes.subarray(1)).toString('hex')}`,
    'a digest longer than stated': `f${Buffer.from(bytes).toString('hex')}00`,
    'a digest shorter than stated': `f${Buffer.from(bytes).toString('hex').slice(0, -2)}`,
    'a length of 2^53': 'f015512ffffffffffffff0f',
    'a codec of 2^35': 'f01808080808001120000',
    words: 'not a cid',
    'a lone surrogate': 'b\ud800',
    'a peer id': '12D3KooWGJvMxGZ8rYuMGMNPaMxpdwPgqXpvDxW5E4KDJTQqvAKe',
  }
  for (const [what, text] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(() => parseCid(text)).toThrow(expect.objectContaining({ code: 'invalid_cid' }))
    })
  }

  it('refuses endless text before it decodes it', () => {
    for (const prefix of ['z', 'k', 'b', 'Qm']) {
      const text = prefix.padEnd(5_000_000, 'a')
      const before = performance.now()
      expect(() => parseCid(text)).toThrow('Not a CID: longer than 200 characters')
      expect(performance.now() - before).toBeLessThan(20)
    }
  })

  it('throws nothing but AppError, whatever it is given', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.uint8Array().map((content) => `f${Buffer.from(content).toString('hex')}`),
      fc.tuple(fc.constantFrom('b', 'B', 'k', 'z', 'm', 'u', 'Qm'), fc.base64String()).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          parseCid(text)
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
    )
  })
})

it('prints and reads what multiformats prints and reads', () => {
  const anyCid = fc
    .record({
      codec: fc.nat(0x7fffffff),
      code: fc.nat(0xffff),
      digest: fc.uint8Array({ minLength: 0, maxLength: 80 }),
    })
    // Its own reader takes a CID that begins with these two bytes for version 0, and so do we.
    .map(({ codec, code, digest }) => CID.createV1(codec, create(code, digest)))
  fc.assert(
    fc.property(anyCid, fc.uint8Array({ maxLength: 5 }), (theirs, rest) => {
      const { cid, length } = cidFromBytes(Buffer.concat([rest, theirs.bytes, rest]), rest.length)
      expect(length).toBe(theirs.bytes.length)
      expect(cidLength(cid)).toBe(length)
      expect(Buffer.from(cidBytes(cid)).equals(theirs.bytes)).toBe(true)
      expect(formatCid(cid)).toBe(theirs.toString())
      expect(formatCid(parseCid(theirs.toString()))).toBe(theirs.toString())
    }),
  )
})

it('says that a CID ends too early wherever it is cut', () => {
  for (const whole of [bytes, CID.parse(v0).bytes]) {
    for (let length = 0; length < whole.length; length++) {
      expect(() => cidFromBytes(whole.subarray(0, length))).toThrow(expect.objectContaining({ code: 'invalid_cid' }))
    }
  }
})
