import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Pieces } from './pieces.ts'

it('keeps the bytes in order, whatever is pushed and taken in between', () => {
  const step = fc.oneof(
    fc.nat(3000).map((size) => ({ kind: 'push', size }) as const),
    fc.integer({ min: 1, max: 9 }).map((size) => ({ kind: 'push', size }) as const),
    fc.constant({ kind: 'shift' } as const),
    fc.constant({ kind: 'take' } as const),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pieces = new Pieces()
      const pushed: Uint8Array[] = []
      const taken: Uint8Array[] = []
      for (const { kind, ...rest } of steps) {
        if ('size' in rest) {
          const piece = new Uint8Array(rest.size).fill(pushed.length + 1)
          pushed.push(piece)
          pieces.push(piece)
        } else if (kind === 'take') {
          taken.push(...pieces.takeAll())
        } else {
          const [first] = pieces.list
          if (first !== undefined) taken.push(first)
          pieces.shift()
        }
      }
      taken.push(...pieces.takeAll())
      expect(Buffer.concat(taken).equals(Buffer.concat(pushed))).toBe(true)
    }),
  )
})

it('copies neither large pieces nor a small one by itself', () => {
  const pieces = new Pieces()
  const kept = [10, 5000, 10, 5000].map((size) => new Uint8Array(size))
  for (const piece of kept) pieces.push(piece)
  expect(pieces.list.every((piece, i) => piece === kept[i])).toBe(true)
})

it('makes few pieces of many small ones', () => {
  const pieces = new Pieces()
  for (let i = 0; i < 262_144; i++) pieces.push(Uint8Array.of(i))
  expect(pieces.list.length).toBeLessThan(20)
  expect(Buffer.concat(pieces.takeAll())).toHaveLength(262_144)
})
