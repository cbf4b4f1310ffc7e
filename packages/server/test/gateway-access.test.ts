import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenGateway } from '../src/gateway/server.ts'
import type { Listening } from '../src/http/server.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { PresetNames } from './support/preset-names.ts'
import { rawAsk } from './support/raw-http.ts'

const base = 'gw.example.org'

describe.each(databases)('access to gateways on %s', (database) => {
  const names = new PresetNames()
  let app: TestApp
  let listener: Listening
  let key: KeyValues
  let other: KeyValues
  let mine: Uploaded
  let theirs: Uploaded
  let hidden: Uploaded
  beforeAll(async () => {
    app = await startTestApp({
      database,
      nameSource: names,
      env: {
        PINYON_GATEWAY_URL: `http://${base}`,
        PINYON_GATEWAY_SUBDOMAINS: base,
        PINYON_TRUSTED_PROXIES: '127.0.0.1',
      },
    })
    listener = await listenGateway(app.services)
    const operator = await app.setUp()
    key = await app.makeAccount(operator, 'mine')
    other = await app.makeAccount(operator, 'theirs')
    mine = await upload(app, key, [['m/a.txt', `mine on ${database}`], ['m/b.txt', 'b']]) // prettier-ignore
    theirs = await upload(app, other, [['t.txt', `theirs on ${database}`]])
    hidden = await upload(app, other, [['h.txt', `hidden on ${database}`]], { network: 'private' })
    names.setLink('site.example.com', `/ipfs/${mine.cid}`)
  })
  afterAll(async () => {
    await listener.close(0)
    await app.close()
  })

  const ask = (as: KeyValues, method: string, path: string, json?: unknown) =>
    app.ask(method, path, { key: as, ...(json === undefined ? {} : { json }) })
  async function make(domain: string): Promise<string> {
    const made = await ask(key, 'POST', '/v3/gateways', { domain })
    expect(made.status).toBe(200)
    return made.body.data.id
  }
  it('is said in words, as it is now', async () => {
    const id = await make('worded')
    const access = async () => (await ask(key, 'GET', `/pinyon/v1/gateways/${id}/access`)).body
    expect(await access()).toEqual({
      reads: 'own',
      sentences: [
        'Anyone can read the public files of this account. Nothing else is served.',
        'Private files are read by signed links alone.',
      ],
      hosts: [{ host: `worded.${base}`, served: true }],
    })
    await ask(key, 'POST', `/v3/gateways/${id}/access_tokens`)
    await ask(key, 'POST', `/v3/gateways/${id}/ips`, { ip: '192.0.2.7' })
    await ask(key, 'POST', `/v3/gateways/${id}/custom_domain`, { domain: 'w.example.com' })
    await ask(key, 'POST', `/v3/gateways/plugins/${id}`, { plugin_id: 2 })
    expect(await access()).toMatchObject({
      reads: 'public',
      sentences: [
        'Any public content can be read by whoever shows one of its access tokens, or requests from its addresses. Everybody else is refused.',
        'Private files are read by signed links alone.',
        'A CID that was swapped shows the other one.',
        'w.example.com is not served: its record was not found.',
      ],
      hosts: [{ served: true }, { host: 'w.example.com', served: false }],
    })
    expect((await ask(other, 'GET', `/pinyon/v1/gateways/${id}/access`)).status).toBe(404)
  })

  it('is tried with the answer that the gateway gives', async () => {
    const open = await make('open-one')
    const guarded = await make('guarded-one')
    const { value: token } = (await ask(key, 'POST', `/v3/gateways/${guarded}/access_tokens`)).body.data
    await ask(key, 'POST', `/v3/gateways/${guarded}/hosts`, { host: 'https://app.example.com' })
    await ask(key, 'POST', `/v3/gateways/${guarded}/ips`, { ip: '192.0.2.0/24' })
    const file = `/ipfs/${mine.cid}/a.txt`
    for (const [gateway, path, shown, status, wayIn] of [
      ['open-one', file, {}, 200, 'anyone'],
      ['open-one', '/ipns/site.example.com/b.txt', {}, 200, 'anyone'],
      ['open-one', `/ipfs/${mine.cid}/none`, {}, 404, 'anyone'],
      ['open-one', `/ipfs/${theirs.cid}`, {}, 403, 'anyone'],
      ['open-one', `/ipfs/${hidden.cid}`, {}, 403, 'anyone'],
      ['open-one', '/ipfs/nonsense', {}, 400, 'anyone'],
      ['guarded-one', file, {}, 401, null],
      ['guarded-one', file, { token: 'wrong' }, 401, null],
      ['guarded-one', `/ipfs/${theirs.cid}`, { token }, 200, 'token'],
      ['guarded-one', `/ipfs/${hidden.cid}`, { token }, 404, 'token'],
      ['guarded-one', `/ipfs/${theirs.cid}`, { origin: 'https://app.example.com' }, 200, 'origin'],
      ['guarded-one', `/ipfs/${theirs.cid}`, { address: '192.0.2.9' }, 200, 'address'],
      ['guarded-one', `/ipfs/${theirs.cid}`, { origin: 'https://evil.example', address: '198.51.100.1' }, 401, null],
    ] as const) {
      const id = gateway === 'open-one' ? open : guarded
      const tried = await ask(key, 'POST', `/pinyon/v1/gateways/${id}/access/try`, { path, ...shown })
      const what = `${gateway} ${path} ${JSON.stringify(shown)}`
      expect([what, tried.status, tried.body.status, tried.body.wayIn]).toEqual([what, 200, status, wayIn])
      expect(tried.body.served).toBe(status === 200)
      const real = await rawAsk(`http://127.0.0.1:${listener.port}`, 'GET', path, {
        host: `${gateway}.${base}`,
        'x-forwarded-for': 'address' in shown ? shown.address : '203.0.113.1',
        ...('token' in shown ? { 'x-pinata-gateway-token': shown.token } : {}),
        ...('origin' in shown ? { origin: shown.origin } : {}),
      })
      expect([what, real.status]).toEqual([what, status])
      // In the same words, but for what is said of a path alone.
      if (status === 401 || status === 403) expect(real.text).toBe(`${tried.body.why}\n`)
    }
    expect(app.log()).not.toContain(token)
    const path = `/pinyon/v1/gateways/${open}/access/try`
    expect((await ask(other, 'POST', path, { path: file })).status).toBe(404)
    expect((await ask(key, 'POST', path, { path: file, address: 'nowhere' })).status).toBe(400)
  })
})
