import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { BlocksInFlight } from './blocks-in-flight.ts'
import type { CompactServices } from './compact-pack.ts'
import { openReclaimer } from './reclaimer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A reclaimer whose passes do nothing, and how often one began. */
function openIdle({ everyMs = 3_600_000 } = {}) {
  let passes = 0
  let wake = () => {}
  const services = { packs: { writerId: 'a' }, blocksInFlight: new BlocksInFlight() } as unknown as CompactServices // a pass without the lock asks for nothing
  const reclaimer = openReclaimer(services, {
    everyMs,
    quietMs: 250,
    pinEnds: { onEnd: (listener) => (wake = listener) },
    takeLock: () => {
      passes++
      return undefined
    },
  })
  return { reclaimer, wake: () => wake(), passes: () => passes }
}

it('begins one pass when many pins ended, after the last of them', async () => {
  const { reclaimer, wake, passes } = openIdle()
  for (let i = 0; i < 100; i++) {
    wake()
    await vi.advanceTimersByTimeAsync(200)
  }
  expect(passes()).toBe(0)
  await vi.advanceTimersByTimeAsync(50)
  expect(passes()).toBe(1)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(passes()).toBe(1)
  await reclaimer.close()
})

it('does not wait for the end of those that never end', async () => {
  const { reclaimer, wake, passes } = openIdle({ everyMs: 2_000 })
  for (let i = 0; i < 100; i++) {
    wake()
    await vi.advanceTimersByTimeAsync(200)
  }
  expect(passes()).toBe(10)
  await reclaimer.close()
})

it('begins none once it is closed', async () => {
  const { reclaimer, wake, passes } = openIdle()
  wake()
  await reclaimer.close()
  wake()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(passes()).toBe(0)
})
