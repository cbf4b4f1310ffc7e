import fc from 'fast-check'
import { expect, it } from 'vitest'
import { multihashKey } from './multihash-key.ts'
import { MultihashTable } from './multihash-table.ts'
import { sha256Multihash } from './multihash.ts'

it('numbers members in the order they came, whatever their hash function', () => {
  const multihash = fc.oneof(
    fc.nat(50).map((n) => sha256Multihash([Buffer.from(`${n}`)])),
    fc.uint8Array({ minLength: 1, maxLength: 5 }),
  )
  fc.assert(
    fc.property(fc.array(multihash), (all) => {
      const table = new MultihashTable()
      const model = new Map<string, number>()
      for (const one of all) {
        const key = multihashKey(one)
        expect(table.find(one)).toBe(model.get(key) ?? -1)
        if (!model.has(key)) model.set(key, model.size)
        expect(table.add(one)).toBe(model.get(key))
        expect(table.size).toBe(model.size)
      }
      expect([...table].map(multihashKey)).toEqual([...model.keys()])
    }),
  )
})

it('keeps 200,000 apart, in less than 80 bytes each', () => {
  const all = Array.from({ length: 200_000 }, (_, i) => sha256Multihash([Buffer.from(`${i}`)]))
  const before = process.memoryUsage().arrayBuffers
  const table = new MultihashTable()
  for (const one of all) table.add(one)
  expect((process.memoryUsage().arrayBuffers - before) / all.length).toBeLessThan(80)
  expect(table.size).toBe(all.length)
  for (const [number, one] of all.entries()) if (table.find(one) !== number) expect.fail(`${number}`)
  expect(table.has(sha256Multihash([Buffer.from('other')]))).toBe(false)
  expect(() => table.at(all.length)).toThrow(RangeError)
})
