import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { askElsewhere } from './ask-elsewhere.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A service that answers after so long. */
function answerAfter(ms: number): void {
  vi.stubGlobal('fetch', () => new Promise((resolve) => setTimeout(() => resolve(new Response('{}')), ms)))
}

async function ask(passMs: number): Promise<string[]> {
  const told: string[] = []
  const onWait = (words: string) => void told.push(words)
  const answer = askElsewhere('https://slow.example/psa', {}, { signal: AbortSignal.any([]), onWait, secrets: [] })
  await vi.advanceTimersByTimeAsync(passMs)
  expect((await answer).status).toBe(200)
  return told
}

it('says that a service took the request and does not answer, once', async () => {
  answerAfter(60_000)
  expect(await ask(60_000)).toEqual(['slow.example has not answered for 10 s. It is waited for.'])
})

it('says nothing of one that answers in time, also later', async () => {
  answerAfter(9_000)
  expect(await ask(30_000)).toEqual([])
})
