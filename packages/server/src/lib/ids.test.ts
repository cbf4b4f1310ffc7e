import { describe, expect, it } from 'vitest'
import { createIdSource, idAfter, timeOfId } from './ids.ts'

const startMs = Date.UTC(2026, 1, 2)

describe('ids', () => {
  it('are UUIDv7 that say when they were made', () => {
    let now = startMs
    const newId = createIdSource({ now: () => now++ })
    for (let n = 0; n < 2_000; n++) {
      const id = newId()
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
      expect(timeOfId(id)).toBe(startMs + n)
    }
  })

  it('increase also while the clock stands still or goes back', () => {
    let now = startMs
    const newId = createIdSource({ now: () => now })
    const ids = Array.from({ length: 20_000 }, (_, n) => {
      if (n === 10_000) now -= 60_000
      return newId()
    })
    expect(ids.every((id, n) => n === 0 || id > ids[n - 1]!)).toBe(true)
    // More than a millisecond holds push the time on, and no further.
    expect(timeOfId(ids.at(-1) ?? '')).toBeLessThan(startMs + 10)
  })

  it('share nothing but the time with those of another source', () => {
    const ids = new Set<string>()
    for (let n = 0; n < 1_000; n++) ids.add(createIdSource({ now: () => startMs })().slice(19))
    expect(ids.size).toBe(1_000)
  })

  it('have one right behind them, that is no other', () => {
    const id = createIdSource({ now: () => startMs })()
    expect([id, idAfter(id), idAfter(idAfter(id))].toSorted()).toEqual([id, idAfter(id), idAfter(idAfter(id))])
    expect(idAfter('00000000-0000-7000-8000-ffffffffffff')).toBe('00000000-0000-7000-8001-000000000000')
  })
})
