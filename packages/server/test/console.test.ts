import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { routeList } from '@pinyon/contract/routes.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './support/app.ts'
import { rawAsk } from './support/raw-http.ts'

const asBrowser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const script = 'console.log("pine")\n'.repeat(200)
const scriptPath = '/console/index-DYKbQrfv.js'

/** A build as the builder leaves it, small. */
async function makeBuild(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-console-'))
  await mkdir(join(dir, 'console'))
  const write = (path: string, content: string | Uint8Array) => writeFile(join(dir, path), content)
  await write('index.html', '<meta nonce="%NONCE%"><style nonce="%NONCE%"></style><div id="root"></div>')
  await write('.built-from', 'a hash')
  await write('secret.txt', 'beside the page')
  await write(scriptPath, script)
  await write(`${scriptPath}.br`, brotliCompressSync(script))
  await write(`${scriptPath}.gz`, gzipSync(script))
  await write('console/index-abc_-123.css', 'p{}')
  await write('console/inter-latin-12345678.woff2', 'font')
  await write('console/icon.svg', '<svg/>')
  return dir
}

describe('the console', () => {
  let app: TestApp
  let dir: string
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    rawAsk(app.apiUrl, method, path, headers)

  beforeAll(async () => {
    dir = await makeBuild()
    app = await startTestApp({ consoleDir: dir })
  })
  afterAll(async () => {
    await app.close()
    await rm(dir, { recursive: true })
  })

  it('is one page at every address that a person opens', async () => {
    for (const path of [
      '/',
      '/files',
      '/files/0199/x.jpg?a=b',
      '/keys/new',
      '/setup',
      '/v4',
      '/metricsx',
      '/index.html',
    ]) {
      const answer = await get(path, asBrowser)
      expect([path, answer.status, answer.headers['content-type']]).toEqual([path, 200, 'text/html; charset=utf-8'])
      expect(answer.text).toContain('<div id="root">')
    }
    expect((await get('/')).text).toContain('<div id="root">')
  })

  it('runs its own scripts only, talks to this server only, and shows what users uploaded from the gateway', async () => {
    const { headers } = await get('/', asBrowser)
    const gateway = app.gatewayUrl
    const policy = String(headers['content-security-policy'])
    expect(policy.replace(/'nonce-[\w+/=]+'/, "'nonce'")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce'; " +
        `img-src 'self' blob: data: ${gateway}; media-src 'self' blob: ${gateway}; font-src 'self'; connect-src 'self'; ` +
        `frame-src ${gateway}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'; manifest-src 'self'`,
    )
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringMatching(/camera=\(\).*clipboard-write=\(self\)/),
      'x-request-id': expect.any(String),
    })
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  it('has a new nonce of 128 bits in each answer, in header and page alike', async () => {
    const nonces = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { headers, text } = await get('/', asBrowser)
        const nonce = /'nonce-([^']+)'/.exec(String(headers['content-security-policy']))?.[1] ?? ''
        expect(text).toContain(`<meta nonce="${nonce}"><style nonce="${nonce}">`)
        return nonce
      }),
    )
    expect(new Set(nonces).size).toBe(20)
    for (const nonce of nonces) expect(Buffer.from(nonce, 'base64')).toHaveLength(16)
  })

  it('names the public address of the gateway, without its path', async () => {
    const other = await startTestApp({ consoleDir: dir, env: { PINYON_GATEWAY_URL: 'https://files.example.test/' } })
    try {
      const { headers } = await rawAsk(other.apiUrl, 'GET', '/', asBrowser)
      expect(headers['content-security-policy']).toContain('frame-src https://files.example.test;')
    } finally {
      await other.close()
    }
  })

  it('has files that browsers keep for ever, typed and compressed as they ask', async () => {
    const plain = await get(scriptPath)
    expect(plain.text).toBe(script)
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
      'content-length': String(script.length),
    })
    expect(plain.headers['content-encoding']).toBeUndefined()
    const brotli = await get(scriptPath, { 'accept-encoding': 'gzip, deflate, br, zstd' })
    expect(brotli.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(brotli.body).toString()).toBe(script)
    const gzip = await get(scriptPath, { 'accept-encoding': 'GZIP;q=0.5, br;q=0' })
    expect(gzip.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(gzip.body).toString()).toBe(script)
    for (const accepted of ['', 'identity', 'brotli', 'br;q=0.0'])
      expect((await get(scriptPath, { 'accept-encoding': accepted })).headers['content-encoding']).toBeUndefined()
    for (const [path, type, age] of [
      ['/console/index-abc_-123.css', 'text/css; charset=utf-8', 'immutable'],
      ['/console/inter-latin-12345678.woff2', 'font/woff2', 'immutable'],
      ['/console/icon.svg', 'image/svg+xml', 'max-age=3600'],
    ] as const) {
      const { status, headers } = await get(path, { 'accept-encoding': 'br' })
      expect([path, status, headers['content-type']]).toEqual([path, 200, type])
      expect(headers['cache-control']).toContain(age)
    }
  })

  it('answers 304 to a tag of the same bytes in the same coding', async () => {
    const tagOf = async (headers: Record<string, string>) => String((await get(scriptPath, headers)).headers.etag)
    const [plain, brotli] = [await tagOf({}), await tagOf({ 'accept-encoding': 'br' })]
    expect(plain).not.toBe(brotli)
    const same = await get(scriptPath, { 'if-none-match': plain })
    expect([same.status, same.body.length, same.headers.etag]).toEqual([304, 0, plain])
    expect((await get(scriptPath, { 'if-none-match': plain, 'accept-encoding': 'br' })).status).toBe(200)
    expect((await get(scriptPath, { 'if-none-match': brotli, 'accept-encoding': 'br' })).status).toBe(304)
  })

  it('answers HEAD as GET without a body', async () => {
    for (const path of ['/', '/files', scriptPath, '/console/icon.svg']) {
      const [got, headed] = [await get(path, asBrowser), await get(path, asBrowser, 'HEAD')]
      expect([path, headed.status, headed.body.length]).toEqual([path, 200, 0])
      for (const name of ['content-type', 'content-length', 'cache-control', 'etag'])
        expect(headed.headers[name], `${path} ${name}`).toBe(got.headers[name])
    }
  })

  it('shares the address of groups with the API: people get the page, programs the API', async () => {
    for (const path of ['/groups', '/groups/', '/groups/0199', '/groups/private/0199?a=b', '/groups/x/cids']) {
      for (const more of [{}, { 'sec-fetch-mode': 'navigate' }]) {
        const { status, text, headers } = await get(path, { ...asBrowser, ...more })
        expect([path, status, headers['content-type']]).toEqual([path, 200, 'text/html; charset=utf-8'])
        expect([path, text.includes('<div id="root">')]).toEqual([path, true])
      }
      expect((await get(path, asBrowser, 'HEAD')).status).toBe(200)
    }
    const programs: Record<string, string>[] = [
      {},
      { accept: '*/*' },
      { accept: 'application/json' },
      { ...asBrowser, authorization: 'Bearer x' },
      { ...asBrowser, pinata_api_key: 'x' },
      { ...asBrowser, 'sec-fetch-mode': 'cors' },
      { ...asBrowser, 'sec-fetch-mode': 'no-cors' },
    ]
    for (const headers of programs) {
      const { status, text } = await get('/groups', headers)
      expect([headers, status, typeof JSON.parse(text).error]).toEqual([headers, 401, 'object'])
    }
    expect((await get('/groups', asBrowser, 'POST')).status).toBe(401)
    expect((await get('/groups/a/b/c')).status).toBe(404)
  })

  it('is not where the API is: what programs mistype stays an error in JSON', async () => {
    const missing = [
      ...routeList
        .map(({ path }) => `/${path.split('/')[1]}/no/such/address`)
        .filter((path) => !path.startsWith('/groups/')),
      '/pinning',
      '/data/x',
      '/v3/nothing',
      '/psa/x',
      '/pinyon/v1/x',
      '/docs/a/b',
      '/health',
      '/console/gone-12345678.js',
      `${scriptPath}.br`,
      '/console/',
      '/console/index.html',
    ]
    for (const path of missing) {
      const { status, text } = await get(path, asBrowser)
      expect([path, status, typeof JSON.parse(text).error]).toEqual([path, 404, 'object'])
    }
    expect(Object.keys(JSON.parse((await get('/data/x', asBrowser)).text).error)).toEqual(['reason', 'details'])
    for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json' }])
      expect(JSON.parse((await get('/files', headers)).text).error.reason).toBe('OBJECT_NOT_FOUND')
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect((await get('/files', asBrowser, method)).status, method).toBe(404)
    expect((await get('/v3/files/public', asBrowser)).status).toBe(401)
    expect((await get('/pinning/pinJSONToIPFS', asBrowser)).status).toBe(405)
  })

  it('gives no file but those under /console/, whatever the path', async () => {
    for (const path of [
      '/secret.txt',
      '/.built-from',
      '/console/../secret.txt',
      '/console/%2e%2e/secret.txt',
      '/console/..%2fsecret.txt',
      '/console//../.built-from',
      '/console/../../package.json',
      '/../../etc/passwd',
      '/console/..%5csecret.txt',
      '/%63onsole/../secret.txt',
      '//console/icon.svg/../../secret.txt',
    ]) {
      for (const headers of [{}, asBrowser]) {
        const { text } = await get(path, headers)
        expect(text, path).not.toMatch(/beside the page|a hash|root:|workspaces/)
      }
    }
  })

  it('answers while the server is not ready', async () => {
    const other = await startTestApp({ consoleDir: dir })
    try {
      other.services.health.enter('draining')
      expect((await rawAsk(other.apiUrl, 'GET', '/pinyon/v1/whoami')).status).toBe(503)
      expect((await rawAsk(other.apiUrl, 'GET', '/', asBrowser)).status).toBe(200)
      expect((await rawAsk(other.apiUrl, 'GET', scriptPath)).status).toBe(200)
    } finally {
      await other.close()
    }
  })

  it('says what to do where it is not built', async () => {
    const other = await startTestApp({ consoleDir: join(dir, 'nowhere') })
    try {
      for (const path of ['/', '/files']) {
        const { status, text } = await rawAsk(other.apiUrl, 'GET', path, asBrowser)
        expect(status).toBe(404)
        expect(JSON.parse(text).error.message).toBe('The console is not built; npm start builds it.')
      }
      expect((await rawAsk(other.apiUrl, 'GET', '/health/ready')).status).toBe(200)
    } finally {
      await other.close()
    }
  })
})
