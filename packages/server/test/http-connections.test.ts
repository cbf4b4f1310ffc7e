import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { doors } from '../src/api/doors.ts'
import { listenApi } from '../src/http/server.ts'
import { httpTimes, type HttpTimes } from '../src/http/times.ts'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { rawAsk, rawConnect, type RawConnection } from './support/raw-http.ts'

describe('connections of the api', () => {
  let app: TestApp
  let key: KeyValues

  beforeAll(async () => {
    app = await startTestApp()
    key = await app.setUp()
  })
  afterAll(() => app.close())

  const head = (method: string, path: string, more: string[]) =>
    `${[`${method} ${path} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${key.JWT}`, ...more].join('\r\n')}\r\n\r\n`
  const form = (content: string | Buffer) => {
    const boundary = 'boundary-of-the-form'
    const before = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`
    const body = Buffer.concat([Buffer.from(before), Buffer.from(content), Buffer.from(`\r\n--${boundary}--\r\n`)])
    return { body, type: `Content-Type: multipart/form-data; boundary=${boundary}` }
  }
  const withListener = async (times: Partial<HttpTimes>, use: (url: string) => Promise<void>) => {
    const api = await listenApi(app.services, doors, { times: { ...httpTimes, ...times } })
    try {
      await use(`http://127.0.0.1:${api.port}`)
    } finally {
      await api.close(0)
    }
  }
  const drip = (connection: RawConnection, piece: string | Buffer, everyMs: number) => {
    const timer = setInterval(() => connection.socket.write(piece), everyMs)
    void connection.closed().then(() => clearInterval(timer))
    return () => clearInterval(timer)
  }

  it('are cut with 408 when the head comes too slowly, and others are served meanwhile', async () => {
    await withListener({ headersMs: 600 }, async (url) => {
      const slow = await Promise.all(
        Array.from({ length: 150 }, (_, i) => rawConnect(url, i % 3 === 0 ? '' : 'GET /health')),
      )
      for (const [i, connection] of slow.entries()) if (i % 3 === 1) drip(connection, 'x', 100)
      const began = performance.now()
      expect((await rawAsk(url, 'GET', '/health/live')).status).toBe(200)
      expect(performance.now() - began).toBeLessThan(1_000)
      for (const connection of slow) {
        const { text, afterMs } = await connection.closed()
        expect(text).toMatch(/^HTTP\/1\.1 408 /)
        expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n'))).error.reason).toBe('REQUEST_TIMEOUT')
        expect(afterMs).toBeLessThan(2_600)
      }
    })
  })

  it('are cut with 408 in the dialect of the route when a body stands still', async () => {
    await withListener({ bodyWindowMs: 500 }, async (url) => {
      const { type } = form('')
      for (const [path, more] of [
        ['/pinning/pinJSONToIPFS', ['Content-Type: application/json', 'Content-Length: 1000']],
        ['/v3/files', [type, 'Content-Length: 100000']],
        ['/pinning/pinFileToIPFS', [type, 'Transfer-Encoding: chunked']],
      ] as const) {
        const connection = await rawConnect(url, head('POST', path, [...more]))
        if (path !== '/pinning/pinFileToIPFS') drip(connection, ' ', 100)
        const { text, afterMs } = await connection.closed()
        expect(text, path).toMatch(/^HTTP\/1\.1 408 /)
        const { error } = JSON.parse(text.slice(text.indexOf('\r\n\r\n')))
        expect(error.reason, path).toBe('REQUEST_TIMEOUT')
        expect('details' in error, path).toBe(path.startsWith('/pinning'))
        expect(afterMs, path).toBeLessThan(2_000)
      }
    })
    expect(app.services.reservations).toBeDefined()
    expect((await app.services.metrics.uploadsUnderWay.get()).values[0]?.value ?? 0).toBe(0)
  })

  it('are not cut while an upload lives, however long it takes', async () => {
    await withListener({ bodyWindowMs: 300 }, async (url) => {
      const { body, type } = form(randomBytes(40_000))
      const connection = await rawConnect(url, head('POST', '/v3/files', [type, `Content-Length: ${body.length}`]))
      for (let at = 0; at < body.length; at += 2_000) {
        connection.socket.write(body.subarray(at, at + 2_000))
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      expect(await connection.until(/\r\n\r\n.*\}/s)).toMatch(/^HTTP\/1\.1 200 /)
      connection.socket.destroy()
    })
  })

  it('are not held by a body that a route does not want', async () => {
    await withListener({ drainMs: 400 }, async (url) => {
      const connection = await rawConnect(url, head('DELETE', '/v3/files/public/x', ['Content-Length: 100000']))
      expect(await connection.until(/OBJECT_NOT_FOUND/)).toMatch(/^HTTP\/1\.1 404 /)
      const stop = drip(connection, 'x', 50)
      const { afterMs } = await connection.closed()
      stop()
      expect(afterMs).toBeLessThan(2_000)
    })
  })

  it('between requests end after a while', async () => {
    await withListener({ keepAliveMs: 300 }, async (url) => {
      const connection = await rawConnect(url, head('GET', '/health/live', []))
      expect(await connection.until(/"alive"/)).toMatch(/keep-alive/i)
      expect((await connection.closed()).afterMs).toBeLessThan(4_000)
    })
  })

  it('are closed with 400 over requests that can be read in two ways', async () => {
    const json = 'Content-Type: application/json'
    for (const request of [
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Content-Length: 4', 'Transfer-Encoding: chunked']) +
        '0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n',
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Transfer-Encoding: chunked', 'Content-Length: 4']) + '0\r\n\r\n',
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Content-Length: 4', 'Content-Length: 5']) + '{}  ',
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Content-Length: 4, 4']) + '{}  ',
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Content-Length: +4']) + '{}  ',
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Content-Length: -1']),
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Content-Length: 0x4']) + '{}  ',
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Content-Length : 4']) + '{}  ',
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Transfer-Encoding: xchunked']) + '0\r\n\r\n',
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Transfer-Encoding: chunked, identity']) + '0\r\n\r\n',
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Transfer-Encoding: chunked']) + 'zz\r\n\r\n',
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Transfer-Encoding: chunked']) + '-1\r\n\r\n',
      head('POST', '/pinning/pinJSONToIPFS', [json, 'Transfer-Encoding: chunked']) + '2\r\n{}0\r\n\r\n',
      head('GET', '/health/live', ['X: a\nTransfer-Encoding: chunked', '\tfolded']),
      head('GET', '/health/live', ['X: a\0b']),
      'GET /health/live HTTP/1.1\n\n',
      'GET /health/live HTTP/1.1\r\n\r\n',
      '\u0016\u0003\u0001\u0002\u0000\u0001\u0000',
    ]) {
      const connection = await rawConnect(app.apiUrl, request)
      connection.socket.end()
      const { text } = await connection.closed()
      expect(text.match(/HTTP\/1\.1 \d+/g) ?? [], JSON.stringify(request.slice(-80))).toEqual(['HTTP/1.1 400'])
      expect(text.toLowerCase()).toContain('connection: close')
    }
  })

  it('are closed with 400 in the dialect of the route over requests that do not say once whom they are for', async () => {
    for (const [path, hosts] of [
      ['/data/testAuthentication', ['Host: a', 'Host: b']],
      ['/pinning/pinJSONToIPFS', ['hOST: a', 'host: a']],
      ['/v3/files/public', []],
      ['/v3/files/public', ['Host: a b']],
      ['/health/live', ['Host: user@a']],
      ['/nothing', ['Host: a', 'HOST: a']],
    ] as const) {
      const request = [`GET ${path} HTTP/1.1`, ...hosts, `Authorization: Bearer ${key.JWT}`, '', ''].join('\r\n')
      const { text } = await (await rawConnect(app.apiUrl, request + request)).closed()
      expect(text.match(/HTTP\/1\.1 \d+/g), request).toEqual(['HTTP/1.1 400'])
      expect(text.toLowerCase()).toContain('connection: close')
      const { error } = JSON.parse(text.slice(text.indexOf('\r\n\r\n')))
      expect(error.reason).toBe('INVALID_REQUEST')
      expect('details' in error, path).toBe(/^\/(data|pinning)/.test(path))
      expect(error.details ?? error.message, path).toContain('Host')
    }
    for (const request of [
      'GET /health/live HTTP/1.0\r\n\r\n',
      'GET /health/live HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n',
      'GET /health/live HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n',
    ]) {
      const { text } = await (await rawConnect(app.apiUrl, request)).closed()
      expect(text, request).toContain('"alive"')
    }
  })

  it('answer pipelined requests in order, each with its own credential', async () => {
    const two = head('GET', '/data/testAuthentication', []) + 'GET /data/testAuthentication HTTP/1.1\r\nHost: x\r\n\r\n'
    const connection = await rawConnect(app.apiUrl, two)
    const text = await connection.until(/(HTTP\/1\.1 \d+.*\}){2}/s)
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401'])
    expect(text).toContain('INVALID_CREDENTIALS')
    connection.socket.destroy()
  })

  it('show the refusal of an upload to a client that is still sending, by every way of sending', async () => {
    const boundary = 'Content-Type: multipart/form-data; boundary=x'
    const size = 64 * 1024 * 1024
    const piece = Buffer.alloc(1024 * 1024)
    for (const more of [
      ['Connection: close'],
      [],
      ['Transfer-Encoding: chunked'],
      ['Transfer-Encoding: chunked', 'Connection: close'],
    ]) {
      const chunked = more.includes('Transfer-Encoding: chunked')
      const lines = [
        'POST /v3/files HTTP/1.1',
        'Host: x',
        'Authorization: Bearer a.b.c',
        boundary,
        ...more,
        ...(chunked ? [] : [`Content-Length: ${size}`]),
      ]
      const connection = await rawConnect(app.apiUrl, `${lines.join('\r\n')}\r\n\r\n`)
      let failed: Error | undefined
      connection.socket.on('error', (error) => (failed = error))
      for (let sent = 0; sent < size; sent += piece.length) {
        if (chunked) connection.socket.write(`${piece.length.toString(16)}\r\n`)
        const room = connection.socket.write(piece)
        if (chunked) connection.socket.write('\r\n')
        if (!room) await once(connection.socket, 'drain')
      }
      if (chunked) connection.socket.write('0\r\n\r\n')
      expect(await connection.until(/INVALID_CREDENTIALS/), String(more)).toMatch(/^HTTP\/1\.1 401 /)
      expect(failed, String(more)).toBeUndefined()
      if (more.includes('Connection: close')) await connection.closed()
      else {
        // The connection is good for another request.
        connection.socket.write(head('GET', '/health/live', []))
        expect(await connection.until(/"alive"/)).toContain('HTTP/1.1 200')
      }
      connection.socket.destroy()
    }
  })

  it('tell a client that waits whether its body is wanted, before it sends it', async () => {
    const { body, type } = form('expected')
    const expecting = [type, `Content-Length: ${body.length}`, 'Expect: 100-continue']
    const good = await rawConnect(app.apiUrl, head('POST', '/v3/files', expecting))
    expect(await good.until(/\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    good.socket.write(body)
    expect(await good.until(/"cid"/)).toContain('HTTP/1.1 200 ')
    good.socket.destroy()
    for (const [request, status] of [
      [head('POST', '/v3/files', expecting).replace(/Bearer .*/, 'Bearer a.b.c'), 401],
      [head('POST', '/pinning/pinJSONToIPFS', ['Content-Length: 99999999', 'Expect: 100-continue']), 413],
      [head('POST', '/pinning/nothing', expecting), 404],
      [
        head('POST', '/pinning/pinJSONToIPFS', ['Content-Length: 5', 'Expect: 100-continue', 'Content-Encoding: gzip']),
        415,
      ],
    ] as const) {
      const { text } = await (await rawConnect(app.apiUrl, request)).closed()
      expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`])
      expect(text.toLowerCase()).toContain('connection: close')
    }
    const json = await rawConnect(
      app.apiUrl,
      head('POST', '/pinning/pinJSONToIPFS', ['Content-Length: 2', 'Expect: 100-continue']),
    )
    await json.until(/100 Continue/)
    json.socket.write('{}')
    expect(await json.until(/IpfsHash/)).toContain('HTTP/1.1 200 ')
    json.socket.destroy()
    const odd = await rawConnect(app.apiUrl, head('GET', '/health/live', ['Expect: something']))
    expect(await odd.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 417 /)
    expect(await odd.until(/EXPECTATION_FAILED/)).toContain('nosniff')
    odd.socket.destroy()
  })

  it('finish an upload while the program closes, and are told 503 when they begin then', async () => {
    const closing = await startTestApp()
    const owner = await closing.setUp()
    const { body, type } = form(randomBytes(300_000))
    const start = [
      `POST /v3/files HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${owner.JWT}`,
      type,
      `Content-Length: ${body.length}`,
    ]
    const uploading = await rawConnect(closing.apiUrl, `${start.join('\r\n')}\r\n\r\n`)
    uploading.socket.write(body.subarray(0, 100_000))
    const kept = await rawConnect(closing.apiUrl, 'GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n')
    await kept.until(/"ready"/)
    const url = closing.apiUrl
    const closed = closing.app.close(20_000)
    await expect.poll(async () => (await rawAsk(url, 'GET', '/health/ready')).status).toBe(503)
    const refused = await rawAsk(url, 'POST', '/pinning/pinJSONToIPFS', { authorization: `Bearer ${owner.JWT}` }, '{}')
    expect([refused.status, refused.headers['retry-after'], JSON.parse(refused.text).error.reason]).toEqual([
      503,
      '2',
      'UNAVAILABLE',
    ])
    kept.socket.write(`GET /data/pinList HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${owner.JWT}\r\n\r\n`)
    expect((await kept.closed()).text).toContain('HTTP/1.1 503 ')
    uploading.socket.write(body.subarray(100_000))
    expect(await uploading.until(/"cid"/)).toContain('HTTP/1.1 200 ')
    await closed
    await expect(rawAsk(url, 'GET', '/health/ready')).rejects.toThrow('ECONNREFUSED')
    await closing.reopen()
    const listed = await closing.ask('GET', '/v3/files/private', { key: owner })
    expect(listed.body).toMatchObject({ data: { files: [{ size: 300_000 }] } })
    await closing.close()
  })

  it('are cut when they do not end in time', async () => {
    const closing = await startTestApp()
    const owner = await closing.setUp()
    const { type } = form('')
    const stuck = await rawConnect(
      closing.apiUrl,
      [
        `POST /v3/files HTTP/1.1`,
        'Host: x',
        `Authorization: Bearer ${owner.JWT}`,
        type,
        'Content-Length: 100000',
        '',
        '',
      ].join('\r\n'),
    )
    await new Promise((resolve) => setTimeout(resolve, 200))
    const began = performance.now()
    await closing.app.close(500)
    expect(performance.now() - began).toBeLessThan(3_000)
    await stuck.closed()
    await closing.reopen()
    await closing.close()
  })
})
