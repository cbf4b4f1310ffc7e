import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { rawConnect } from './support/raw-http.ts'
import { formBytes, formType, remains, sendChunked, sendForm, type Part } from './support/upload.ts'

const limit = 1_000_000

/** A form that is so long with all that is around its file. */
function formOf(bytes: number, name: string): Part[] {
  const around = formBytes([['file', '', name]]).length
  return [['file', Buffer.alloc(bytes - around, name), name]]
}

describe.each(databases)('lengths of uploads on %s (T123)', (database) => {
  let app: TestApp
  let key: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_MAX_UPLOAD: '1' } })
    const operator = await app.setUp()
    // With a quota, room is promised to each upload.
    key = await app.makeAccount(operator, `lengths-${database}`, { quotaBytes: 100_000_000 })
  })
  afterAll(() => app.close())

  const head = (path: string, ...more: string[]) =>
    `${[`POST ${path} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${key.JWT}`, `Content-Type: ${formType}`, ...more].join('\r\n')}\r\n\r\n`
  const underWay = async () => (await app.services.metrics.uploadsUnderWay.get()).values[0]?.value ?? 0
  async function expectNothingLeft(before: Awaited<ReturnType<typeof remains>>) {
    await expect.poll(() => remains(app, key.accountId)).toEqual(before)
    await expect.poll(underWay).toBe(0)
  }

  describe.each(['/v3/files', '/pinning/pinFileToIPFS'])('at %s', (path) => {
    const name = (what: string) => `${what}-${path.length}.bin`
    const chunked = (parts: readonly Part[]) => {
      const form = formBytes(parts)
      return sendChunked(app, path, key, [form.subarray(0, 300_000), form.subarray(300_000)])
    }

    it('a body of the limit is taken, and one byte more is 413, with its length said or not', async () => {
      expect((await sendForm(app, path, key, formOf(limit, name('said')))).status).toBe(200)
      expect((await chunked(formOf(limit, name('unsaid')))).status).toBe(200)
      const before = await remains(app, key.accountId)
      expect((await sendForm(app, path, key, formOf(limit + 1, name('over-said')))).status).toBe(413)
      expect((await chunked(formOf(limit + 1, name('over-unsaid')))).status).toBe(413)
      await expectNothingLeft(before)
    })

    it('a body without an end is 413 when the limit is reached', async () => {
      const before = await remains(app, key.accountId)
      const connection = await rawConnect(app.apiUrl, head(path, 'Transfer-Encoding: chunked'))
      connection.socket.on('error', () => {}) // it may be cut while there is still something to send
      const begin = formBytes([['file', '', name('endless')]])
      const pieces = (bytes: Buffer) => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]) // prettier-ignore
      // Without the boundary at its end.
      connection.socket.write(pieces(begin.subarray(0, begin.lastIndexOf('\r\n--'))))
      let sent = 0
      while (!/HTTP\/1\.1 \d/.test(connection.received()) && sent < 64 * limit) {
        sent += 50_000
        if (!connection.socket.write(pieces(Buffer.alloc(50_000)))) await once(connection.socket, 'drain')
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(connection.received()).toMatch(/^HTTP\/1\.1 413 /)
      connection.socket.destroy()
      await expectNothingLeft(before)
    })

    it('a body that ends before its length is refused, and nothing is kept', async () => {
      const before = await remains(app, key.accountId)
      const form = formBytes([['file', Buffer.alloc(200_000, 'short'), name('short')]])
      for (const bytes of [form, form.subarray(0, 100_000), form.subarray(0, 10)]) {
        const connection = await rawConnect(app.apiUrl, head(path, `Content-Length: ${form.length + 1_000}`))
        connection.socket.on('error', () => {})
        connection.socket.end(bytes)
        const { text } = await connection.closed()
        expect(text).toMatch(/^(HTTP\/1\.1 400 .*|)$/s)
      }
      await expectNothingLeft(before)
    })

    it('a body that goes on behind its length is cut there, and the rest is no request', async () => {
      const before = await remains(app, key.accountId)
      const form = formBytes([['file', Buffer.alloc(200_000, 'long'), name('long')]])
      const connection = await rawConnect(app.apiUrl, head(path, `Content-Length: ${form.length - 1_000}`))
      connection.socket.on('error', () => {})
      connection.socket.end(form)
      const { text } = await connection.closed()
      const statuses = text.match(/HTTP\/1\.1 \d+/g) ?? []
      expect(statuses.length).toBeGreaterThan(0)
      expect(new Set(statuses)).toEqual(new Set(['HTTP/1.1 400']))
      await expectNothingLeft(before)
    })
  })
})
