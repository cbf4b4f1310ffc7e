import { expect, it, vi } from 'vitest'
import { AtWork } from './at-work.ts'

const signal = new AbortController().signal
const isSettled = async (promise: Promise<void>) => {
  let settled = false
  void promise.then(() => (settled = true))
  for (let i = 0; i < 5; i++) await Promise.resolve()
  return settled
}

it('is quiet while nothing is under way', async () => {
  const atWork = new AtWork()
  expect(await isSettled(atWork.quiet(60_000, signal))).toBe(true)
  atWork.begin()()
  expect(await isSettled(atWork.quiet(60_000, signal))).toBe(true)
})

it('waits for all that is at work, and no longer', async () => {
  const atWork = new AtWork()
  const [first, second] = [atWork.begin(), atWork.begin()]
  const quiet = atWork.quiet(60_000, signal)
  first()
  expect(await isSettled(quiet)).toBe(false)
  second()
  expect(await isSettled(quiet)).toBe(true)
})

it('waits no longer than it is told', async () => {
  const atWork = new AtWork()
  atWork.begin()
  await expect(atWork.quiet(1, signal)).resolves.toBeUndefined()
})

it('takes what went on for a while without a touch for waiting itself', async () => {
  vi.useFakeTimers()
  try {
    const atWork = new AtWork()
    atWork.begin()
    vi.advanceTimersByTime(21)
    expect(await isSettled(atWork.quiet(60_000, signal))).toBe(true)
    atWork.touch()
    expect(await isSettled(atWork.quiet(60_000, signal))).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})

it('ends a wait with its signal', async () => {
  const atWork = new AtWork()
  atWork.begin()
  const stop = new AbortController()
  const quiet = atWork.quiet(60_000, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(quiet).rejects.toThrow('stopped')
  await expect(atWork.quiet(60_000, stop.signal)).rejects.toThrow('stopped')
})
