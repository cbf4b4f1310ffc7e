import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routeList } from '@pinyon/contract/routes.ts'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { rawAsk } from './support/raw-http.ts'

describe('other pages', () => {
  let app: TestApp
  let key: KeyValues
  let cookie: string
  const evil = 'https://evil.example'
  const ask = (method: string, path: string, headers: Record<string, string | string[]> = {}, body?: string) =>
    rawAsk(app.apiUrl, method, path, headers, body)

  beforeAll(async () => {
    app = await startTestApp()
    key = await app.setUp()
    const signedIn = await app.ask('POST', '/pinyon/v1/sessions', {
      json: { email: 'owner@example.test', password: 'correct horse battery' },
    })
    cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  })
  afterAll(() => app.close())

  it('may read what the row says, and errors like answers', async () => {
    for (const row of routeList) {
      const path = row.path.replace(':network', 'public').replace(/:\w+/g, 'x')
      for (const origin of [evil, 'null', app.gatewayUrl]) {
        const { headers } = await ask(row.method, path, { origin, authorization: 'Bearer a.b.c' })
        const seen = [headers['access-control-allow-origin'], headers['access-control-allow-credentials']]
        const name = `${row.id} from ${origin}`
        if (row.cors === 'none') expect(seen, name).toEqual([undefined, undefined])
        if (row.cors === 'any') expect(seen, name).toEqual(['*', undefined])
        if (row.cors === 'echo') {
          expect(seen, name).toEqual([origin, 'true'])
          expect(headers.vary, name).toContain('Origin')
          expect(headers['access-control-expose-headers'], name).toContain('X-Request-Id')
        }
      }
    }
  })

  it('have their preflight answered by the row, without a credential and without a use', async () => {
    for (const row of routeList) {
      const path = row.path.replace(':network', 'public').replace(/:\w+/g, 'x')
      const { status, headers } = await ask('OPTIONS', path, {
        origin: evil,
        'access-control-request-method': row.method,
        'access-control-request-headers': 'authorization, x-special, evil\theader',
      })
      expect(status, row.id).toBe(204)
      if (row.cors === 'none') {
        expect(headers['access-control-allow-origin'], row.id).toBeUndefined()
        expect(headers['access-control-allow-methods'], row.id).toBeUndefined()
        continue
      }
      expect(headers['access-control-allow-origin'], row.id).toBe(row.cors === 'any' ? '*' : evil)
      expect(headers['access-control-allow-methods'], row.id).toContain(row.method)
      expect(headers['access-control-allow-headers'], row.id).toContain('x-special')
      expect(headers['access-control-allow-headers'], row.id).not.toContain('evil')
    }
    expect((await ask('OPTIONS', '/nothing', { origin: evil })).headers['access-control-allow-origin']).toBeUndefined()
  })

  const own = () => app.apiUrl
  const presented: [string, () => Record<string, string>, string, boolean][] = [
    ['our page', () => ({ 'sec-fetch-site': 'same-origin' }), 'GET', true],
    ['our page that writes', () => ({ 'sec-fetch-site': 'same-origin', origin: own() }), 'DELETE', true],
    ['a page on another port', () => ({ 'sec-fetch-site': 'same-site', origin: app.gatewayUrl }), 'GET', false],
    [
      'a page on another port that writes',
      () => ({ 'sec-fetch-site': 'same-site', origin: app.gatewayUrl }),
      'DELETE',
      false,
    ],
    ['a page elsewhere', () => ({ 'sec-fetch-site': 'cross-site', origin: evil }), 'GET', false],
    ['a page that claims our origin', () => ({ 'sec-fetch-site': 'cross-site', origin: own() }), 'DELETE', false],
    ['a navigation', () => ({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }), 'GET', true],
    ['a navigation that writes', () => ({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }), 'DELETE', false],
    ['no navigation from nowhere', () => ({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'cors' }), 'GET', false],
    ['an odd value', () => ({ 'sec-fetch-site': 'same-origin, cross-site' }), 'GET', false],
    ['an old browser on our page', () => ({ origin: own() }), 'DELETE', true],
    ['an old browser elsewhere', () => ({ origin: evil }), 'DELETE', false],
    ['an old browser on another port', () => ({ origin: app.gatewayUrl }), 'GET', false],
    ['an old browser from a file', () => ({ origin: 'null' }), 'GET', false],
    ['an old browser that says nothing', () => ({}), 'GET', false],
    ['a look-alike origin', () => ({ origin: `${own()}.evil.example` }), 'GET', false],
    ['our origin with a path', () => ({ origin: `${own()}/x` }), 'GET', false],
  ]
  it.each(presented)('count as signed in only when they are ours: %s', async (_name, headers, method, counts) => {
    const { status } = await ask(method, '/v3/files/public/x', { ...headers(), cookie })
    expect(status).toBe(counts ? 404 : 401)
  })

  it('are beaten by an explicit credential, also a bad one', async () => {
    const site = { 'sec-fetch-site': 'same-origin', cookie }
    const limited = await app.makeKey(key, { endpoints: { files: { list: true } } })
    expect((await ask('GET', '/data/pinList', { ...site, authorization: `Bearer ${limited.JWT}` })).status).toBe(403)
    expect((await ask('GET', '/data/pinList', { ...site, authorization: 'Bearer a.b.c' })).status).toBe(401)
    expect((await ask('GET', '/data/pinList', { ...site, authorization: '' })).status).toBe(401)
    expect((await ask('GET', '/data/pinList', site)).status).toBe(200)
  })

  it('find no session among broken cookies', async () => {
    const site = { 'sec-fetch-site': 'same-origin' }
    const value = cookie.slice(cookie.indexOf('=') + 1)
    for (const sent of [
      '',
      ';',
      '=',
      cookie.split('=')[0] ?? '',
      `x${cookie}`,
      `pinyon=${value}`,
      `__host-pinyon=${value}`,
      `${cookie}x`,
      '\u00e9=1',
    ])
      expect((await ask('GET', '/data/pinList', { ...site, cookie: sent })).status, sent).toBe(401)
    for (const sent of [`a=b; ${cookie}`, `${cookie}; a=b`, `;;${cookie};`])
      expect((await ask('GET', '/data/pinList', { ...site, cookie: sent })).status, sent).toBe(200)
  })

  it('of the gateway get everything by a star and nothing by a cookie', async () => {
    for (const path of ['/ipfs/bafkqaaa', '/nothing']) {
      const { headers } = await rawAsk(app.gatewayUrl, 'GET', path, { origin: evil, cookie })
      expect(headers['access-control-allow-origin'], path).toBe('*')
      expect(headers['access-control-allow-credentials'], path).toBeUndefined()
      expect(headers['set-cookie'], path).toBeUndefined()
    }
  })

  const forms: [string, Record<string, string>, RegExp][] = [
    ['no word', { authorization: '' }, /has no token/],
    ['only the word', { authorization: 'Bearer' }, /has no token/],
    ['no Bearer', { authorization: 'aaa.bbb.ccc' }, /without the word Bearer/],
    ['another scheme', { authorization: 'Basic dTpw' }, /malformed/],
    ['undefined', { authorization: 'Bearer undefined' }, /PINATA_JWT/],
    ['null', { authorization: 'Bearer null' }, /PINATA_JWT/],
    ['quotes', { authorization: 'Bearer "aaa.bbb.ccc"' }, /not a JWT/],
    ['a key', { authorization: 'Bearer abc' }, /not a JWT/],
    ['two tokens', { authorization: 'Bearer a.b.c d.e.f' }, /malformed/],
    ['key alone', { pinata_api_key: 'x' }, /without pinata_secret_api_key/],
    ['secret alone', { pinata_secret_api_key: 'x' }, /without pinata_api_key/],
    ['hyphens', { 'pinata-api-key': 'x', 'pinata-secret-api-key': 'y' }, /underscores/],
    ['the name of the answer', { pinata_api_secret: 'x' }, /pinata_secret_api_key/],
  ]
  it.each(forms)('are told what is wrong with their header: %s', async (_name, headers, words) => {
    for (const path of ['/data/testAuthentication', '/v3/files/public']) {
      const answer = await ask('GET', path, headers)
      expect(answer.status).toBe(401)
      expect(answer.text).toMatch(words)
    }
  })

  it('may send a credential in any case, twice the same, but not two different ones', async () => {
    const other = await app.makeKey(key, { admin: true })
    const pair = { pinata_api_key: key.pinata_api_key, pinata_secret_api_key: key.pinata_api_secret }
    for (const headers of [
      { authorization: `bearer ${key.JWT}` },
      { Authorization: `BEARER   ${key.JWT} ` },
      pair,
      { PINATA_API_KEY: ` ${key.pinata_api_key} `, Pinata_Secret_Api_Key: key.pinata_api_secret },
      { ...pair, authorization: `Bearer ${key.JWT}` },
    ])
      expect((await ask('GET', '/data/testAuthentication', headers as Record<string, string>)).status).toBe(200)
    const mixed = await ask('GET', '/data/testAuthentication', { ...pair, authorization: `Bearer ${other.JWT}` })
    expect([mixed.status, JSON.parse(mixed.text).error.reason]).toEqual([400, 'MIXED_CREDENTIALS'])
  })
})
