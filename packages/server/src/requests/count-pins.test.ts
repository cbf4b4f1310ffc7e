import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bucketBits } from '../files/pin-counts.ts'
import { partsOf } from './count-pins.ts'

/** Around the borders of buckets, which begin at this time on every level. */
const border = 2 ** 32 * 400
const anyTime = fc
  .tuple(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(1, 256, 65_536, 2 ** 24, 2 ** 32),
    fc.integer({ min: -2, max: 2 }),
  )
  .map(([factor, unit, near]) => border + factor * unit + near)

it('covers every time of a range once and no other, with few stretches and fewer than 512 pins to look at', () => {
  fc.assert(
    fc.property(anyTime, fc.oneof(anyTime, fc.constant(Number.MAX_SAFE_INTEGER)), (low, high) => {
      const parts = partsOf({ low, high }).map(({ level, low: from, high: to }) => {
        const unit = level === undefined ? 1 : 2 ** (bucketBits[level] ?? 0)
        return { level, from: from * unit, to: to * unit }
      })
      if (low >= high) {
        expect(parts).toEqual([])
        return
      }
      parts.sort((a, b) => a.from - b.from)
      expect(parts[0]?.from).toBe(low)
      for (const [i, part] of parts.entries()) if (i > 0) expect(part.from).toBe(parts[i - 1]?.to)
      const end = parts.at(-1)?.to ?? 0
      if (high === Number.MAX_SAFE_INTEGER) expect(end).toBeGreaterThan(Date.UTC(9999, 0))
      else expect(end).toBe(high)
      expect(parts.length).toBeLessThanOrEqual(2 * bucketBits.length + 1)
      for (const { level, from, to } of parts) if (level === undefined) expect(to - from).toBeLessThan(512)
    }),
    { numRuns: 2_000 },
  )
})
