import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readVarint, varintLength, writeVarint } from './varint.ts'

it('reads back every number it wrote, in the length it said', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(3), (value, at) => {
      const bytes = new Uint8Array(16)
      const next = writeVarint(value, bytes, at)
      expect(next).toBe(at + varintLength(value))
      expect(readVarint(bytes, at)).toEqual({ value, next })
    }),
  )
})

it('says incomplete when the bytes end inside a number', () => {
  expect(readVarint(new Uint8Array(0), 0)).toBe('incomplete')
  expect(readVarint(Uint8Array.of(0x80), 0)).toBe('incomplete')
  expect(readVarint(Uint8Array.of(0x01), 1)).toBe('incomplete')
})

it('refuses padded, too long and too large numbers', () => {
  expect(readVarint(Uint8Array.of(0x81, 0x00), 0)).toBe('malformed')
  expect(readVarint(new Uint8Array(10).fill(0x80), 0)).toBe('malformed')
  expect(readVarint(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f), 0)).toBe('malformed')
})
