import { describe, expect, it } from 'vitest'
import { Recent } from './recent.ts'

describe('Recent', () => {
  const open = ({ max = 100 } = {}) => {
    const clock = { now: 0 }
    return { clock, recent: new Recent<number>({ forMs: 1_000, max, elapsedMs: () => clock.now }) }
  }

  it('knows a value for as long as it may be believed, and holds none of it after twice that', () => {
    const { clock, recent } = open()
    clock.now = 900
    recent.set('a', 1)
    clock.now = 1_899
    expect(recent.get('a')).toBe(1)
    clock.now = 3_000
    recent.set('b', 2)
    expect([...recent]).toEqual([['b', 2]])
    // Nobody came meanwhile, so that it was never among the old ones.
    clock.now = 5_000
    expect(recent.get('b')).toBeUndefined()
  })

  it('holds no more than it may, the latest ones', () => {
    const { recent } = open({ max: 10 })
    for (let at = 0; at < 1_000; at++) recent.set(`key ${at}`, at)
    expect(recent.size).toBeLessThanOrEqual(10)
    expect(recent.get('key 999')).toBe(999)
    expect(recent.get('key 995')).toBe(995)
  })

  it('lets go of what was deleted, however old, and shows a value that came again as it is now', () => {
    const { clock, recent } = open()
    recent.set('a', 1)
    recent.set('b', 1)
    clock.now = 1_000
    recent.set('a', 2)
    expect(recent.get('a')).toBe(2)
    recent.delete('a')
    recent.delete('b')
    expect(recent.get('a')).toBeUndefined()
    expect(recent.get('b')).toBeUndefined()
  })
})
