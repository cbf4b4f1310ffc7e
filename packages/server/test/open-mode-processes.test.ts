import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi, type MockInstance } from 'vitest'
import { HotAnswers } from '../src/gateway/hot-answers.ts'
import { formatCid } from '../src/ipfs/cid.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { importSample, putRaw } from '../src/ipfs/sample-dags.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { BlockOrigin } from './support/block-origin.ts'
import { upload } from './support/content.ts'
import { rawConnect, type RawConnection } from './support/raw-http.ts'

// Processes start when a machine with other work to do comes to it.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 })

describe.each(databases)('the open mode in a process of the gateway, on %s', (database) => {
  let origin: BlockOrigin
  let app: TestApp
  let key: KeyValues
  let find: MockInstance<HotAnswers['find']>
  beforeAll(async () => {
    find = vi.spyOn(HotAnswers.prototype, 'find')
    origin = await BlockOrigin.start()
    app = await startTestApp({
      database,
      gatewayProcesses: 2,
      env: { PINYON_GATEWAY_OPEN: 'on', PINYON_IPFS_GATEWAYS: origin.url },
    })
    key = await app.setUp()
    await vi.waitUntil(() => app.log().includes('a process of the gateway serves'), 120_000)
  })
  afterAll(async () => {
    find.mockRestore()
    await app.close()
    await origin.close()
  })

  /** A connection that the other process has, by what it answers to the empty CID. */
  async function connectThere(): Promise<RawConnection> {
    for (;;) {
      const connection = await rawConnect(app.gatewayUrl)
      const before = find.mock.calls.length
      connection.socket.write('GET /ipfs/bafkqaaa HTTP/1.1\r\nHost: x\r\n\r\n')
      await connection.until(/^HTTP\/1\.1 200 OK[^]*\r\n\r\n/)
      if (find.mock.calls.length === before) return connection
      connection.socket.destroy()
    }
  }

  /** All that the other process answers to one request. */
  async function askThere(path: string, headers = ''): Promise<string> {
    const connection = await connectThere()
    const { length } = connection.received()
    connection.socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`)
    return (await connection.closed()).text.slice(length)
  }

  it('is the same: what others have is given and kept, what is private here is as if absent', async () => {
    const content = `open there on ${database}`
    const cid = origin.add(await importSample([{ path: 'o', content: Buffer.from(content) }], { chunkBytes: 100 }))
    const cached = 'Cache-Control: only-if-cached\r\n'
    expect(await askThere(`/ipfs/${cid}`, cached)).toMatch(/^HTTP\/1\.1 412 /)
    expect(origin.asked).toEqual([])
    expect(await askThere(`/ipfs/${cid}`)).toMatch(new RegExp(`^HTTP/1\\.1 200 OK[^]*\r\n\r\n${content}$`))
    expect(await askThere(`/ipfs/${cid}`, cached)).toMatch(/^HTTP\/1\.1 200 /)
    expect(origin.asked.length).toBe(1)
    const hidden = await upload(app, key, [['h.txt', `hidden on ${database}`]], { network: 'private' })
    const absent = formatCid(putRaw(new MemoryBlocks(), randomBytes(20)))
    const words = async (asked: string) =>
      (await askThere(`/ipfs/${asked}`)).replaceAll(asked, 'CID').replaceAll(/^(x-request-id|Date): .*$/gm, '')
    const unknown = await words(absent)
    expect(unknown).toMatch(/^HTTP\/1\.1 504 [^]*retry-after: 30[^]*nobody who was asked has it/)
    expect(await words(hidden.cid)).toBe(unknown)
  })

  it('waits for nothing any more when its client goes', async () => {
    origin.absent = 'hangs'
    const { openBlocks } = app.services
    if (openBlocks === undefined) throw new Error('the open mode is off')
    const get = vi.spyOn(openBlocks, 'get')
    const connection = await connectThere()
    const cid = formatCid(putRaw(new MemoryBlocks(), randomBytes(20)))
    connection.socket.write(`GET /ipfs/${cid} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await expect.poll(() => origin.asked.includes(cid), { timeout: 60_000 }).toBe(true)
    const signal = get.mock.calls.find(([wish]) => formatCid(wish.cid) === cid)?.[1]
    expect(signal?.aborted).toBe(false)
    connection.socket.destroy()
    await expect.poll(() => signal?.aborted, { timeout: 60_000 }).toBe(true)
    get.mockRestore()
  })
})
