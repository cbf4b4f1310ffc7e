import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './support/app.ts'
import { formBytes, type Part, remains, sendAndVanish, sendForm } from './support/upload.ts'

describe('a client that vanishes in the middle of an upload', () => {
  let app: TestApp
  let key: Awaited<ReturnType<TestApp['makeAccount']>>

  beforeAll(async () => {
    app = await startTestApp()
    key = await app.makeAccount(await app.setUp(), 'vanishing', { quotaBytes: 100_000_000 })
  })
  afterAll(() => app.close())

  const folder = (): Part[] =>
    Array.from({ length: 300 }, (_, i) => ['file', Buffer.alloc(10_000, `${Math.random()}`), `root/${i}.bin`])

  it.each([
    [
      '/v3/files',
      () => [
        ['file', Buffer.alloc(3_000_000, `${Math.random()}`), 'a.bin'],
        ['network', 'public'],
      ],
    ],
    ['/pinning/pinFileToIPFS', () => [...folder(), ['pinataOptions', '{"cidVersion":1}']]],
  ] as const satisfies [string, () => Part[]][])('leaves nothing on %s, whenever that is', async (path, parts) => {
    const promised = () => app.services.reservations.promised(key.accountId)
    const before = await remains(app, key.accountId)
    const offsets = [1, 60, 200, 1_000, 70_000]
    for (let i = 0; i < 15; i++) offsets.push(Math.floor(Math.random() * 3_000_000))
    const vanish = (forms: readonly Buffer[], when?: Promise<unknown>) =>
      Promise.all(
        forms.map((bytes, i) => {
          // Never the last byte: the form would be whole.
          const count = Math.min(offsets[i] ?? 0, bytes.length - 10)
          return sendAndVanish(app, path, key, bytes, { count, ...(when === undefined ? {} : { when }) })
        }),
      )
    const forms = () => offsets.map(() => formBytes(parts()))
    // Some perhaps before the server has heard of them, the others when it has promised room to each of them.
    await vanish(forms())
    const begun = forms()
    const bytes = begun.reduce((sum, { length }) => sum + length, 0)
    await vanish(begun, expect.poll(promised).toBe(bytes))
    await expect.poll(promised).toBe(0)
    await expect.poll(() => remains(app, key.accountId)).toEqual(before)
    expect(app.log()).not.toContain('request failed')
    expect((await sendForm(app, path, key, parts())).status).toBe(200)
  })
})
