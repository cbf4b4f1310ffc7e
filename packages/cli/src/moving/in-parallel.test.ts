import { describe, expect, it } from 'vitest'
import { inParallel } from './in-parallel.ts'

describe('inParallel', () => {
  it('does all, so many at a time and no more', async () => {
    let [running, most, done] = [0, 0, 0]
    await inParallel(
      Array.from({ length: 20 }, (_, i) => i),
      3,
      async (i) => {
        most = Math.max(most, ++running)
        for (let turn = 0; turn < i % 4; turn++) await new Promise((resolve) => setImmediate(resolve))
        running--
        done++
      },
    )
    expect([most, done]).toEqual([3, 20])
  })

  it('begins no more after a failure, and throws the first when the others have ended', async () => {
    const [begun, ended]: [number[], number[]] = [[], []]
    const all = inParallel([0, 1, 2, 3, 4, 5], 2, async (i) => {
      begun.push(i)
      if (i === 1) throw new Error('the first')
      await new Promise((resolve) => setImmediate(resolve))
      ended.push(i)
      if (i === 0) throw new Error('the second')
    })
    await expect(all).rejects.toThrow('the first')
    expect(ended).toEqual([0])
    expect(begun.length).toBeLessThanOrEqual(3)
  })
})
