import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Pace } from './pace.ts'

const signal = new AbortController().signal

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Never quiet: every rest is taken whole. */
const busy = { quiet: async (withinMs: number) => void vi.advanceTimersByTime(withinMs) }

/** Works for so many milliseconds, and says how long the rest after it was. */
async function step(pace: Pace, workedMs: number): Promise<number> {
  const startedMs = performance.now()
  vi.advanceTimersByTime(workedMs)
  const endedMs = performance.now()
  await pace.rest(startedMs)
  return performance.now() - endedMs
}

it('puts rests that are too short for a timer together', async () => {
  const pace = new Pace({ share: () => 0.8, mostShare: 1, others: busy, signal })
  const rests = []
  for (let i = 0; i < 8; i++) rests.push(await step(pace, 1))
  expect(rests).toEqual([0, 0, 0, 1, 0, 0, 0, 1])
})

it('rests in proportion where nobody is ever quiet, however long a step was, and not at all with all of the time', async () => {
  let share = 0.25
  const pace = new Pace({ share: () => share, mostShare: 1, others: busy, signal })
  expect([await step(pace, 10), await step(pace, 1_000), await step(pace, 1)]).toEqual([30, 3_000, 3])
  share = 1
  expect(await step(pace, 10)).toBe(0)
})

it('rests by the clock where nobody is told of', async () => {
  vi.useRealTimers()
  const pace = new Pace({ share: () => 0.5, signal })
  const beganMs = performance.now()
  await pace.rest(beganMs - 20)
  expect(performance.now() - beganMs).toBeGreaterThan(15)
})

it('keeps rest that nobody needed for when somebody does', async () => {
  const asked: number[] = []
  const others = {
    quiet: async (withinMs: number) => {
      asked.push(withinMs)
      if (isBusy) await busy.quiet(withinMs)
    },
  }
  let isBusy = false
  const pace = new Pace({ share: () => 0.5, mostShare: 1, others, signal })
  expect([await step(pace, 10), await step(pace, 10)]).toEqual([0, 0])
  isBusy = true
  expect([await step(pace, 10), await step(pace, 10)]).toEqual([30, 10])
  isBusy = false
  for (let i = 0; i < 20; i++) await step(pace, 10)
  expect(asked.at(-1), 'no more than a request may take').toBe(60)
})

it('rests even when nobody needs it, as far as it works a part of the time at most', async () => {
  vi.useRealTimers()
  const quiet = async () => {}
  const pace = new Pace({ share: () => 0.5, mostShare: 0.8, others: { quiet }, signal })
  const beganMs = performance.now()
  for (let i = 0; i < 10; i++) await pace.rest(performance.now() - 20)
  const restedMs = performance.now() - beganMs
  expect(restedMs, 'a quarter of the work').toBeGreaterThan(45)
  const alone = new Pace({ share: () => 1, mostShare: 0.8, others: { quiet }, signal })
  const begunMs = performance.now()
  await alone.rest(performance.now() - 10_000)
  expect(performance.now() - begunMs, 'not where all of the time is given').toBeLessThan(1_000)
})

it('says whether rests are due', () => {
  let share = 0.5
  const pace = new Pace({ share: () => share, signal })
  expect(pace.isShared).toBe(true)
  share = 1
  expect(pace.isShared).toBe(false)
})

it('throws when its signal has ended it', async () => {
  const pace = new Pace({ share: () => 1, signal: AbortSignal.abort(new Error('stopped')) })
  await expect(pace.rest(performance.now())).rejects.toThrow('stopped')
})
