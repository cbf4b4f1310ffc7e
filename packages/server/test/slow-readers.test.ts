import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { doors } from '../src/api/doors.ts'
import { listenApi } from '../src/http/server.ts'
import { httpTimes } from '../src/http/times.ts'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { heldByProcess } from './support/held-by-process.ts'
import { rawAsk, rawConnect } from './support/raw-http.ts'

const mebibyte = 1024 * 1024

describe('clients that take nothing of an answer', () => {
  let app: TestApp
  let key: KeyValues
  let path: string
  beforeAll(async () => {
    app = await startTestApp()
    key = await app.setUp()
    const { id } = await upload(app, key, [['a.bin', randomBytes(24 * mebibyte)]], { network: 'private' })
    path = `/pinyon/v1/files/${id}/content`
  })
  afterAll(() => app.close())

  it('are cut after a while, hold little, and keep nobody waiting', { timeout: 60_000 }, async () => {
    const api = await listenApi(app.services, doors, { times: { ...httpTimes, readerMs: 1_000 } })
    const url = `http://127.0.0.1:${api.port}`
    try {
      const before = await heldByProcess()
      const slow = await Promise.all(
        Array.from({ length: 60 }, async () => {
          const connection = await rawConnect(url)
          connection.socket.pause()
          connection.socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key.JWT}\r\n\r\n`)
          return connection
        }),
      )
      expect((await rawAsk(url, 'GET', '/health/live')).status).toBe(200)
      // There is no event that tells of a server that waits.
      await sleep(500)
      // 60 answers of 24 MiB: what is read ahead for each is bounded.
      expect(process.memoryUsage().rss - before.rssBytes).toBeLessThan(400 * mebibyte)
      await sleep(1_500)
      for (const { socket } of slow) socket.resume()
      for (const connection of slow) expect((await connection.closed()).text.length).toBeLessThan(24 * mebibyte)
      await expect
        .poll(async () => (await heldByProcess()).sockets, { timeout: 60_000 })
        .toBeLessThan(before.sockets + 4)
    } finally {
      await api.close(0)
    }
  })

  it('are not cut while they take something now and then', { timeout: 60_000 }, async () => {
    const api = await listenApi(app.services, doors, { times: { ...httpTimes, readerMs: 2_000 } })
    try {
      const connection = await rawConnect(`http://127.0.0.1:${api.port}`)
      const { socket } = connection
      let taken = 0
      socket.on('data', (piece: string) => {
        taken += piece.length
        // A reader of some megabytes a second, who stops for a moment after each piece.
        socket.pause()
        setTimeout(() => socket.resume(), 5)
      })
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${key.JWT}\r\n\r\n`)
      await connection.closed()
      expect(taken).toBeGreaterThan(24 * mebibyte)
    } finally {
      await api.close(0)
    }
  })
})
