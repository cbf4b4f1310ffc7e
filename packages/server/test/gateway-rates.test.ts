import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenGateway } from '../src/gateway/server.ts'
import type { Listening } from '../src/http/server.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { TestClock } from './support/domain.ts'
import { rawAsk } from './support/raw-http.ts'

describe.each(databases)('rates of the gateway on %s', (database) => {
  const clock = new TestClock()
  let app: TestApp
  let listener: Listening
  let key: KeyValues
  let file: Uploaded
  beforeAll(async () => {
    app = await startTestApp({
      database,
      clock,
      env: {
        PINYON_GATEWAY_URL: 'http://gw.example.org',
        PINYON_GATEWAY_SUBDOMAINS: 'gw.example.org',
        PINYON_TRUSTED_PROXIES: '127.0.0.1',
        PINYON_RATE_LIMITS: 'gateway-address=5/60,gateway=8/60',
      },
    })
    listener = await listenGateway(app.services)
    key = await app.setUp()
    file = await upload(app, key, [['r.txt', `counted on ${database}`]])
  })
  afterAll(async () => {
    await listener.close(0)
    await app.close()
  })

  const ask = (from: string, host = '127.0.0.1', method = 'GET') =>
    rawAsk(`http://127.0.0.1:${listener.port}`, method, `/ipfs/${file.cid}`, { host, 'x-forwarded-for': from })
  const statuses = async (count: number, from: (i: number) => string, host?: string) => {
    const all: number[] = []
    for (let i = 0; i < count; i++) all.push((await ask(from(i), host)).status)
    return all
  }

  it('bound each address, on answers that are given again too, and never a preflight', async () => {
    expect(await statuses(7, () => '192.0.2.1')).toEqual([200, 200, 200, 200, 200, 429, 429])
    const refused = await ask('192.0.2.1')
    expect(refused.headers).toMatchObject({
      'retry-after': expect.stringMatching(/^(59|60)$/),
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.ceil((clock.now() + 60_000) / 1_000)),
      'access-control-allow-origin': '*',
      'access-control-expose-headers': expect.stringContaining('Retry-After'),
      'cache-control': 'no-store',
    })
    expect((await ask('192.0.2.1', '127.0.0.1', 'OPTIONS')).status).toBe(204)
    expect((await ask('192.0.2.2')).status).toBe(200)
    clock.move(60_000)
    expect((await ask('192.0.2.1')).status).toBe(200)
  })

  it('take the addresses of one customer for one', async () => {
    const from = (i: number) => ['2001:db8:0:7::1', '2001:db8::7:0:0:0:2', '2001:0db8:0000:0007:1:2:3:4'][i % 3] ?? ''
    expect(await statuses(7, from)).toEqual([200, 200, 200, 200, 200, 429, 429])
    expect((await ask('2001:db8:0:8::1')).status).toBe(200)
  })

  it('bound each gateway of an account, whoever asks', async () => {
    for (const domain of ['busy', 'quiet'])
      expect((await app.ask('POST', '/v3/gateways', { key, json: { domain } })).status).toBe(200)
    const all = await statuses(10, (i) => `198.51.100.${i}`, 'busy.gw.example.org')
    expect(all).toEqual([...Array.from({ length: 8 }, () => 200), 429, 429])
    expect((await ask('198.51.100.99', 'quiet.gw.example.org')).status).toBe(200)
    expect((await ask('198.51.100.98')).status).toBe(200)
  })
})
