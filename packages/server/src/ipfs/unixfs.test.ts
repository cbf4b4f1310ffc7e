import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../lib/errors.ts'
import { decodeUnixFs, encodeUnixFs, type UnixFs } from './unixfs.ts'

it('reads back everything it wrote', () => {
  const arbitraryNode = fc.record(
    {
      type: fc.constantFrom<UnixFs['type'][]>('raw', 'directory', 'file', 'metadata', 'symlink', 'hamt-shard'),
      data: fc.uint8Array({ maxLength: 300 }),
      fileSize: fc.maxSafeNat(),
      blockSizes: fc.array(fc.maxSafeNat()),
      hashType: fc.nat(),
      fanout: fc.nat(),
    },
    { requiredKeys: ['type', 'blockSizes'] },
  )
  fc.assert(
    fc.property(arbitraryNode, (node) => {
      expect(decodeUnixFs(encodeUnixFs(node))).toEqual({ ...node })
    }),
  )
})

describe('decodeUnixFs', () => {
  const read = (hex: string): UnixFs => decodeUnixFs(new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex')))

  it('reads what Kubo writes', () => {
    expect(read('0801')).toEqual({ type: 'directory', blockSizes: [] })
    expect(read('0802 1202 6869 1802')).toEqual({
      type: 'file',
      data: new Uint8Array([0x68, 0x69]),
      fileSize: 2,
      blockSizes: [],
    })
    expect(read('0802 18 808020 20 808010 20 808010')).toEqual({
      type: 'file',
      fileSize: 524_288,
      blockSizes: [262_144, 262_144],
    })
    expect(read('0804 1201 2f')).toMatchObject({ type: 'symlink' })
    expect(read('0805 1202 8001 2822 308002')).toMatchObject({ type: 'hamt-shard', hashType: 0x22, fanout: 256 })
  })

  it('reads mode and time, before 1970 too', () => {
    expect(read('0802 38 a403 42 07 08 01 15 ffc99a3b')).toMatchObject({
      mode: 0o644,
      mtime: { seconds: 1, nanoseconds: 999_999_999 },
    })
    expect(read('0802 42 0b 08 ffffffffffffffffff01')).toMatchObject({ mtime: { seconds: -1, nanoseconds: 0 } })
  })

  it('reads packed block sizes and passes over fields of later versions', () => {
    expect(read('0802 22 04 01 02 8001').blockSizes).toEqual([1, 2, 128])
    expect(read('0802 4a 01 00 50 ffffffffffffffffff01 59 0000000000000000 65 00000000')).toMatchObject({
      type: 'file',
    })
  })

  const refused = {
    nothing: '',
    'no type': '1801',
    'type 6': '0806',
    'the type twice': '0802 0801',
    'data twice': '0802 1200 1200',
    'the size twice': '0802 1801 1801',
    'a type of bytes': '0a0102',
    'a size above 2^53': '0802 18 80808080808080 10',
    'a negative size': '0802 18 ffffffffffffffffff01',
    'a block size above 2^53': '0802 20 80808080808080 10',
    'a packed number that is cut': '0802 22 01 80 01',
    'a time without seconds': '0802 42 05 15 00000000',
    'a time with too many nanoseconds': '0802 42 07 08 01 15 00ca9a3b',
    'a time out of range': '0802 42 0a 08 ffffffffffffffff7f',
    'a length past the end': '0802 12 05 00',
    'a group': '0802 4b',
    'a fixed number that is cut': '0802 59 00',
  }
  for (const [what, hex] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(() => read(hex)).toThrow(expect.objectContaining({ code: 'invalid_block' }))
    })
  }

  it('throws nothing but AppError, whatever it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
        try {
          decodeUnixFs(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
