import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layoutV1 } from '../src/ipfs/layout.ts'
import { watchLoop } from '../src/ipfs/watch-loop.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { cidOf } from './support/tus.ts'

const path = '/pinning/pinJSONToIPFS'

describe.each(databases)('large JSON on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `Item ${i}`, 10: [1.5, 1e3, null], é: '\u2028"', n: { a: true } }))

  it('is stored as a client would have made it, and keeps nobody waiting', { timeout: 60_000 }, async () => {
    const content = { items: rows(60_000) }
    const options = { pinataMetadata: { name: 'drop.json', keyvalues: { a: 'b' } }, pinataOptions: { cidVersion: 1 } }
    const text = JSON.stringify({ pinataContent: content, ...options }, null, 1)
    expect(text.length).toBeGreaterThan(5_000_000)
    const sent = new Blob([text])
    const loop = watchLoop()
    const { status, body } = await app.ask('POST', path, {
      key,
      body: sent,
      headers: { 'content-type': 'application/json' },
    })
    const longestMs = loop.longestMs()
    expect([status, body.IpfsHash, body.Name, body.Keyvalues]).toEqual([
      200,
      await cidOf(Buffer.from(JSON.stringify(content)), layoutV1),
      'drop.json',
      { a: 'b' },
    ])
    // The process of the test does this too: it may hold the loop for the form of the request, never for the JSON.
    expect(longestMs).toBeLessThan(250)
  })

  it('is refused in words when it is none, too large, too deep or too much', { timeout: 60_000 }, async () => {
    const send = async (body: string) => {
      const answer = await app.ask('POST', path, { key, body, headers: { 'content-type': 'application/json' } })
      return [answer.status, answer.body.error.details]
    }
    const pad = ' '.repeat(2_000_000)
    expect(await send(`${pad}{"a":`)).toEqual([400, 'The body is not valid JSON.'])
    expect(await send(`${pad}${'['.repeat(300)}`)).toEqual([400, 'The JSON nests deeper than 256 levels.'])
    expect(await send(`"${'x'.repeat(52_428_800)}"`)).toEqual([413, expect.stringContaining('52428800 bytes')])
    expect(await send(`[${'{},'.repeat(4_000_000)}{}]`)).toEqual([413, expect.stringContaining('Upload it as a file')])
    const metadata = `{"pinataMetadata":{"keyvalues":"no"},"pinataContent":"${'x'.repeat(2_000_000)}"}`
    expect(await send(metadata)).toEqual([400, expect.stringContaining('pinataMetadata.keyvalues')])
  })

  it('is held four at a time, and more are told to come again', { timeout: 60_000 }, async () => {
    const text = 'x'.repeat(11_000_000)
    const send = (i: number) =>
      app.ask('POST', path, {
        key,
        body: `{"i":${i},"text":"${text}"}`,
        headers: { 'content-type': 'application/json' },
      })
    const answers = await Promise.all(Array.from({ length: 7 }, (_, i) => send(i)))
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 200, 200, 503, 503, 503])
    for (const answer of answers) if (answer.status === 503) expect(answer.headers.get('retry-after')).toBe('5')
    expect((await send(7)).status).toBe(200)
  })
})
