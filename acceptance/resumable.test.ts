import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, expect, it } from 'vitest'
import { removeData, setUp, startServer, type KeyValues, type TestServer } from './support/server.ts'

const mib = 1024 * 1024
/** What the SDKs send in one request. */
const chunkBytes = 50 * mib + 1

let server: TestServer | undefined

afterAll(async () => {
  if (server === undefined) return
  await server.kill()
  await removeData(server)
})

/** Sends bytes from an offset on until they are sent or the connection breaks. Answers how many were written. */
function send(url: string, key: KeyValues, bytes: Buffer, offset: number, onBytes: (count: number) => void) {
  return new Promise<{ status: number; cid: string | undefined } | undefined>((resolve) => {
    const sending = request(
      url,
      {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${key.JWT}`,
          'content-type': 'application/offset+octet-stream',
          'upload-offset': offset,
          'content-length': bytes.length - offset,
        },
      },
      (answer) => {
        answer.resume()
        const cid = answer.headers['upload-cid']
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, cid: cid === undefined ? cid : String(cid) }),
        )
      },
    )
    sending.once('error', () => resolve(undefined))
    const isClosed = new Promise<void>((resolveClosed) => sending.once('close', () => resolveClosed()))
    const write = async () => {
      for (let at = offset; at < bytes.length && !sending.destroyed; at += mib) {
        const piece = bytes.subarray(at, at + mib)
        if (!sending.write(piece)) await Promise.race([new Promise((go) => sending.once('drain', go)), isClosed])
        onBytes(piece.length)
      }
      sending.end()
    }
    void write()
  })
}

it(
  'goes on after the server was killed in the middle, and sends less than a chunk again',
  { timeout: 300_000 },
  async () => {
    server = await startServer()
    const admin = await setUp(server)
    const bytes = randomBytes(300 * mib + 12_345)
    const headers = { authorization: `Bearer ${admin.JWT}` }
    const begun = await fetch(`${server.apiUrl}/v3/files`, {
      method: 'POST',
      headers: { ...headers, 'tus-resumable': '1.0.0', 'upload-length': String(bytes.length) },
    })
    expect(begun.status).toBe(201)
    const path = new URL(String(begun.headers.get('location'))).pathname
    const again: number[] = []
    let offset = 0
    let cid: string | undefined
    for (let kills = 0; cid === undefined; kills++) {
      const life: TestServer = server
      const stopAt = kills < 3 ? offset + (60 + Math.random() * 40) * mib : Infinity
      let sent = offset
      let dying: Promise<void> | undefined
      const answer = await send(`${life.apiUrl}${path}`, admin, bytes, offset, (count) => {
        sent += count
        if (sent >= stopAt) dying ??= life.kill()
      })
      if (dying === undefined) {
        expect(answer?.status).toBe(204)
        cid = answer?.cid
        break
      }
      await dying
      server = await startServer({ dataDir: life.dataDir })
      const head = await fetch(`${server.apiUrl}${path}`, { method: 'HEAD', headers })
      expect(head.status).toBe(200)
      offset = Number(head.headers.get('upload-offset'))
      again.push(sent - offset)
    }
    expect(again).toHaveLength(3)
    for (const count of again) expect(count).toBeLessThan(chunkBytes)
    console.log(`sent again after kill -9: ${again.map((count) => `${Math.round(count / mib)} MiB`).join(', ')}`)
    const id = path.split('/').at(-2)
    const file = (await (await fetch(`${server.apiUrl}/v3/files/private/${id}`, { headers })).json()) as {
      data: { cid: string; size: number }
    }
    expect(file.data).toMatchObject({ cid, size: bytes.length })
    const content = await fetch(`${server.apiUrl}/pinyon/v1/files/${id}/content`, { headers })
    const hash = createHash('sha256')
    if (content.body === null) throw new Error('the content has no body')
    for await (const piece of content.body) hash.update(piece)
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
  },
)
