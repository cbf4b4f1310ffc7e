import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { listenGateway } from '../src/gateway/server.ts'
import type { Listening } from '../src/http/server.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { rawAsk } from './support/raw-http.ts'

const base = 'gw.example.org'

describe.each(databases)('gateways of accounts on %s', (database) => {
  let app: TestApp
  let listener: Listening
  let key: KeyValues & { readonly accountId: string }
  let other: KeyValues
  let mine: Uploaded
  let child: string
  let theirs: Uploaded
  const ask = (host: string, path: string, headers: Record<string, string> = {}, method = 'GET') =>
    rawAsk(`http://127.0.0.1:${listener.port}`, method, path, { host, ...headers })
  const manage = async (method: string, path: string, json?: unknown) => {
    const answer = await app.ask(method, `/v3/gateways${path}`, { key, ...(json === undefined ? {} : { json }) })
    expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBe(200)
    return answer.body.data
  }
  /** A new gateway of the first account. */
  async function make(name: string): Promise<{ id: string; host: string }> {
    const { id } = await manage('POST', '', { domain: name })
    return { id, host: `${name}.${base}` }
  }

  beforeAll(async () => {
    app = await startTestApp({
      database,
      env: {
        PINYON_GATEWAY_URL: `http://${base}`,
        PINYON_GATEWAY_SUBDOMAINS: base,
        PINYON_TRUSTED_PROXIES: '127.0.0.1',
        PINYON_DOMAIN_PROOF: 'off',
      },
    })
    listener = await listenGateway(app.services)
    key = await app.setUp()
    other = await app.makeAccount(key, 'other')
    mine = await upload(app, key, [
      ['m/a.txt', `mine on ${database}`],
      ['m/sub/b.html', '<script>1</script>'],
    ])
    theirs = await upload(app, other, [['t.txt', `theirs on ${database}`]])
    const { headers } = await ask('elsewhere', `/ipfs/${mine.cid}/a.txt`)
    child = String(headers['x-ipfs-roots']).split(',')[1] ?? ''
  })
  afterAll(async () => {
    await listener.close(0)
    await app.close()
  })

  it('show what their account holds, to anyone, and nothing else', async () => {
    const { host } = await make('plain')
    const answer = await ask(host, `/ipfs/${mine.cid}/a.txt`)
    expect([answer.status, answer.text]).toEqual([200, `mine on ${database}`])
    expect(answer.headers['cache-control']).toContain('immutable')
    const page = await ask(host, `/ipfs/${mine.cid}/sub/b.html`)
    expect(page.headers['content-security-policy']).toContain('sandbox')
    const hidden = await upload(app, key, [['h.txt', `hidden on ${database}`]], { network: 'private' })
    const refused = await Promise.all(
      [child, theirs.cid, hidden.cid, 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'].flatMap((cid) =>
        ['', '?format=car', '?format=raw', '?format=tar'].map((form) => ask(host, `/ipfs/${cid}${form}`)),
      ),
    )
    for (const { status, text } of refused) expect([status, text]).toEqual([403, refused[0]?.text])
    expect(refused[0]?.text).toContain('ERR_ID:00006')
    expect(refused[0]?.headers).toMatchObject({ 'cache-control': 'no-store', 'access-control-allow-origin': '*' })
    // The installation's own host shows all that is public.
    expect((await ask('elsewhere', `/ipfs/${child}`)).status).toBe(200)
    expect((await ask(host, '/ipfs/nonsense')).status).toBe(400)
  })

  it('with a key show any public content to who has it, and nothing to others, until it is revoked', async () => {
    const { id, host } = await make('keyed')
    const { id: tokenId, value: token } = await manage('POST', `/${id}/access_tokens`)
    for (const [search, headers] of [
      [`?pinataGatewayToken=${token}`, {}],
      ['', { 'x-pinata-gateway-token': token }],
      ['', { authorization: `Bearer ${token}` }],
      [`?token=${token}`, {}],
      ['?pinataGatewayToken=', { 'x-pinata-gateway-token': token }],
    ] as const) {
      for (const cid of [theirs.cid, child]) {
        const answer = await ask(host, `/ipfs/${cid}${search}`, headers)
        expect(answer.status).toBe(200)
        expect(answer.headers['cache-control']).toBe('private, no-store')
        expect(answer.headers['referrer-policy']).toBe('no-referrer')
      }
      const absent = await ask(host, `/ipfs/${mine.cid}/none${search}`, headers)
      expect([absent.status, absent.headers['cache-control']]).toEqual([404, 'private, no-store'])
    }
    for (const [path, method] of [
      [`/ipfs/${mine.cid}`, 'GET'],
      [`/ipfs/${mine.cid}/`, 'HEAD'],
      [`/ipfs/${theirs.cid}?format=raw`, 'GET'],
      [`/ipfs/${mine.cid}/none`, 'GET'],
      ['/ipns/site.example.com/', 'GET'],
    ] as const) {
      const answer = await ask(host, path, { 'if-none-match': '*' }, method)
      expect(answer.status, path).toBe(401)
      expect(answer.headers.etag).toBeUndefined()
      expect(answer.headers.location).toBeUndefined()
    }
    const wrong = await ask(host, `/ipfs/${mine.cid}?pinataGatewayToken=${token}x`)
    expect([wrong.status, wrong.text]).toEqual([401, expect.stringContaining('a gateway key that it knows')])
    expect((await ask(host, `/ipfs/${mine.cid}`)).text).toContain('ERR_ID:00024')
    expect((await ask(host, `/ipfs/${mine.cid}`, {}, 'OPTIONS')).status).toBe(204)
    await manage('DELETE', `/${id}/access_tokens/${tokenId}`)
    expect((await ask(host, `/ipfs/${theirs.cid}?pinataGatewayToken=${token}`)).status).toBe(403)
    expect(app.log()).not.toContain(token)
  })

  it('let pages of an origin and addresses in, each by itself', async () => {
    const { id, host } = await make('near')
    await manage('POST', `/${id}/hosts`, { host: 'https://app.example.com' })
    await manage('POST', `/${id}/ips`, { ip: '192.0.2.0/24' })
    await manage('POST', `/${id}/ips`, { ip: '2001:db8::7' })
    const path = `/ipfs/${theirs.cid}`
    for (const [headers, status] of [
      [{ origin: 'https://app.example.com' }, 200],
      [{ referer: 'https://app.example.com/page?x' }, 200],
      [{ origin: 'https://app.example.com:444' }, 401],
      [{ origin: 'http://app.example.com' }, 401],
      [{ origin: 'https://evil.example', referer: 'https://app.example.com/' }, 401],
      [{ origin: 'null' }, 401],
      [{ 'x-forwarded-for': '192.0.2.77' }, 200],
      [{ 'x-forwarded-for': '::ffff:192.0.2.77' }, 200],
      [{ 'x-forwarded-for': '2001:db8::7' }, 200],
      [{ 'x-forwarded-for': '192.0.2.77, 198.51.100.1' }, 401],
      [{ 'x-forwarded-for': '198.51.100.1, 192.0.2.77, 127.0.0.1' }, 200],
      [{ 'x-forwarded-for': 'nonsense' }, 401],
      [{}, 401],
    ] as const)
      expect((await ask(host, path, headers)).status, JSON.stringify(headers)).toBe(status)
    expect((await ask(host, path)).text).toContain('an allowed origin, or to be asked from an allowed address')
  })

  it('show what a CID was swapped for, where they have swaps, and never for ever', async () => {
    const { id, host } = await make('swapping')
    const target = await upload(app, key, [['x.txt', `swapped on ${database}`]])
    const swapped = await upload(app, key, [['y.txt', `first on ${database}`]])
    const swap = await app.ask('PUT', `/v3/files/public/swap/${swapped.cid}`, { key, json: { swap_cid: target.cid } })
    expect(swap.status).toBe(200)
    expect((await ask(host, `/ipfs/${swapped.cid}`)).text).toBe(`first on ${database}`)
    await manage('POST', `/plugins/${id}`, { plugin_id: 2 })
    const answer = await ask(host, `/ipfs/${swapped.cid}`)
    expect([answer.status, answer.text]).toEqual([200, `swapped on ${database}`])
    expect(answer.headers).toMatchObject({ etag: `"${target.cid}"`, 'cache-control': 'public, max-age=60' })
    expect((await ask('elsewhere', `/ipfs/${swapped.cid}`)).text).toBe(`first on ${database}`)
    await app.ask('DELETE', `/v3/files/public/swap/${swapped.cid}`, { key })
    expect((await ask(host, `/ipfs/${swapped.cid}`)).text).toBe(`first on ${database}`)
  })

  it('answer 404 when what a CID was swapped for is unpinned after it was found', async () => {
    const { id, host } = await make('swapping-away')
    const target = await upload(app, key, [['x.bin', randomBytes(600_000)]])
    const swapped = await upload(app, key, [['y.txt', `stays on ${database}`]])
    await app.ask('PUT', `/v3/files/public/swap/${swapped.cid}`, { key, json: { swap_cid: target.cid } })
    await manage('POST', `/plugins/${id}`, { plugin_id: 2 })
    const { publicPlaces } = app.services
    const find = publicPlaces.find.bind(publicPlaces)
    let left = 2
    vi.spyOn(publicPlaces, 'peek').mockReturnValue(undefined)
    vi.spyOn(publicPlaces, 'find').mockImplementation(async (multihash) => {
      if (--left === 0) expect((await app.ask('DELETE', `/v3/files/public/${target.id}`, { key })).status).toBe(200)
      return find(multihash)
    })
    const answer = await ask(host, `/ipfs/${swapped.cid}`)
    vi.restoreAllMocks()
    expect([answer.status, left <= 0]).toEqual([404, true])
    expect(app.log()).not.toContain('gateway request failed')
  })

  it('are reached by domains of their owner, but never in place of a host of the installation', async () => {
    const { id } = await make('own-domain')
    await manage('POST', `/${id}/custom_domain`, { domain: 'ipfs.example.com' })
    await manage('POST', `/${id}/custom_domain`, { domain: base })
    expect((await ask('ipfs.example.com:8080', `/ipfs/${mine.cid}/a.txt`)).status).toBe(200)
    expect((await ask('IPFS.example.com', `/ipfs/${theirs.cid}`)).status).toBe(403)
    expect((await ask(base, `/ipfs/${theirs.cid}`)).status).toBe(301)
    await manage('DELETE', `/${id}`)
    expect((await ask('ipfs.example.com', `/ipfs/${theirs.cid}`)).status).toBe(200)
  })

  it('end with the account that has them', async () => {
    const { host } = await make('ending')
    const { cid } = await upload(app, key, [['e.txt', `ends on ${database}`]])
    expect((await ask(host, `/ipfs/${cid}`)).status).toBe(200)
    expect((await app.ask('DELETE', `/pinning/unpin/${cid}`, { key })).status).toBe(200)
    expect((await ask(host, `/ipfs/${cid}`)).status).toBe(403)
  })
})
