import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenGateway } from '../src/gateway/server.ts'
import type { Listening } from '../src/http/server.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { rawAsk, type RawAnswer } from './support/raw-http.ts'

const base = 'gw.example.org'
const rate = 60

/** T145, T147, T148 where no other test holds them. */
describe.each(databases)('attacks on gateways on %s', (database) => {
  let app: TestApp
  let listener: Listening
  let key: KeyValues
  let page: Uploaded
  beforeAll(async () => {
    const env = {
      PINYON_GATEWAY_URL: `http://${base}`,
      PINYON_GATEWAY_SUBDOMAINS: base,
      PINYON_RATE_LIMITS: `gateway=${rate}/3600`,
    }
    app = await startTestApp({ database, env })
    listener = await listenGateway(app.services)
    key = await app.setUp()
    page = await upload(app, key, [['p.html', `<p>${database}`]])
  })
  afterAll(async () => {
    await listener.close(0)
    await app.close()
  })

  const ask = (host: string, path: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
    rawAsk(`http://127.0.0.1:${listener.port}`, 'GET', path, { host, ...headers })
  const keyed = async (domain: string) => {
    const { id } = (await app.ask('POST', '/v3/gateways', { key, json: { domain } })).body.data
    const token = (await app.ask('POST', `/v3/gateways/${id}/access_tokens`, { key })).body.data.value
    return { host: `${domain}.${base}`, token }
  }

  it('by tokens of other gateways, in cookies, and by guessing, are refused and told to nobody', async () => {
    const [mine, other] = [await keyed('mine'), await keyed('other')]
    const path = `/ipfs/${page.cid}`
    let asked = 0
    for (const [status, search, headers] of [
      [200, `?pinataGatewayToken=${mine.token}`, {}],
      [200, '', { 'x-pinata-gateway-token': mine.token }],
      [401, `?pinataGatewayToken=${other.token}`, {}],
      [401, '', { 'x-pinata-gateway-token': other.token }],
      [401, '', { cookie: `pinataGatewayToken=${mine.token}` }],
      [401, `?filename=${mine.token}`, {}],
    ] as const) {
      const answer = await ask(mine.host, `${path}${search}`, headers)
      asked++
      expect([search, headers, answer.status]).toEqual([search, headers, status])
      expect(answer.headers['referrer-policy']).toBe('no-referrer')
      expect(answer.headers['set-cookie']).toBeUndefined()
      if (status === 401) expect(answer.text).not.toContain('pngw_')
    }
    const statuses = new Set<number>()
    for (; asked < rate; asked++)
      statuses.add((await ask(mine.host, `${path}?pinataGatewayToken=guess${asked}`)).status)
    expect([...statuses]).toEqual([401])
    const tooMany = await ask(mine.host, `${path}?pinataGatewayToken=${mine.token}`)
    expect([tooMany.status, Number(tooMany.headers['retry-after'])]).toEqual([429, expect.any(Number)])
    expect(app.log()).not.toMatch(/pngw_|guess\d/)
  })

  it('by odd hosts are answered as the specification says, or refused', async () => {
    const { cid } = page
    for (const [host, status] of [
      ['nobody.example', 404],
      [base, 404],
      [`${cid}.ipfs.${base}`, 200],
      [`${cid.toUpperCase()}.ipfs.GW.Example.org`, 200],
      [`${cid}.ipfs.${base}.`, 200],
      [`${cid}.ipfs.${base}:8080`, 200],
      [`${cid}.ipfs.${base}.evil.example`, 404],
      [`QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG.ipfs.${base}`, 400],
      [`${'a'.repeat(70)}.ipfs.${base}`, 400],
      [`nobody.${base}`, 404],
      ['x y', 400],
      ['[::1', 400],
      ['a@b', 400],
    ] as const) {
      const answer = await ask(host, '/')
      expect([host, answer.status]).toEqual([host, status])
      expect(answer.headers.location).toBeUndefined()
      expect(answer.headers['access-control-allow-origin']).toBe('*')
    }
    const redirected = await ask(`${base}:8080`, `/ipfs/${cid}`)
    expect([redirected.status, redirected.headers.location]).toEqual([301, `http://${cid}.ipfs.${base}:8080/`])
  })

  it('by an account that is none change nothing', async () => {
    for (const id of ['nope', '01990000-0000-7000-8000-000000000000', '%00', '*']) {
      const json = { disabled: true }
      const { status } = await app.ask('PATCH', `/pinyon/v1/accounts/${id}`, { key, json })
      expect([id, [400, 404].includes(status)]).toEqual([id, true])
    }
    const { accounts } = (await app.ask('GET', '/pinyon/v1/accounts', { key })).body
    expect(accounts.map(({ disabledAt }: { disabledAt: unknown }) => disabledAt)).toEqual([null])
  })
})
