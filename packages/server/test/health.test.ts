import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { doors } from '../src/api/doors.ts'
import { listenGateway } from '../src/gateway/server.ts'
import { listenMetrics } from '../src/http/metrics-server.ts'
import { listenApi } from '../src/http/server.ts'
import { Health } from '../src/lib/health.ts'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { rawAsk } from './support/raw-http.ts'

describe('health and metrics', () => {
  let app: TestApp
  let key: KeyValues

  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.close())

  it('say one word to anybody, also before set-up', async () => {
    for (const [path, status] of [
      ['/health/live', 'alive'],
      ['/health/ready', 'ready'],
    ] as const) {
      const answer = await app.ask('GET', path)
      expect([answer.status, answer.body]).toEqual([200, { status }])
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
    expect((await app.ask('GET', '/data/testAuthentication')).status).toBe(401)
    expect((await rawAsk(app.gatewayUrl, 'GET', '/ipfs/bafkqaaa')).status).toBe(200)
    expect(
      (await rawAsk(app.gatewayUrl, 'GET', '/ipfs/bafkreid2rn5xdup5tqjmolkueweelij4wv6ubinuxkjdabmzaom2wngmaa')).status,
    ).toBe(404)
    key = await app.setUp()
  })

  it('show metrics on the api to operators alone', async () => {
    expect((await app.ask('GET', '/metrics')).status).toBe(401)
    const admin = await app.makeKey(key, { admin: true })
    expect((await app.ask('GET', '/metrics', { key: admin })).status).toBe(403)
    const answer = await app.ask('GET', '/metrics', { key })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain('text/plain')
    expect(answer.body).toContain('pinyon_http_requests_total{')
  })

  it('count by row and status, so that no client can make new rows', async () => {
    for (let i = 0; i < 50; i++) await app.ask('GET', `/nothing-${i}`)
    for (let i = 0; i < 50; i++) await rawAsk(app.gatewayUrl, 'GET', `/ipfs/canary-${i}`)
    const { body } = await app.ask('GET', '/metrics', { key })
    expect(body).not.toMatch(/canary|nothing-/)
    expect(
      body.split('\n').filter((line: string) => line.startsWith('pinyon_http_requests_total{')).length,
    ).toBeLessThan(60)
  })

  it('have a listener of their own, without credentials and with nothing else', async () => {
    const metrics = await listenMetrics(app.services, { host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${metrics.port}`
    try {
      expect((await rawAsk(url, 'GET', '/metrics?x=1')).text).toContain('process_cpu')
      expect((await rawAsk(url, 'GET', '/health/ready')).text).toBe('{"status":"ready"}')
      expect((await rawAsk(url, 'HEAD', '/health/live')).status).toBe(200)
      for (const path of ['/', '/data/pinList', '/ipfs/bafkqaaa', '/metrics/x'])
        expect((await rawAsk(url, 'GET', path)).status, path).toBe(404)
      expect((await rawAsk(url, 'POST', '/metrics', {}, 'x')).status).toBe(405)
      expect((await rawAsk(url, 'GET', '/metrics')).headers['x-content-type-options']).toBe('nosniff')
      expect(
        (await rawAsk(url, 'GET', '/metrics', { origin: 'https://evil.example' })).headers[
          'access-control-allow-origin'
        ],
      ).toBeUndefined()
    } finally {
      await metrics.close(0)
    }
  })
})

describe('a process that is not ready yet', () => {
  it('answers 503 to all but health, on both listeners, and says when to come again', async () => {
    const app = await startTestApp()
    onTestFinished(() => app.close())
    const key = await app.setUp()
    const services = { ...app.services, health: new Health() }
    const [api, gateway] = [await listenApi(services, doors), await listenGateway(services)]
    onTestFinished(async () => void (await Promise.all([api.close(0), gateway.close(0)])))
    const ask = (port: number, path: string) =>
      rawAsk(`http://127.0.0.1:${port}`, 'GET', path, { authorization: `Bearer ${key.JWT}` })
    const asked = [
      ...['/health/ready', '/data/testAuthentication', '/v3/files/public', '/psa/pins'].map(
        (path) => [api.port, path] as const,
      ),
      ...['/ipfs/bafkqaaa', '/files/bafkqaaa', '/ipns/a.test'].map((path) => [gateway.port, path] as const),
    ]
    for (const [port, path] of asked) {
      const { status, headers } = await ask(port, path)
      expect([path, status, Number(headers['retry-after']) > 0]).toEqual([path, 503, true])
    }
    expect((await ask(api.port, '/health/live')).status).toBe(200)
    services.health.enter('ready')
    for (const [port, path] of asked.filter(([, each]) => !/files\/bafk|ipns/.test(each)))
      expect([path, (await ask(port, path)).status]).toEqual([path, 200])
  })
})

describe('forwarded headers', () => {
  const forged = {
    'x-forwarded-for': '203.0.113.7',
    'x-real-ip': '203.0.113.8',
    forwarded: 'for=203.0.113.9;proto=https',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
  }
  const addressesOf = (log: string) => log.match(/"address":"[^"]*"/g) ?? []

  it('count for nothing from anybody', async () => {
    const app = await startTestApp()
    try {
      const answer = await rawAsk(app.apiUrl, 'GET', '/health/live', forged)
      expect(answer.headers['strict-transport-security']).toBeUndefined()
      await expect.poll(() => addressesOf(app.log())).toContain('"address":"127.0.0.1"')
      expect(app.log()).not.toContain('203.0.113')
    } finally {
      await app.close()
    }
  })

  it('count from a trusted proxy, from the right', async () => {
    const app = await startTestApp({ env: { PINYON_TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' } })
    try {
      const answer = await rawAsk(app.apiUrl, 'GET', '/health/live', {
        ...forged,
        'x-forwarded-for': '198.51.100.1, 203.0.113.7, 10.1.2.3',
      })
      expect(answer.headers['strict-transport-security']).toContain('max-age')
      await expect.poll(() => addressesOf(app.log())).toContain('"address":"203.0.113.7"')
      expect(app.log()).not.toContain('198.51.100.1')
      // No host that a client names gets into what we answer.
      const reference = await rawAsk(app.apiUrl, 'GET', '/openapi.json', { ...forged, host: 'evil.example' })
      expect(reference.text).not.toContain('evil.example')
      for (const odd of ['', ',', 'x', '203.0.113.7:80', '1.1.1.1,'.repeat(1_000)])
        expect((await rawAsk(app.apiUrl, 'GET', '/health/live', { 'x-forwarded-for': odd })).status).toBe(200)
    } finally {
      await app.close()
    }
  })
})
