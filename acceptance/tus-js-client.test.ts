import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import * as tus from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeData, setUp, startServer, type KeyValues, type TestServer } from './support/server.ts'

const mib = 1024 * 1024
const chunkBytes = 50 * mib

/** Its types leave it out. */
const { FileUrlStorage } = tus as unknown as { FileUrlStorage: new (path: string) => tus.UrlStorage }

describe('tus-js-client in Node, unmodified,', { timeout: 180_000 }, () => {
  let server: TestServer
  let key: KeyValues
  let dir: string

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pinyon-tus-'))
    server = await startServer()
    key = await setUp(server)
  })
  afterAll(async () => {
    await server.kill()
    await removeData(server)
    await rm(dir, { recursive: true, force: true })
  })

  async function makeFile(name: string, sizeBytes: number): Promise<{ path: string; bytes: Buffer }> {
    const [path, bytes] = [join(dir, name), randomBytes(sizeBytes)]
    await writeFile(path, bytes)
    return { path, bytes }
  }

  /** An upload of a file as programs set it up, and what becomes of it. */
  function open(path: string, options: tus.UploadOptions = {}) {
    // Nobody knows how long the content will be only where it is no file.
    const content = createReadStream(path)
    const source = options.uploadLengthDeferred === true ? Readable.from(content, { objectMode: false }) : content
    const { promise: cid, resolve, reject } = Promise.withResolvers<string>()
    const upload = new tus.Upload(source, {
      endpoint: `${server.apiUrl}/v3/files`,
      headers: { authorization: `Bearer ${key.JWT}` },
      metadata: { filename: 'sent.bin', filetype: 'application/octet-stream', network: 'private' },
      chunkSize: chunkBytes,
      onError: reject,
      onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader('upload-cid') ?? 'none'),
      ...options,
    })
    return { upload, cid }
  }

  async function dieAndReturn(ports: { api: number; gateway: number }) {
    await server.kill()
    server = await startServer({ dataDir: server.dataDir, ports })
  }

  async function expectFile(url: string | null, cid: string, bytes: Buffer) {
    const id = new URL(String(url)).pathname.split('/').at(-2)
    const headers = { authorization: `Bearer ${key.JWT}` }
    const { data } = (await (await fetch(`${server.apiUrl}/v3/files/private/${id}`, { headers })).json()) as {
      data: { cid: string; size: number; name: string }
    }
    expect(data).toMatchObject({ cid, size: bytes.length, name: 'sent.bin' })
    const content = await fetch(`${server.apiUrl}/pinyon/v1/files/${id}/content`, { headers })
    // One request with a form comes to the same CID.
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(bytes)]), 'sent.bin')
    const whole = await fetch(`${server.apiUrl}/v3/files`, { method: 'POST', headers, body: form })
    expect(await whole.json()).toMatchObject({ data: { cid, is_duplicate: true } })
    const got = createHash('sha256').update(new Uint8Array(await content.arrayBuffer()))
    expect(got.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
  }

  it.each<[string, number, tus.UploadOptions]>([
    ['a small file', 100_000, {}],
    ['an empty file', 0, {}],
    ['200 MB in chunks', 200 * mib + 5, {}],
    ['200 MB in one request', 200 * mib, { chunkSize: Infinity }],
    ['its first bytes with the creation', 3 * mib, { chunkSize: mib, uploadDataDuringCreation: true }],
    ['a length that is said at the end', 3 * mib + 1, { chunkSize: mib, uploadLengthDeferred: true }],
  ])('sends %s', async (name, sizeBytes, options) => {
    const { path, bytes } = await makeFile(name, sizeBytes)
    const { upload, cid } = open(path, options)
    upload.start()
    const made = await cid
    expect(made).toMatch(/^baf/)
    await expectFile(upload.url, made, bytes)
  })

  it('sends several at once, in chunks of several sizes', async () => {
    const cids = await Promise.all(
      [64 * 1024, mib + 1, 5 * mib, Infinity].map(async (chunkSize) => {
        const { path, bytes } = await makeFile(`at-once-${chunkSize}`, 12 * mib + 3)
        const { upload, cid } = open(path, { chunkSize })
        upload.start()
        const made = await cid
        await expectFile(upload.url, made, bytes)
        return made
      }),
    )
    expect(new Set(cids).size).toBe(4)
  })

  it('stops, and goes on from the address that it kept in a file', async () => {
    const { path, bytes } = await makeFile('paused', 200 * mib)
    const urlStorage = new FileUrlStorage(join(dir, 'addresses.json'))
    const { promise: stopped, resolve } = Promise.withResolvers<number>()
    const first = open(path, {
      urlStorage,
      onProgress(sent) {
        if (sent > 90 * mib) void first.upload.abort().then(() => resolve(sent))
      },
    })
    first.upload.start()
    const sent = await stopped
    let from: number | undefined
    const second = open(path, {
      urlStorage,
      onAfterResponse(asked, answer) {
        if (asked.getMethod() === 'HEAD') from = Number(answer.getHeader('upload-offset'))
      },
    })
    const [kept, ...others] = await second.upload.findPreviousUploads()
    expect(others).toEqual([])
    if (kept === undefined) throw new Error('no address was kept')
    second.upload.resumeFromPreviousUpload(kept)
    second.upload.start()
    await expectFile(kept.uploadUrl, await second.cid, bytes)
    expect(from).toBeGreaterThan(0)
    expect(sent - (from ?? 0)).toBeLessThan(chunkBytes)
  })

  it.each([chunkBytes, Infinity])('goes on by itself after kill -9, in chunks of %d bytes', async (chunkSize) => {
    const { path, bytes } = await makeFile(`killed-${chunkSize}`, 200 * mib)
    const ports = { api: Number(new URL(server.apiUrl).port), gateway: Number(new URL(server.gatewayUrl).port) }
    const again: number[] = []
    let sent = 0
    let dying: Promise<void> | undefined
    const { upload, cid } = open(path, {
      chunkSize,
      retryDelays: Array.from({ length: 60 }, () => 500),
      onProgress(count) {
        sent = Math.max(sent, count)
        if (sent > 120 * mib) dying ??= dieAndReturn(ports)
      },
      onAfterResponse(asked, answer) {
        if (asked.getMethod() === 'HEAD') again.push(sent - Number(answer.getHeader('upload-offset')))
      },
    })
    upload.start()
    const made = await cid
    expect(dying).toBeDefined()
    await dying
    await expectFile(upload.url, made, bytes)
    expect(again).toHaveLength(1)
    expect(again[0]).toBeLessThan(chunkBytes)
    console.log(`sent again after kill -9: ${Math.round((again[0] ?? NaN) / mib)} MiB`)
  })

  it('gives an upload up', async () => {
    const { path } = await makeFile('given-up', 10 * mib)
    const { promise: isGone, resolve } = Promise.withResolvers<void>()
    const { upload } = open(path, {
      chunkSize: mib,
      onChunkComplete: () => void upload.abort(true).then(resolve),
    })
    upload.start()
    await isGone
    const headers = { authorization: `Bearer ${key.JWT}` }
    expect((await fetch(String(upload.url), { method: 'HEAD', headers })).status).toBe(404)
    await expect(tus.Upload.terminate(String(upload.url), { headers, retryDelays: null })).rejects.toThrow('404')
  })

  it('tells why a key is refused, and does not try again', async () => {
    const { path } = await makeFile('refused', 100)
    let asked = 0
    const wrong = open(path, { headers: { authorization: 'Bearer not.a.key' }, onBeforeRequest: () => void asked++ })
    wrong.upload.start()
    await expect(wrong.cid).rejects.toThrow('INVALID_CREDENTIALS')
    expect(asked).toBe(1)
    const made = await fetch(`${server.apiUrl}/v3/pinata/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.JWT}`, 'content-type': 'application/json' },
      body: JSON.stringify({ keyName: 'reads', permissions: { endpoints: { files: { list: true } } } }),
    })
    const reader = (await made.json()) as KeyValues
    const unable = open(path, { headers: { authorization: `Bearer ${reader.JWT}` } })
    unable.upload.start()
    await expect(unable.cid).rejects.toThrow('org:files:write')
  })
})
