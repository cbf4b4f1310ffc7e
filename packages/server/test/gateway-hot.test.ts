import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, type MockInstance, vi } from 'vitest'
import { HotAnswers } from '../src/gateway/hot-answers.ts'
import { putDirectory, putRaw } from '../src/ipfs/sample-dags.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, uploadDag } from './support/content.ts'
import { rawAsk } from './support/raw-http.ts'

// A machine with other work to do may take its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

describe.each(databases)('what the gateway gives again on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  let find: MockInstance<HotAnswers['find']>
  const isHot = () => find.mock.results.at(-1)?.value !== undefined
  const ask = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)
  const told = ({ status, headers, body }: Awaited<ReturnType<typeof ask>>) => {
    const { date: _date, 'x-request-id': id, ...rest } = headers
    expect(id).toMatch(/^[\da-f-]{36}$/)
    return { status, rest, body: body.toString('base64') }
  }
  /** Asks until the answer is given again: that a block is public is believed for less than a second only. */
  async function askHot(path: string, headers: Record<string, string> = {}) {
    for (let tries = 0; tries < 500; tries++) {
      const answer = await ask(path, headers)
      if (isHot()) return answer
    }
    throw new Error(`${path} is found out anew each time`)
  }

  beforeAll(async () => {
    find = vi.spyOn(HotAnswers.prototype, 'find')
    app = await startTestApp({ database })
    key = await app.setUp()
  })
  afterAll(async () => {
    find.mockRestore()
    await app.close()
  })

  it('has the headers and the bytes of an answer that was found out anew', async () => {
    const file = await upload(app, key, [['page.html', `<h1>${randomBytes(8).toString('hex')}</h1>`]])
    const large = await upload(app, key, [['b.bin', randomBytes(100_000)]])
    const old = await upload(app, key, [['v0.txt', randomBytes(64).toString('hex')]], { cid_version: 'v0' })
    const folder = await upload(app, key, [
      ['d/ü b.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
      ['d/e/f.json', '{"a":1}'],
    ])
    const site = await upload(app, key, [
      ['s/index.html', '<title>home</title>'],
      ['s/x.txt', 'x'],
    ])
    const label = `${site.cid}.ipfs.localhost`
    for (const [path, headers = {}] of [
      [`/ipfs/${file.cid}`],
      [`/ipfs/${file.cid}?filename=a%22b.html`],
      [`/ipfs/${file.cid}?download=true`],
      [`/ipfs/${file.cid}?format=raw`],
      [`/ipfs/${file.cid}`, { accept: 'application/vnd.ipld.raw' }],
      [`/ipfs/${file.cid}`, { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }],
      [`/ipfs/${file.cid}?format=json`],
      [`/ipfs/${large.cid}`],
      [`/ipfs/${old.cid}`],
      [`/ipfs/${folder.cid}/`],
      [`/ipfs/${folder.cid}/%C3%BC%20b.svg`],
      [`/ipfs/${folder.cid}/e/`],
      [`/ipfs/${folder.cid}/e/f.json`],
      [`/ipfs/${site.cid}/`],
      ['/', { host: label }],
      ['/x.txt', { host: label }],
    ] as const) {
      const anew = await ask(path, headers)
      expect([path, isHot(), anew.status]).toEqual([path, false, 200])
      const again = await askHot(path, headers)
      expect(told(again)).toEqual(told(anew))
      expect(again.headers['x-request-id']).not.toBe(anew.headers['x-request-id'])
    }
  })

  it('is given to whoever asks for it so, and to nobody who asks otherwise', async () => {
    const { cid } = await upload(app, key, [['fox.txt', 'The quick brown fox']])
    await askHot(`/ipfs/${cid}`)
    for (const [path, headers, status] of [
      [`/ipfs/${cid}`, { range: 'bytes=0-2' }, 206],
      [`/ipfs/${cid}`, { 'if-none-match': `"${cid}"` }, 304],
      [`/ipfs/${cid}`, { 'if-none-match': '"other"' }, 200],
      [`/ipfs/${cid}`, { 'service-worker': 'script' }, 400],
      [`/ipfs/${cid}`, { accept: 'application/vnd.ipld.car' }, 200],
      [`/ipfs/${cid}`, { host: 'example.org' }, 200],
      [`/ipfs/${cid}?format=tar`, {}, 200],
    ] as const) {
      const answer = await ask(path, headers)
      expect([path, headers, isHot(), answer.status]).toEqual([path, headers, false, status])
    }
    expect((await rawAsk(app.gatewayUrl, 'HEAD', `/ipfs/${cid}`)).body.length).toBe(0)
  })

  it('is counted as every answer is', async () => {
    const { cid } = await upload(app, key, [['counted.txt', randomBytes(500)]])
    const count = async () => {
      const text = await app.services.metrics.registry.metrics()
      const of = (name: string) => Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\d+)`, 'm').exec(text)?.[1])
      return {
        requests: of('pinyon_http_requests_total{route="gateway",status="200"}'),
        bytes: of('pinyon_served_bytes_total'),
      }
    }
    const note = vi.spyOn(app.services.traffic, 'note')
    await ask(`/ipfs/${cid}`)
    const before = await count()
    note.mockClear()
    await askHot(`/ipfs/${cid}`, { 'user-agent': 'again', referer: 'https://a.example/b' })
    const asked = note.mock.calls.length
    const after = await count()
    expect(after.requests - before.requests).toBe(asked)
    expect(after.bytes - before.bytes).toBe(asked * 500)
    expect(note.mock.lastCall?.[0]).toMatchObject({ status: 200, userAgent: 'again', referer: 'https://a.example/b' })
    expect(note.mock.lastCall?.[0].bytes).toBeGreaterThan(500)
    note.mockRestore()
  })

  it('ends with the pin, with a denial of any of its blocks, and with the server', async () => {
    const { cid, id } = await upload(app, key, [['gone.txt', randomBytes(64)]])
    await askHot(`/ipfs/${cid}`)
    expect((await app.ask('DELETE', `/v3/files/public/${id}`, { key })).status).toBe(200)
    expect((await ask(`/ipfs/${cid}`)).status).toBe(404)

    const blocks = new MemoryBlocks()
    const leaf = putRaw(blocks, randomBytes(64))
    const root = putDirectory(blocks, { a: putDirectory(blocks, { b: leaf }) })
    const { cid: dag } = await uploadDag(app, key, { blocks, root })
    const path = `/ipfs/${dag}/a/b`
    await askHot(path)
    const json = { cid: dag, reason: 'A court said so.', confirm: true }
    expect((await app.ask('POST', '/pinyon/v1/denials', { key, json })).status).toBe(201)
    expect((await ask(path)).status).toBe(410)
    expect((await app.ask('DELETE', `/pinyon/v1/denials/${dag}`, { key })).status).toBe(200)
    await askHot(path)

    app.services.health.enter('draining')
    expect((await ask(path)).status).toBe(503)
  })
})
