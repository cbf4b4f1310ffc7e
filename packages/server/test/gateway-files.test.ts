import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { putDirectory, putPb, putRaw } from '../src/ipfs/sample-dags.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, uploadDag, type Uploaded } from './support/content.ts'
import { rawAsk } from './support/raw-http.ts'

describe.each(databases)('files of the gateway on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  const big = randomBytes(3 * 1024 * 1024 + 77)
  const text = 'The quick brown fox'
  let bigV0: Uploaded
  let bigV1: Uploaded
  let small: Uploaded
  let folder: Uploaded
  const get = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)
  const head = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'HEAD', path, headers)

  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
    bigV0 = await upload(app, key, [['big.bin', big]], { cid_version: 'v0' })
    bigV1 = await upload(app, key, [['big.bin', big]])
    small = await upload(app, key, [['fox.txt', text]])
    folder = await upload(app, key, [['f/fox.txt', text]])
  })
  afterAll(() => app.close())

  it('gives the same bytes by CIDv0 and CIDv1, of one block and of many', async () => {
    expect(bigV0.cid).toMatch(/^Qm/)
    for (const [{ cid }, content] of [
      [bigV0, big],
      [bigV1, big],
      [small, Buffer.from(text)],
    ] as const) {
      const answer = await get(`/ipfs/${cid}`)
      expect(answer.status).toBe(200)
      expect(answer.body.equals(content)).toBe(true)
      expect(answer.headers).toMatchObject({
        'content-length': String(content.length),
        etag: `"${cid}"`,
        'cache-control': 'public, max-age=29030400, immutable',
        'accept-ranges': 'bytes',
        'x-ipfs-path': `/ipfs/${cid}`,
        'x-ipfs-roots': cid,
        'x-content-type-options': 'nosniff',
        'access-control-allow-origin': '*',
      })
      expect(answer.headers['content-disposition']).toBeUndefined()
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
  })

  it('answers HEAD as GET, without a body', async () => {
    const forms = [
      `/ipfs/${bigV1.cid}`,
      `/ipfs/${bigV1.cid}?filename=a.mp4`,
      `/ipfs/${bigV1.cid}?format=raw`,
      `/ipfs/${bigV1.cid}?format=car`,
      `/ipfs/${bigV1.cid}?format=tar`,
      `/ipfs/${folder.cid}/`,
      `/ipfs/${folder.cid}`,
      `/ipfs/${small.cid}?download=true`,
      `/ipfs/${small.cid}/nothing`,
      '/ipfs/nonsense',
      '/',
    ]
    for (const form of forms) {
      const [got, headed] = [await get(form), await head(form)]
      const comparable = ({ headers }: typeof got) => {
        const {
          date: _date,
          'x-request-id': _id,
          'transfer-encoding': _encoding,
          connection: _connection,
          ...rest
        } = headers
        return rest
      }
      expect(headed.status, form).toBe(got.status)
      expect(comparable(headed), form).toEqual(comparable(got))
      expect(headed.body.length, form).toBe(0)
    }
    expect((await head(`/ipfs/${bigV1.cid}`)).headers['content-length']).toBe(String(big.length))
  })

  it('answers one range with 206, whatever its form', async () => {
    for (const { cid } of [bigV0, bigV1]) {
      for (const [range, start, end] of [
        ['bytes=0-1', 0, 2],
        ['bytes=0-0', 0, 1],
        ['bytes=-1', big.length - 1, big.length],
        ['bytes=-100000', big.length - 100_000, big.length],
        ['bytes=-99999999', 0, big.length],
        ['bytes=262140-262150', 262_140, 262_151],
        ['bytes=1000000-', 1_000_000, big.length],
        [`bytes=${big.length - 1}-`, big.length - 1, big.length],
        ['bytes=5-99999999999999999999', 5, big.length],
      ] as const) {
        const answer = await get(`/ipfs/${cid}`, { range })
        expect(answer.status, range).toBe(206)
        expect(answer.headers['content-range'], range).toBe(`bytes ${start}-${end - 1}/${big.length}`)
        expect(answer.headers['content-length'], range).toBe(String(end - start))
        expect(answer.body.equals(big.subarray(start, end)), range).toBe(true)
      }
    }
  })

  it('answers 416 with the size beyond the end, and the whole for what is no range, or ranges over one another', async () => {
    for (const range of [`bytes=${big.length}-`, 'bytes=99999999-', 'bytes=-0']) {
      const answer = await get(`/ipfs/${bigV1.cid}`, { range })
      expect(answer.status, range).toBe(416)
      expect(answer.headers['content-range'], range).toBe(`bytes */${big.length}`)
      expect(answer.headers['access-control-allow-origin']).toBe('*')
    }
    for (const range of ['bytes=5-2', 'bytes=a-b', 'bytes', 'lines=1-2', 'bytes=0-5,4-5', 'bytes=-', 'bytes=1-2-3']) {
      const answer = await get(`/ipfs/${small.cid}`, { range })
      expect([answer.status, answer.text], range).toEqual([200, text])
    }
  })

  it('honours If-Range only for the very same entity', async () => {
    const range = 'bytes=4-8'
    expect((await get(`/ipfs/${small.cid}`, { range, 'if-range': `"${small.cid}"` })).text).toBe('quick')
    for (const other of ['"other"', `W/"${small.cid}"`, 'Tue, 01 Jan 2030 00:00:00 GMT'])
      expect((await get(`/ipfs/${small.cid}`, { range, 'if-range': other })).status, other).toBe(200)
  })

  it('answers an empty file, and no range of it', async () => {
    const empty = await upload(app, key, [['empty.txt', '']])
    const answer = await get(`/ipfs/${empty.cid}`)
    expect([answer.status, answer.text, answer.headers['content-length']]).toEqual([200, '', '0'])
    expect((await get(`/ipfs/${empty.cid}`, { range: 'bytes=0-1' })).status).toBe(416)
    for (const path of ['/ipfs/bafkqaaa', '/ipfs/bafkqaaa?format=raw', '/ipfs/bafkqaaa?format=car'])
      expect((await get(path)).status, path).toBe(200)
  })

  it('answers 304 to the tags it gave, for every form', async () => {
    for (const form of ['', '?format=raw', '?format=car', '?format=tar', '?filename=x.png', '?download=true']) {
      const { etag = '' } = (await get(`/ipfs/${bigV1.cid}${form}`)).headers
      for (const sent of [etag, `"x", W/${etag.replace('W/', '')}`, '*']) {
        const answer = await get(`/ipfs/${bigV1.cid}${form}`, { 'if-none-match': sent, range: 'bytes=0-1' })
        expect([answer.status, answer.body.length, answer.headers.etag], `${form} ${sent}`).toEqual([304, 0, etag])
        expect(answer.headers['cache-control']).toContain('immutable')
      }
      expect((await get(`/ipfs/${bigV1.cid}${form}`, { 'if-none-match': '"x"' })).status).toBe(200)
    }
  })

  it('knows types by the name asked for, by the path, and by the bytes; the same for a range', async () => {
    const html = '<!doctype html><title>x</title>'
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    const png = Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de', 'hex')
    const folder = await upload(app, key, [
      ['site/page.html', html],
      ['site/module.mjs', 'export {}'],
      ['site/data.json', '{"a":1}'],
      ['site/notes', 'plain words'],
      ['site/noname-json', '{"a": [1, 2]}'],
      ['site/noname-html', html],
      ['site/noname-svg', svg],
      ['site/noname-png', png],
      ['site/bytes', Buffer.from([0, 1, 2, 255])],
    ])
    for (const [path, type] of [
      ['page.html', 'text/html; charset=utf-8'],
      ['module.mjs', 'text/javascript; charset=utf-8'],
      ['data.json', 'application/json'],
      ['notes', 'text/plain; charset=utf-8'],
      ['noname-json', 'application/json'],
      ['noname-html', 'text/html; charset=utf-8'],
      ['noname-svg', 'image/svg+xml'],
      ['noname-png', 'image/png'],
      ['bytes', 'application/octet-stream'],
      ['page.html?filename=film.mp4', 'video/mp4'],
      ['noname-json?filename=x', 'application/json'],
      ['notes?filename=a.svg', 'image/svg+xml'],
    ] as const) {
      for (const headers of [{}, { range: 'bytes=1-2' }] as Record<string, string>[]) {
        const answer = await get(`/ipfs/${folder.cid}/${path}`, headers)
        expect(answer.status).toBe('range' in headers ? 206 : 200)
        expect(answer.headers['content-type'], path).toBe(type)
      }
    }
  })

  it('offers to save under any name, and no name gets out of its header', async () => {
    for (const [name, expected] of [
      ['a.txt', 'inline; filename="a.txt"'],
      ['quote".txt', 'inline; filename="quote\\".txt"'],
      ['büro.txt', `inline; filename="b_ro.txt"; filename*=UTF-8''b%C3%BCro.txt`],
      ['a\r\nSet-Cookie: x=1', `inline; filename="a__Set-Cookie: x=1"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1`],
      ['\ud83d\ude00.txt', `inline; filename="__.txt"; filename*=UTF-8''%F0%9F%98%80.txt`],
    ] as const) {
      const answer = await get(`/ipfs/${small.cid}?filename=${encodeURIComponent(name)}`)
      expect(answer.status, name).toBe(200)
      expect(answer.headers['content-disposition'], name).toBe(expected)
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    const saved = await get(`/ipfs/${small.cid}?download=true&filename=fox.txt`)
    expect(saved.headers['content-disposition']).toBe('attachment; filename="fox.txt"')
    expect((await get(`/ipfs/${small.cid}?filename=${'%C3%A4'.repeat(2_000)}`)).status).toBe(200)
  })

  it('gives one block as it is', async () => {
    const raw = await get(`/ipfs/${small.cid}?format=raw`)
    expect(raw.text).toBe(text)
    expect(raw.headers).toMatchObject({
      'content-type': 'application/vnd.ipld.raw',
      'content-disposition': `attachment; filename="${small.cid}.bin"`,
      etag: `"${small.cid}.raw"`,
    })
    const accepted = await get(`/ipfs/${small.cid}`, { accept: 'application/vnd.ipld.raw' })
    expect(accepted.headers).toMatchObject({ vary: 'Accept', 'content-location': `/ipfs/${small.cid}?format=raw` })
    // A cache must not give one for the other, whichever came first.
    expect((await get(`/ipfs/${small.cid}`)).headers.vary).toBe('Accept')
    expect(raw.headers.vary).toBeUndefined()
    expect((await get(`/ipfs/${small.cid}?format=raw`, { range: 'bytes=4-8' })).text).toBe('quick')
    const root = await get(`/ipfs/${bigV0.cid}?format=raw`)
    expect(root.body.length).toBeLessThan(2_000)
    expect((await get(`/ipfs/${bigV0.cid}?format=raw`, { range: 'bytes=100000-' })).headers['content-range']).toBe(
      `bytes */${root.body.length}`,
    )
  })

  it('gives the target of a symlink as text and never follows it', async () => {
    const blocks = new MemoryBlocks()
    const link = (to: string) => putPb(blocks, { type: 'symlink', data: Buffer.from(to) })
    const root = putDirectory(blocks, {
      passwd: link('/etc/passwd'),
      self: link('self'),
      up: link('../../..'),
      'page.html': link('<script>1</script>'),
      real: putRaw(blocks, 'real'),
    })
    const { cid } = await uploadDag(app, key, { root, blocks })
    expect((await get(`/ipfs/${cid}/passwd`)).text).toBe('/etc/passwd')
    expect((await get(`/ipfs/${cid}/self`)).text).toBe('self')
    expect((await get(`/ipfs/${cid}/up/real`)).status).toBe(404)
    expect((await get(`/ipfs/${cid}/page.html`)).headers['content-security-policy']).toContain('sandbox')
  })

  it('runs nothing in an origin that anything else shares', async () => {
    const page = '<!doctype html><script>document.cookie</script>'
    const { cid } = await upload(app, key, [
      ['s/a.html', page],
      ['s/a.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'],
      ['s/a.xml', '<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><x/>'],
      ['s/a.xhtml', '<html xmlns="http://www.w3.org/1999/xhtml"/>'],
      ['s/a.pdf', '%PDF-1.7\n'],
      ['s/a.js', 'alert(1)'],
      ['s/a.mht', 'MIME-Version: 1.0'],
      ['s/sniffed', page],
      ['s/a.png', page],
    ])
    for (const path of [
      'a.html',
      'a.svg',
      'a.xml',
      'a.xhtml',
      'a.pdf',
      'a.js',
      'a.mht',
      'sniffed',
      'a.png?filename=x.html',
    ]) {
      const { headers } = await get(`/ipfs/${cid}/${path}`, { cookie: '__Host-pinyon=x' })
      expect(headers['content-security-policy'], path).toMatch(/^sandbox (?!.*allow-same-origin)/)
      expect(headers['x-content-type-options'], path).toBe('nosniff')
      expect(headers['set-cookie'], path).toBeUndefined()
    }
    // An image by name stays one whatever its bytes say: nosniff.
    expect((await get(`/ipfs/${cid}/a.png`)).headers).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
    })
  })

  it('refuses what is no request for content in words, always with CORS', async () => {
    for (const [path, status] of [
      ['/', 404],
      ['/favicon.ico', 404],
      ['/api/v0/id', 404],
      ['//evil.example/', 404],
      ['/ipfs', 404],
      ['/ipfs/', 400],
      ['/ipfs/nonsense', 400],
      ['/ipfs/%', 400],
      [`/ipfs/${'a'.repeat(5_000)}`, 400],
      ['/ipfs/../../etc/passwd', 400],
      ['/ipfs/%2e%2e/x', 400],
      [`/ipfs/${'QmSoftS'.repeat(2)}`, 400],
      ['/ipns/example.org', 404],
      [`/ipfs/${small.cid}/%zz`, 400],
      [`/ipfs/${small.cid}/a`, 404],
      [`/ipfs/${small.cid}${'/a'.repeat(300)}`, 400],
      [`/ipfs/${small.cid}/${'a'.repeat(9_000)}`, 400],
      [`/ipfs/${small.cid}?format=zip`, 400],
      [`/ipfs/${small.cid}?format=dag-json`, 406],
      [`/ipfs/${small.cid}?format=ipns-record`, 400],
      ['/ipns/nonsense', 400],
      ['/ipfs/?uri=https://evil.example/', 400],
      [`/ipfs/${small.cid}?format=car&dag-scope=some`, 400],
      [`/ipfs/${small.cid}?format=car&entity-bytes=a`, 400],
      [`/ipfs/${small.cid}?format=car&car-version=2`, 400],
      [`/ipfs/${small.cid}?format=car&car-dups=maybe`, 400],
      [`/ipfs/${small.cid}?format=car&car-order=random`, 400],
    ] as const) {
      const answer = await get(path)
      expect(answer.status, path).toBe(status)
      expect(answer.headers['access-control-allow-origin'], path).toBe('*')
      expect(answer.headers['x-request-id'], path).toBeDefined()
      expect(answer.headers['content-type'], path).toBe('text/plain; charset=utf-8')
      expect(answer.text.length, path).toBeGreaterThan(10)
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'TRACE']) {
      const answer = await rawAsk(app.gatewayUrl, method, `/ipfs/${small.cid}`)
      expect([answer.status, answer.headers.allow], method).toEqual([405, 'GET, HEAD, OPTIONS'])
    }
  })

  it('lets pages of other origins read every answer, errors, redirects and what is unchanged too', async () => {
    for (const [path, headers, status] of [
      [`/ipfs/${small.cid}`, {}, 200],
      [`/ipfs/${small.cid}`, { range: 'bytes=0-1' }, 206],
      [`/ipfs/${small.cid}`, { 'if-none-match': '*' }, 304],
      [`/ipfs/${small.cid}`, { range: 'bytes=999-' }, 416],
      [`/ipfs/${folder.cid}`, {}, 301],
      [`/ipfs/${folder.cid}/`, {}, 200],
      [`/ipfs/${folder.cid}/none`, {}, 404],
      ['/ipfs/nonsense', {}, 400],
      [`/files/${small.cid}`, {}, 401],
      [`/ipfs/${small.cid}?format=dag-json`, {}, 406],
      ['/ipns/nowhere.example', {}, 404],
    ] as const) {
      const { status: answered, headers: shown } = await get(path, { origin: 'https://page.example', ...headers })
      expect([path, answered]).toEqual([path, status])
      expect(shown['access-control-allow-origin']).toBe('*')
      expect(shown['access-control-expose-headers']).toContain('Content-Range')
      expect(shown['access-control-allow-credentials']).toBeUndefined()
      expect(shown['last-modified']).toBeUndefined()
    }
    const listing = await get(`/ipfs/${folder.cid}/`)
    expect(listing.headers['cache-control']).toBe('public, max-age=604800, stale-while-revalidate=2678400')
  })

  it('answers a preflight with what it asks for', async () => {
    const answer = await rawAsk(app.gatewayUrl, 'OPTIONS', `/ipfs/${small.cid}`, {
      origin: 'https://page.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-special, range\u00e9',
    })
    expect(answer.status).toBe(204)
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect(answer.headers['access-control-allow-headers']).toMatch(/x-special/)
  })

  it('lets no service worker take a whole CID', async () => {
    expect((await get(`/ipfs/${small.cid}`, { 'service-worker': 'script' })).status).toBe(400)
  })

  it('reads names escaped once, and says so where they are not', async () => {
    const { cid } = await upload(app, key, [
      ['d/größe.txt', 'a'],
      ['d/%41.txt', 'b'],
      ['d/A.txt', 'c'],
      ['d/a b+c.txt', 'd'],
    ])
    expect((await get(`/ipfs/${cid}/gr%C3%B6%C3%9Fe.txt`)).text).toBe('a')
    const unescaped = await get(Buffer.from(`/ipfs/${cid}/größe.txt`).toString('latin1'))
    expect([unescaped.status, unescaped.headers['access-control-allow-origin']]).toEqual([400, '*'])
    expect(unescaped.text).toContain('percent-encoded')
    expect((await get(`/ipfs/${cid}/%2541.txt`)).text).toBe('b')
    expect((await get(`/ipfs/${cid}/%41.txt`)).text).toBe('c')
    expect((await get(`/ipfs/${cid}/a%20b+c.txt`)).text).toBe('d')
    expect((await get(`/ipfs/${cid}//A.txt`)).text).toBe('c')
  })
})
