import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { get as plainGet } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { freePort, hasNginx, names, startNginx, type Nginx } from './support/nginx.ts'
import { metadataOf } from './support/tus.ts'
import { boundary, formBytes, formType } from './support/upload.ts'

const gibibyte = 1024 ** 3

/** Where there is none there is nothing to try: CI installs it. */
const proxies = hasNginx() ? ['nginx'] : []

it('is tried with the nginx of this machine, where there is one', () => {
  if (proxies.length === 0) console.warn('nginx is not installed: deploy/nginx.conf is not tried')
  expect(proxies.length).toBe(hasNginx() ? 1 : 0)
})

describe.each(proxies)('behind %s with deploy/nginx.conf', () => {
  let nginx: Nginx
  let app: TestApp
  let key: KeyValues

  beforeAll(async () => {
    const port = await freePort()
    app = await startTestApp({
      env: {
        PINYON_TRUSTED_PROXIES: '127.0.0.1',
        PINYON_API_URL: `https://${names.api}:${port}`,
        PINYON_GATEWAY_URL: `https://${names.gateway}:${port}`,
        PINYON_API_LISTEN: `127.0.0.1:${await freePort()}`,
        PINYON_GATEWAY_LISTEN: `127.0.0.1:${await freePort()}`,
      },
    })
    nginx = await startNginx(port, listenersOf(app))
    key = (await setUp()).key
  })
  afterAll(async () => {
    await nginx?.close()
    await app?.close()
  })

  /** Asks by name as a client on the network does, with TLS, who trusts the test's authority alone. */
  function open(
    method: string,
    path: string,
    {
      name = names.api,
      headers = {},
      through = nginx,
    }: { name?: string; headers?: Record<string, string>; through?: Nginx } = {},
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const sent = request({
      host: '127.0.0.1',
      port: through.port,
      servername: name,
      ca: through.ca,
      agent: false,
      method,
      path,
      headers: { host: `${name}:${through.port}`, ...headers },
    })
    sent.on('response', resolve).on('error', reject)
    return { sent, answered: promise }
  }
  async function ask(
    method: string,
    path: string,
    { body, ...rest }: { body?: Buffer | string } & Parameters<typeof open>[2] = {},
  ) {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const { sent, answered } = open(method, path, { ...rest, headers: { ...length, ...rest.headers } })
    sent.end(body)
    const answer = await answered
    return { status: answer.statusCode, headers: answer.headers, text: await text(answer) }
  }
  async function setUp(): Promise<{ key: KeyValues }> {
    const token = app.app.setup?.token
    const body = JSON.stringify({ token, email: 'owner@example.test', password: 'correct horse battery' })
    const made = await ask('POST', '/pinyon/v1/setup', { body, headers: { 'content-type': 'application/json' } })
    expect(made.status).toBe(201)
    return JSON.parse(made.text)
  }
  const bearer = () => ({ authorization: `Bearer ${key.JWT}` })
  const pair = () => ({ pinata_api_key: key.pinata_api_key, pinata_secret_api_key: key.pinata_api_secret })

  it('takes the pair of headers with underscores', async () => {
    expect((await ask('GET', '/data/testAuthentication', { headers: pair() })).status).toBe(200)
  })

  it('would not take them without underscores_in_headers', async () => {
    const port = await freePort()
    const broken = await startNginx(port, listenersOf(app), (file) => file.replace('underscores_in_headers on;', ''))
    try {
      const refused = await ask('GET', '/data/testAuthentication', { headers: pair(), through: broken })
      expect(refused.status).toBe(401)
    } finally {
      await broken.close()
    }
  })

  it('leads from plain HTTP to HTTPS', async () => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      plainGet({ host: '127.0.0.1', port: nginx.plainPort, path: '/keys?a=b', headers: { host: names.api } }, resolve).on('error', reject) // prettier-ignore
    })
    answer.resume()
    expect([answer.statusCode, answer.headers.location]).toEqual([301, `https://${names.api}/keys?a=b`])
  })

  it('streams an upload of 1 GiB through, and what is kept is whole', { timeout: 300_000 }, async () => {
    const piece = randomBytes(1024 * 1024)
    const head = Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n`)
    const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
    const length = head.length + gibibyte + tail.length
    const { sent, answered } = open('POST', '/v3/files', {
      headers: { ...bearer(), 'content-type': formType, 'content-length': String(length) },
    })
    sent.write(head)
    for (let i = 0; i < gibibyte / piece.length; i++) {
      // No two pieces are the same, so all of it is kept.
      piece.writeUInt32LE(i)
      if (!sent.write(Buffer.from(piece))) await new Promise((resolve) => sent.once('drain', resolve))
    }
    sent.end(tail)
    const answer = await answered
    expect(answer.statusCode).toBe(200)
    const { data } = JSON.parse(await text(answer))
    expect(data.size).toBe(gibibyte)
    const range = { range: `bytes=${gibibyte - 1024 * 1024}-${gibibyte - 1024 * 1024 + 3}` }
    const last = await ask('GET', `/pinyon/v1/files/${data.id}/content`, { headers: { ...bearer(), ...range } })
    expect([last.status, last.headers['content-length']]).toEqual([206, '4'])
    // It would say so, had it kept the body on its own disk first.
    expect(await nginx.complaints()).not.toContain('buffered to a temporary file')
  })

  it('keeps what arrived of a resumable upload whose connection broke', { timeout: 180_000 }, async () => {
    const content = randomBytes(6_000_000)
    const metadata = metadataOf({ filename: 'tus.bin', network: 'public' })
    const begun = await ask('POST', '/v3/files', {
      headers: { ...bearer(), 'tus-resumable': '1.0.0', 'upload-length': String(content.length), 'upload-metadata': metadata }, // prettier-ignore
    })
    expect(begun.status).toBe(201)
    const location = new URL(String(begun.headers.location))
    expect(location.origin).toBe(`https://${names.api}:${nginx.port}`)
    const patch = { ...bearer(), 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' }
    const breakOff = async () => {
      const { sent, answered } = open('PATCH', location.pathname, {
        headers: { ...patch, 'upload-offset': '0', 'content-length': String(content.length) },
      })
      answered.catch(() => undefined)
      await new Promise<void>((resolve) => sent.write(content.subarray(0, 3_000_000), () => resolve()))
      sent.destroy()
    }
    const offsetNow = async () => {
      const head = await ask('HEAD', location.pathname, { headers: { ...bearer(), 'tus-resumable': '1.0.0' } })
      return Number(head.headers['upload-offset'])
    }
    // A connection that ends early may take with it all that nginx had not read.
    const offsetOfBroken = async () => {
      await breakOff()
      return offsetNow()
    }
    await expect.poll(offsetOfBroken, { timeout: 80_000 }).toBeGreaterThan(0)
    // The broken request has let go of it once another is taken.
    let done = { status: 0 as number | undefined, headers: {} as IncomingMessage['headers'] }
    await expect
      .poll(
        async () => {
          const offset = await offsetNow()
          const headers = { ...patch, 'upload-offset': String(offset) }
          done = await ask('PATCH', location.pathname, { headers, body: content.subarray(offset) })
          return done.status
        },
        { timeout: 80_000 },
      )
      .toBe(204)
    const cid = String(done.headers['upload-cid'])
    const got = await ask('GET', `/ipfs/${cid}`, { name: names.gateway, headers: { range: 'bytes=2999990-3000009' } })
    expect([got.status, got.headers['content-range']]).toEqual([206, `bytes 2999990-3000009/6000000`])
  })

  it('tells live events as they happen', async () => {
    const { sent, answered } = open('GET', '/pinyon/v1/events', { headers: bearer() })
    sent.end()
    const answer = await answered
    expect(answer.headers['content-type']).toContain('text/event-stream')
    const told = new Promise<string>((resolve) => {
      let all = ''
      answer.on('data', (chunk: Buffer) => {
        all += chunk.toString()
        if (all.includes('told.txt')) resolve(all)
      })
    })
    const body = formBytes([['file', randomBytes(20), 'told.txt']])
    expect((await ask('POST', '/v3/files', { headers: { ...bearer(), 'content-type': formType }, body })).status).toBe(200) // prettier-ignore
    expect(await told).toContain('event: ')
    sent.destroy()
  })

  it('shows the refusal of an upload that is not let in', async () => {
    const body = formBytes([['file', Buffer.alloc(32 * 1024 * 1024), 'a']])
    const headers = { authorization: 'Bearer a.b.c', 'content-type': formType }
    const refused = await ask('POST', '/v3/files', { headers, body })
    expect([refused.status, JSON.parse(refused.text).error.reason]).toEqual([401, 'INVALID_CREDENTIALS'])
  })

  it('gives cookies for HTTPS alone, and believes no address that a client names', async () => {
    const body = JSON.stringify({ email: 'owner@example.test', password: 'correct horse battery' })
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6' }
    const signedIn = await ask('POST', '/pinyon/v1/sessions', { body, headers })
    expect(String(signedIn.headers['set-cookie'])).toMatch(/^__Host-.*; Secure/)
    const audit = await ask('GET', '/pinyon/v1/audit', { headers: bearer() })
    expect(audit.text).toContain('127.0.0.1')
    expect(audit.text).not.toContain('6.6.6.6')
  })
})

function listenersOf({ services }: TestApp): { api: string; gateway: string } {
  const { api, gateway } = services.config
  return {
    api: `http://${api.listen.host}:${api.listen.port}`,
    gateway: `http://${gateway.listen.host}:${gateway.listen.port}`,
  }
}
