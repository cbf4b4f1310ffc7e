import { expect, it } from 'vitest'
import { murmur3 } from './murmur3.ts'

it('gives the first half of the x64 128 bit hash of the reference implementation', () => {
  // Made with MurmurHash3_x64_128 of https://github.com/aappleby/smhasher, seed 0.
  for (const [text, hash] of [
    ['', '0000000000000000'],
    ['hello', 'cbd8a7b341bd9b02'],
    ['hello, world', '342fac623a5ebc8e'],
    ['19 Jan 2038 at 3:14:07 AM', 'b89e5988b737affc'],
    ['The quick brown fox jumps over the lazy dog.', 'cd99481f9ee902c9'],
  ] as const) {
    const { high, low } = murmur3(Buffer.from(text))
    expect((BigInt(high) * 2n ** 32n + BigInt(low)).toString(16).padStart(16, '0')).toBe(hash)
  }
})
