import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => vi.unstubAllGlobals())

it('is asked for again when everything is forgotten meanwhile', async () => {
  vi.stubGlobal('location', { origin: 'https://pin.example' })
  const asked: string[] = []
  const held = Promise.withResolvers<void>()
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(new URL(url).pathname)
    if (asked.length <= 2) await held.promise
    const error = { code: 'x', reason: 'INVALID_CREDENTIALS', details: 'Nobody is signed in.' }
    return Response.json({ error }, { status: 401 })
  })
  const { forgetEverything, loadSession } = await import('./session.ts')
  const loaded = loadSession()
  await expect.poll(() => asked.length).toBe(2)
  forgetEverything()
  await expect(loaded).rejects.toMatchObject({ status: 401 })
  expect(asked).toEqual([...asked.slice(0, 2), ...asked.slice(0, 2)])
  held.resolve()
})
