import { Agent, request } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenGateway } from '../src/gateway/server.ts'
import { httpTimes } from '../src/http/times.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { putBytes, putDirectory, putFile, putPb, putRaw } from '../src/ipfs/sample-dags.ts'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, uploadDag } from './support/content.ts'
import { rawConnect } from './support/raw-http.ts'

describe('abuse of the gateway', () => {
  let app: TestApp
  let key: KeyValues
  let cids: string[]
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })

  beforeAll(async () => {
    app = await startTestApp()
    key = await app.setUp()
    const folder = await upload(app, key, [
      ['d/index.html', '<p>x'],
      ['d/sub/a b.txt', 'text'],
    ])
    const big = await upload(app, key, [['big', Buffer.alloc(600_000, 7)]])
    const hidden = await upload(app, key, [['hidden', 'hidden']], { network: 'private' })
    const blocks = new MemoryBlocks()
    const odd = putDirectory(blocks, {
      '..': putRaw(blocks, 'up'),
      cbor: putBytes(blocks, 0x71, Buffer.from('a163666f6f63626172', 'hex')),
      file: putFile(blocks, [[putRaw(blocks, 'abc'), 3]]),
      link: putPb(blocks, { type: 'symlink', data: Buffer.from('/') }),
      metadata: putPb(blocks, { type: 'metadata', data: Buffer.from('x') }),
      plain: putPb(blocks, undefined),
    })
    cids = [folder.cid, big.cid, hidden.cid, (await uploadDag(app, key, { root: odd, blocks })).cid, 'bafkqaaa']
  })
  afterAll(async () => {
    agent.destroy()
    await app.close()
  })

  it('answers none of 2,000 odd requests with an error of ours', { timeout: 60_000 }, async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        '..',
        '.',
        '',
        '%00',
        '%',
        '%2f',
        '%2e%2e',
        'a%20b',
        '__proto__',
        'index.html',
        'sub',
        'cbor',
        'foo',
        'metadata',
        'plain',
        'file',
        'link',
        '0',
      ),
    )
    const escaped = text.map((piece) => (piece.startsWith('%') ? piece : encodeURIComponent(piece.toWellFormed())))
    const path = fc
      .tuple(
        fc.constantFrom('/ipfs/', '/ipfs/', '/ipfs/', '/ipns/', '//ipfs/', '/', '/IPFS/'),
        fc.nat(20),
        fc.array(escaped, { maxLength: 5 }),
        fc.boolean(),
      )
      .map(
        ([prefix, which, rest, slash]) =>
          `${prefix}${[cids[which] ?? rest[0] ?? 'x', ...rest].join('/')}${slash ? '/' : ''}`,
      )
    const parameter = fc.tuple(
      fc.oneof(
        fc.constantFrom(
          'format',
          'filename',
          'download',
          'dag-scope',
          'entity-bytes',
          'car-version',
          'car-order',
          'car-dups',
          'after',
          'uri',
          '__proto__',
        ),
        escaped,
      ),
      fc.oneof(
        fc.constantFrom(
          'raw',
          'car',
          'tar',
          'json',
          'true',
          'all',
          'entity',
          'block',
          '0:*',
          '-1:1',
          '5:2',
          '1',
          'n',
          'y',
          '1.2',
          '%0d%0ax:y',
        ),
        escaped,
      ),
    )
    const query = fc
      .array(parameter, { maxLength: 4 })
      .map((list) => (list.length === 0 ? '' : `?${list.map((pair) => pair.join('=')).join('&')}`))
    const visible = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      maxLength: 40,
    })
    const header = fc.tuple(
      fc.constantFrom(
        'range',
        'if-range',
        'if-none-match',
        'accept',
        'cache-control',
        'host',
        'x-forwarded-host',
        'service-worker',
        'cookie',
        'authorization',
        'origin',
        'access-control-request-headers',
        'if-modified-since',
      ),
      fc.oneof(
        visible,
        fc.constantFrom(
          'bytes=0-1',
          'bytes=-0',
          'bytes=9-',
          'bytes=99999999999999999999-',
          'bytes=1-0,2-3',
          '*',
          '"x"',
          'W/"x',
          'application/vnd.ipld.car; dups=y',
          'application/vnd.ipld.raw',
          'only-if-cached',
          'script',
        ),
      ),
    )
    const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'POST', 'TRACE')
    await fc.assert(
      fc.asyncProperty(
        method,
        path,
        query,
        fc.uniqueArray(header, { maxLength: 3, selector: ([name]) => name }),
        async (verb, address, search, headers) => {
          const { status, whole } = await ask(verb, address + search, Object.fromEntries(headers))
          expect(whole).toBe(true)
          // Of names that lead nowhere the specification says so.
          const ofNames = /^\/+ipns\//.test(address) ? [302, 500] : []
          expect([200, 204, 206, 301, 304, 400, 404, 405, 406, 412, 413, 416, 501, ...ofNames]).toContain(status)
        },
      ),
      { numRuns: 2_000 },
    )
    expect(await errors()).toBe(0)
  })

  const errors = async (): Promise<number> => (await app.services.metrics.internalErrors.get()).values[0]?.value ?? 0

  function ask(
    method: string,
    path: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; whole: boolean }> {
    const { hostname, port } = new URL(app.gatewayUrl)
    return new Promise((resolve, reject) => {
      const sent = request({ host: hostname, port, method, path, headers, agent }, (response) => {
        response.resume()
        response.on('error', reject)
        response.on('close', () => resolve({ status: response.statusCode ?? 0, whole: response.complete }))
      })
      sent.on('error', reject)
      sent.end()
    })
  }

  const send = async (bytes: string) => {
    const connection = await rawConnect(app.gatewayUrl, bytes)
    connection.socket.end()
    return (await connection.closed()).text
  }

  it('refuses what is no HTTP in words, with CORS, and closes', async () => {
    const tooLarge = await send(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`)
    expect(tooLarge).toMatch(/^HTTP\/1\.1 431 /)
    for (const bytes of [
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n',
      'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    ]) {
      const answer = await send(bytes)
      expect(answer, bytes).toMatch(/^HTTP\/1\.1 400 /)
      expect(answer.toLowerCase(), bytes).toContain('connection: close')
      expect(answer.match(/HTTP\/1\.1/g), bytes).toHaveLength(1)
    }
    for (const hosts of ['', 'Host: a\r\nHost: b\r\n', 'Host: a\r\nhost: a\r\n', 'Host: a/b\r\n']) {
      const request = `GET /ipfs/${cids[1]} HTTP/1.1\r\n${hosts}\r\n`
      const answer = await send(request + request)
      expect(answer.match(/HTTP\/1\.1 \d+/g), hosts).toEqual(['HTTP/1.1 400'])
      expect(answer, hosts).toContain('exactly one header Host')
      expect(answer.toLowerCase(), hosts).toContain('connection: close')
    }
    expect(tooLarge.toLowerCase()).toContain('access-control-allow-origin: *')
  })

  it('dials nowhere: absolute targets and CONNECT are refused', async () => {
    expect(await send('GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n')).toMatch(/^HTTP\/1\.1 404 /)
    expect(await send('CONNECT example.org:80 HTTP/1.1\r\nHost: example.org\r\n\r\n')).not.toContain('200')
  })

  it('answers any Host that is not set as a gateway of sub-domains as a plain path gateway', async () => {
    const cid = cids[1] ?? ''
    for (const host of ['fake.example', `${cid}.ipfs.fake.example`, 'notlocalhost', 'a'.repeat(300), '[::1]:80', 'x.'])
      expect((await ask('GET', `/ipfs/${cid}`, { host })).status, host).toBe(200)
  })

  it('cuts heads that come too slowly, and idle connections, while others are served', async () => {
    const gateway = await listenGateway(app.services, { times: { ...httpTimes, headersMs: 500, keepAliveMs: 700 } })
    const url = `http://127.0.0.1:${gateway.port}`
    try {
      const slow = await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const connection = await rawConnect(url, i % 2 === 0 ? '' : 'GET / HT')
          const timer = setInterval(() => connection.socket.write(i % 2 === 0 ? '' : 'T'), 100)
          void connection.closed().then(() => clearInterval(timer))
          return connection
        }),
      )
      const idle = await rawConnect(url, 'GET /ipfs/bafkqaaa HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(await idle.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 200/)
      for (const connection of [...slow, idle]) {
        const { text, afterMs } = await connection.closed()
        expect(afterMs).toBeLessThan(2_500)
        if (connection !== idle) expect(text).toMatch(/^HTTP\/1\.1 (408|400) /)
      }
    } finally {
      await gateway.close(0)
    }
  })

  it('is not held by a body that nobody reads', async () => {
    const connection = await rawConnect(
      app.gatewayUrl,
      `GET /ipfs/bafkqaaa HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n`,
    )
    expect(await connection.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 200/)
    connection.socket.destroy()
  })
})
