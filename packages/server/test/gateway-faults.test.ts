import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { listenGateway } from '../src/gateway/server.ts'
import { httpTimes } from '../src/http/times.ts'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { rawAsk, rawConnect } from './support/raw-http.ts'

const mebibyte = 1024 * 1024

describe('damage and clients that go', () => {
  let app: TestApp
  let key: KeyValues
  const get = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)

  beforeAll(async () => {
    app = await startTestApp()
    key = await app.setUp()
  })
  afterAll(() => app.close())
  beforeEach(() => {
    vi.restoreAllMocks()
  })

  async function findInPacks(bytes: Uint8Array): Promise<{ file: string; at: number }> {
    const dir = join(app.dataDir, 'packs')
    for (const name of await readdir(dir, { recursive: true })) {
      if (!name.endsWith('.car')) continue
      const at = (await readFile(join(dir, name))).indexOf(bytes)
      if (at !== -1) return { file: join(dir, name), at }
    }
    throw new Error('the bytes are in no pack')
  }
  /** Changes one byte of what lies on disk. */
  async function flip(bytes: Uint8Array): Promise<void> {
    const { file, at } = await findInPacks(bytes.subarray(0, 64))
    const handle = await open(file, 'r+')
    const changed = bytes[10] ?? 0
    await handle.write(Buffer.from([changed ^ 1]), 0, 1, at + 10)
    await handle.close()
  }
  const damaged = async (): Promise<number> => (await app.services.metrics.damagedBlocks.get()).values[0]?.value ?? 0

  it('cuts the connection when a block in mid-stream is damaged, and never serves the block', async () => {
    const content = randomBytes(3 * mebibyte)
    const { id, cid } = await upload(app, key, [['a.bin', content]])
    await flip(content.subarray(2 * mebibyte))
    const before = await damaged()
    for (const path of [`/ipfs/${cid}`, `/ipfs/${cid}?format=car`, `/ipfs/${cid}?filename=a.mp4`]) {
      const answer = await get(path)
      expect([answer.status, answer.complete], path).toEqual([200, false])
      expect(answer.body.length, path).toBeLessThan(2.2 * mebibyte)
    }
    const own = await rawAsk(app.apiUrl, 'GET', `/pinyon/v1/files/${id}/content`, {
      authorization: `Bearer ${key.JWT}`,
    })
    expect([own.status, own.complete]).toEqual([200, false])
    expect(await damaged()).toBeGreaterThanOrEqual(before + 4)
    // What is whole is still served: beside the damage, and the parts before it.
    const beside = await get(`/ipfs/${cid}`, { range: 'bytes=0-99' })
    expect([beside.status, beside.body.equals(content.subarray(0, 100))]).toEqual([206, true])
    const after = await get(`/ipfs/${cid}`, { range: `bytes=${2.5 * mebibyte}-` })
    expect([after.status, after.complete]).toEqual([206, true])
  })

  it('answers 404, and logs no fault, when the content is unpinned after it was found', async () => {
    const { publicPlaces } = app.services
    const logged = app.log().length
    for (const when of ['before the first bytes', 'in mid-stream']) {
      const { id, cid } = await upload(app, key, [['a.bin', randomBytes(3 * mebibyte)]])
      const find = publicPlaces.find.bind(publicPlaces)
      let left = when === 'in mid-stream' ? 4 : 2
      vi.spyOn(publicPlaces, 'peek').mockReturnValue(undefined)
      vi.spyOn(publicPlaces, 'find').mockImplementation(async (multihash) => {
        if (--left === 0) expect((await app.ask('DELETE', `/v3/files/public/${id}`, { key })).status).toBe(200)
        return find(multihash)
      })
      const answer = await get(`/ipfs/${cid}`)
      const expected = when === 'in mid-stream' ? [200, false] : [404, true]
      expect([answer.status, answer.complete], when).toEqual(expected)
      expect(left, when).toBeLessThanOrEqual(0)
      vi.restoreAllMocks()
    }
    expect(app.log().slice(logged)).not.toContain('gateway request failed')
  })

  it('says in words that the very first block is damaged', async () => {
    const content = randomBytes(mebibyte)
    const { id, cid } = await upload(app, key, [['a.bin', content]])
    await flip(content)
    for (const path of [`/ipfs/${cid}`, `/ipfs/${cid}?filename=a.mp4`, `/ipfs/${cid}?filename=a.mp4&download=true`]) {
      const answer = await get(path)
      expect([answer.status, answer.complete], path).toEqual([503, true])
      expect(answer.headers['retry-after']).toBeDefined()
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.headers.etag).toBeUndefined()
      expect(answer.text).toContain('damaged')
    }
    const own = await rawAsk(app.apiUrl, 'GET', `/pinyon/v1/files/${id}/content`, {
      authorization: `Bearer ${key.JWT}`,
    })
    expect(own.status).toBe(503)
    expect(JSON.parse(own.text).error.reason).toBe('STORAGE_FAILED')
    for (const name of ['etag', 'content-disposition', 'accept-ranges']) expect(own.headers[name], name).toBeUndefined()
    expect(app.log()).toContain('a stored block is damaged')
  })

  it('answers a conditional request without reading what lies below the root', async () => {
    const content = randomBytes(3 * mebibyte)
    const { cid } = await upload(app, key, [['a.bin', content]])
    const reads = vi.spyOn(app.services.packs, 'read')
    // Of this content alone: what was found damaged before is looked at again in the background.
    const leavesRead = async () => {
      const read = await Promise.allSettled(reads.mock.results.map(({ value }) => value as Promise<Buffer>))
      return read.filter((one) => one.status === 'fulfilled' && content.includes(one.value)).length
    }
    expect((await get(`/ipfs/${cid}`, { 'if-none-match': `"${cid}"` })).status).toBe(304)
    expect((await rawAsk(app.gatewayUrl, 'HEAD', `/ipfs/${cid}?filename=a.bin`)).status).toBe(200)
    expect((await get(`/ipfs/${cid}?filename=a.bin`, { range: 'bytes=99999999-' })).status).toBe(416)
    expect(await leavesRead()).toBe(0)
    // A range reads its own blocks only.
    await get(`/ipfs/${cid}?filename=a.bin`, { range: `bytes=${mebibyte}-${mebibyte + 9}` })
    expect(await leavesRead()).toBe(1)
  })

  it(
    'stops reading when the client goes away, and reads no further than a slow one takes',
    { timeout: 60_000 },
    async () => {
      const head = `\r\nHost: x\r\nAuthorization: Bearer ${key.JWT}\r\n\r\n`
      for (const pathOf of [
        ({ cid }: Uploaded) => `/ipfs/${cid}`,
        ({ cid }: Uploaded) => `/ipfs/${cid}?format=car`,
        ({ id }: Uploaded) => `/pinyon/v1/files/${id}/content`,
        ({ id }: Uploaded) => `/pinyon/v1/files/${id}/content?format=car`,
      ]) {
        // Content of its own each time: what was read before would come from memory.
        const path = pathOf(await upload(app, key, [['a.bin', randomBytes(40 * mebibyte)]]))
        const url = path.startsWith('/ipfs/') ? app.gatewayUrl : app.apiUrl
        const reads = vi.spyOn(app.services.packs, 'read')
        reads.mockClear()
        const connection = await rawConnect(url)
        connection.socket.pause()
        connection.socket.write(`GET ${path} HTTP/1.1${head}`)
        // Until what the kernel buffers is full.
        let taken = -1
        await expect
          .poll(
            () => {
              const grown = reads.mock.calls.length > taken || taken < 1
              taken = reads.mock.calls.length
              return grown
            },
            { interval: 300, timeout: 60_000 },
          )
          .toBe(false)
        expect(taken, path).toBeLessThan(100)
        connection.socket.destroy()
        await expect.poll(() => reads.mock.calls.length, { interval: 200 }).toBeLessThan(taken + 4)
      }
    },
  )

  it('gives up on a client that takes nothing', async () => {
    const { cid } = await upload(app, key, [['a.bin', randomBytes(32 * mebibyte)]])
    const gateway = await listenGateway(app.services, { times: { ...httpTimes, readerMs: 400 } })
    try {
      const connection = await rawConnect(`http://127.0.0.1:${gateway.port}`)
      connection.socket.pause()
      connection.socket.write(`GET /ipfs/${cid} HTTP/1.1\r\nHost: x\r\n\r\n`)
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      connection.socket.resume()
      const { text } = await connection.closed()
      expect(text.length).toBeLessThan(32 * mebibyte)
    } finally {
      await gateway.close(0)
    }
  })

  it('cuts or refuses, and never ends well, when bytes of a pack are gone', async () => {
    const content = randomBytes(3 * mebibyte)
    const { cid } = await upload(app, key, [['a.bin', content]])
    const { file, at } = await findInPacks(content.subarray(2 * mebibyte, 2 * mebibyte + 64))
    await truncate(file, at + 1_000)
    const answer = await get(`/ipfs/${cid}?filename=a.bin`)
    expect(answer.status === 503 || !answer.complete).toBe(true)
    expect((await get(`/ipfs/bafkqaaa`)).status).toBe(200)
  })
})
