import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routeList } from '@pinyon/contract/routes.ts'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { endlessRows } from './support/fill-route.ts'
import { rawAsk, rawConnect } from './support/raw-http.ts'

describe('errors of the api', () => {
  let app: TestApp
  let key: KeyValues
  let scoped: KeyValues
  const bearer = (one: KeyValues) => ({ authorization: `Bearer ${one.JWT}` })
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string | Uint8Array) =>
    rawAsk(app.apiUrl, method, path, headers, body)

  beforeAll(async () => {
    app = await startTestApp()
    key = await app.setUp()
    scoped = await app.makeKey(key, { endpoints: { files: { list: true } } })
  })
  afterAll(() => app.close())

  const expectSecurityHeaders = (headers: Awaited<ReturnType<typeof ask>>['headers'], name: string) => {
    expect(headers, name).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'x-request-id': expect.any(String),
    })
    expect(headers['strict-transport-security'], name).toBeUndefined()
    expect(headers['server'] ?? headers['x-powered-by'], name).toBeUndefined()
  }

  it('speak the dialect of the route', async () => {
    for (const [method, path] of [
      ['GET', '/data/pinList'],
      ['POST', '/pinning/pinJSONToIPFS'],
      ['GET', '/users/apiKeys'],
      ['GET', '/data/nothing'],
      ['GET', '/groups/nothing'],
      ['GET', '/psa/pins'],
    ] as const) {
      const { error } = JSON.parse((await ask(method, path)).text)
      expect(Object.keys(error), path).toEqual(['reason', 'details'])
    }
    for (const [method, path] of [
      ['GET', '/v3/files/public'],
      ['POST', '/v3/files'],
      ['GET', '/pinyon/v1/whoami'],
      ['GET', '/nothing'],
      ['PUT', '/health/live'],
    ] as const) {
      const answer = await ask(method, path)
      const { error } = JSON.parse(answer.text)
      expect(error, path).toMatchObject({
        code: answer.status,
        message: expect.any(String),
        reason: expect.any(String),
      })
    }
  })

  it('carry security headers and a request id on every row, with and without a credential', async () => {
    for (const row of routeList) {
      const path = row.path.replace(':network', 'public').replace(/:\w+/g, 'x')
      for (const headers of endlessRows.has(row.id) ? [{}] : [{}, bearer(scoped)]) {
        const answer = await ask(row.method, path, headers)
        expectSecurityHeaders(answer.headers, `${row.method} ${path}`)
        // 501 is the answer of routes for what we do not have.
        expect(answer.status === 501 || answer.status < 500, `${row.method} ${path} ${answer.text}`).toBe(true)
        if (row.credentials.length > 0 || answer.status >= 400)
          expect(answer.headers['cache-control'], path).toContain('no-store')
        if (row.credentials.length > 0 && Object.keys(headers).length === 0) {
          expect(answer.status, path).toBe(401)
          expect(answer.headers['www-authenticate'], path).toBe('Bearer')
        }
      }
    }
    for (const path of ['/nothing', '/%', '/v3/files/%zz', '//', '/.env', '/debug', '/api/v0/id', '/index.js.map'])
      expectSecurityHeaders((await ask('GET', path)).headers, path)
  })

  it('tell a bad token from none, and a missing scope from both', async () => {
    const bad = await ask('GET', '/v3/files/public', { authorization: 'Bearer aaa.bbb.ccc' })
    expect([bad.status, bad.headers['www-authenticate']]).toEqual([401, 'Bearer error="invalid_token"'])
    const missing = await ask('GET', '/data/pinList', bearer(scoped))
    expect([missing.status, missing.headers['www-authenticate']]).toEqual([403, 'Bearer error="insufficient_scope"'])
    expect(missing.text).toContain('data.pinList')
  })

  it('are 405 with Allow where the address exists, 404 where it does not', async () => {
    for (const [method, path, allow] of [
      ['POST', '/data/pinList', 'GET, HEAD, OPTIONS'],
      ['GET', '/pinning/pinJSONToIPFS', 'POST, OPTIONS'],
      ['PATCH', '/v3/files', 'POST, GET, HEAD, OPTIONS'],
      ['PATCH', '/v3/files/public/x', 'GET, HEAD, PUT, DELETE, OPTIONS'],
      ['PROPFIND', '/health/live', 'GET, HEAD, OPTIONS'],
      ['TRACE', '/health/live', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const answer = await ask(method, path, bearer(key))
      expect(answer.status, `${method} ${path}`).toBe(405)
      const allowed = String(answer.headers.allow).split(', ')
      expect(allowed.toSorted(), `${method} ${path}`).toEqual(allow.split(', ').toSorted())
    }
    for (const path of ['/v4/files', '/v3/files/public/x/y', '/pinning', '/api/v0/add', '/metricsx', '/docs/a/b'])
      expect((await ask('GET', path, bearer(key))).status, path).toBe(404)
    expect((await ask('DELETE', '/debug/pprof', bearer(key))).status).toBe(404)
  })

  it('take doubled and trailing slashes for one address, and no way around a credential', async () => {
    for (const path of ['/data/testAuthentication/', '//data//testAuthentication', '/data/testAuthentication?x=1']) {
      expect((await ask('GET', path, bearer(key))).status, path).toBe(200)
      expect((await ask('GET', path)).status, path).toBe(401)
    }
    for (const path of [
      '/health/../metrics',
      '/health/%2e%2e/metrics',
      '/health/..%2fmetrics',
      '/metrics;x',
      '/metrics%00',
      '/%6detrics',
      '/METRICS',
      '/./metrics',
      '/docs/..%2f..%2fetc%2fpasswd',
    ]) {
      const answer = await ask('GET', path)
      expect([400, 401, 404], path).toContain(answer.status)
      expect(answer.text, path).not.toMatch(/process_cpu|root:/)
    }
  })

  it('are 400 for addresses that are none', async () => {
    for (const path of ['/v3/files/public/%', '/v3/files/public/%zz', '/%c0%af', '/data/pinList/%'])
      expect((await ask('GET', path, bearer(key))).status, path).toBe(400)
    expect([400, 404]).toContain((await ask('GET', `/v3/files/public/${'a'.repeat(5_000)}`, bearer(key))).status)
    expect((await ask('GET', `/v3/files/public?name=${'%61'.repeat(2_000)}`, bearer(key))).status).toBe(400)
    expect((await ask('GET', '/v3/files/public?limit=1&limit=2', bearer(key))).status).toBe(400)
    expect((await ask('GET', '/v3/files/public?limit=%00', bearer(key))).status).toBe(400)
    expect((await ask('GET', '/v3/files/public?__proto__=1&constructor=2', bearer(key))).status).toBe(200)
  })

  it('answer HEAD as GET without a body', async () => {
    for (const path of [
      '/data/testAuthentication',
      '/v3/files/public',
      '/openapi.json',
      '/health/ready',
      '/nothing',
      '/docs',
    ]) {
      const [got, headed] = [await ask('GET', path, bearer(key)), await ask('HEAD', path, bearer(key))]
      expect(headed.status, path).toBe(got.status)
      expect(headed.body.length, path).toBe(0)
      for (const name of ['content-type', 'content-length', 'content-security-policy', 'cache-control'])
        expect(headed.headers[name], `${path} ${name}`).toBe(got.headers[name])
    }
  })

  const bodies: [string, number, string | Buffer][] = [
    ['nothing', 400, ''],
    ['no JSON', 400, '{'],
    ['half a text', 400, '{"keyName":"x'],
    ['an array', 400, '[]'],
    ['a text', 400, '"x"'],
    ['null', 400, 'null'],
    ['a number', 400, '7'],
    ['deep arrays', 400, '['.repeat(100_000)],
    ['deep objects', 400, '{"a":'.repeat(100_000)],
    ['bytes that are no UTF-8', 400, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['NUL', 400, '{"keyName":"a\\u0000b","permissions":{"admin":true}}'],
    ['half a surrogate', 400, '{"keyName":"\\ud800","permissions":{"admin":true}}'],
    ['another type', 400, '{"keyName":["x"],"permissions":{"admin":true}}'],
    ['a huge number', 400, '{"keyName":"x","maxUses":1e400,"permissions":{"admin":true}}'],
    ['a fraction', 400, '{"keyName":"x","maxUses":1.5,"permissions":{"admin":true}}'],
    ['a large number', 400, '{"keyName":"x","maxUses":99999999999999999999,"permissions":{"admin":true}}'],
    ['an unknown scope', 400, '{"keyName":"x","permissions":{"endpoints":{"files":{"nothing":true}}}}'],
    ['__proto__ as scope', 400, '{"keyName":"x","permissions":{"__proto__":{"admin":true}}}'],
    ['constructor as scope', 400, '{"keyName":"x","permissions":{"constructor":{"prototype":{"admin":true}}}}'],
    ['a byte order mark', 200, '\ufeff{"keyName":"bom","permissions":{"admin":true}}'],
    ['the same name twice', 200, '{"keyName":"one","keyName":"two","permissions":{"admin":true}}'],
    ['__proto__ beside', 200, '{"keyName":"proto","__proto__":{"admin":true},"permissions":{"admin":true}}'],
    ['white space', 200, ' \r\n\t{"keyName":"space","permissions":{"admin":true}} \n'],
  ]
  it.each(bodies)('read %s in a body as %i', async (_name, status, body) => {
    const answer = await ask('POST', '/v3/pinata/keys', { ...bearer(key), 'content-type': 'application/json' }, body)
    expect(answer.status, answer.text).toBe(status)
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it('read JSON whatever the content type says, and refuse what is compressed', async () => {
    const body = '{"keyName":"typed","permissions":{"admin":true}}'
    for (const type of [
      undefined,
      'application/json',
      'application/json; charset=utf-8',
      'APPLICATION/JSON',
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json;charset=',
    ]) {
      const headers = type === undefined ? bearer(key) : { ...bearer(key), 'content-type': type }
      const answer = await ask('POST', '/v3/pinata/keys', headers, body)
      expect([200, 415], `${type} ${answer.text}`).toContain(answer.status)
      if (type === undefined || type.startsWith('application/json')) expect(answer.status, type).toBe(200)
    }
    for (const type of [
      'json',
      'application/json\ta',
      'a/b/c',
      ', application/json',
      'application/json; a="',
      'a'.repeat(9_000),
    ]) {
      const answer = await ask('POST', '/v3/pinata/keys', { ...bearer(key), 'content-type': type }, body)
      expect([200, 400, 415], type).toContain(answer.status)
      expectSecurityHeaders(answer.headers, type)
    }
    for (const encoding of ['gzip', 'br', 'deflate, gzip', 'x'.repeat(3_000)]) {
      const answer = await ask('POST', '/v3/pinata/keys', { ...bearer(key), 'content-encoding': encoding }, body)
      expect(answer.status, encoding).toBe(415)
    }
    expect(
      (await ask('POST', '/v3/pinata/keys', { ...bearer(key), 'content-encoding': 'identity' }, body)).status,
    ).toBe(200)
  })

  it('mind no body where none is wanted', async () => {
    for (const method of ['GET', 'DELETE'] as const) {
      const path = method === 'GET' ? '/v3/files/public' : '/v3/files/public/x'
      for (const body of ['{}', '', 'x'.repeat(300_000)]) {
        const answer = await ask(method, path, { ...bearer(key), 'content-type': 'application/json' }, body)
        expect(answer.status, `${method} ${body.length}`).toBe(method === 'GET' ? 200 : 404)
      }
    }
  })

  it('are 413 one byte beyond the limit, told or not', async () => {
    const limit = 50 * 1024 * 1024
    const headers = { ...bearer(key), 'content-type': 'application/json' }
    const told = await ask('POST', '/pinning/pinJSONToIPFS', headers, Buffer.alloc(limit + 1, 0x20))
    expect([told.status, JSON.parse(told.text).error.reason]).toEqual([413, 'TOO_LARGE'])
    const untold = await ask(
      'POST',
      '/pinning/pinJSONToIPFS',
      { ...headers, 'transfer-encoding': 'chunked' },
      Buffer.alloc(limit + 1, 0x20),
    )
    expect([untold.status, untold.complete]).toEqual([413, true])
    expect(JSON.parse(untold.text).error.reason).toBe('TOO_LARGE')
  })

  it('are 431 for a head beyond 32 KiB', async () => {
    const connection = await rawConnect(app.apiUrl, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`)
    const { text } = await connection.closed()
    expect(text).toMatch(/^HTTP\/1\.1 431 /)
    expect(text).toContain('x-content-type-options: nosniff')
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n'))).error).toMatchObject({
      code: 431,
      reason: 'HEADERS_TOO_LARGE',
    })
    const many = Object.fromEntries(Array.from({ length: 1_500 }, (_, i) => [`x-${i}`, 'a']))
    expect((await ask('GET', '/health/live', many)).status).toBeLessThan(500)
  })

  it('show nothing of what went wrong inside', async () => {
    const { getPrototypeOf } = Object
    const proto = getPrototypeOf(app.services.signingKeys) as { jwks: () => unknown }
    const { jwks } = proto
    proto.jwks = () => {
      throw new Error('SELECT * FROM secrets at /srv/inner.ts')
    }
    try {
      const answer = await ask('GET', '/.well-known/jwks.json')
      expect(answer.status).toBe(500)
      expect(answer.text).not.toMatch(/SELECT|inner\.ts|at /)
      expect(answer.text).toContain(String(answer.headers['x-request-id']))
      expect(app.log()).toContain('SELECT * FROM secrets')
    } finally {
      proto.jwks = jwks
    }
    expect((await ask('GET', '/health/live')).status).toBe(200)
  })

  it('keep credentials out of the log', async () => {
    await ask('GET', '/data/pinList?token=canary-query', {
      authorization: 'Bearer canary-bearer.x.y',
      cookie: '__Host-pinyon=canary-cookie',
    })
    await ask('GET', '/data/pinList', { pinata_api_key: 'canary-public', pinata_secret_api_key: 'canary-secret' })
    for (const canary of [
      'canary-query',
      'canary-bearer',
      'canary-cookie',
      'canary-secret',
      key.JWT,
      key.pinata_api_secret,
    ])
      expect(app.log()).not.toContain(canary)
  })
})
