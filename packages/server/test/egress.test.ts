import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { listenGateway } from '../src/gateway/server.ts'
import type { Listening } from '../src/http/server.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { TestClock } from './support/domain.ts'
import { rawAsk, type RawAnswer } from './support/raw-http.ts'

const base = 'gw.example.org'
type Account = KeyValues & { readonly accountId: string }

describe.each(databases)('egress quotas on %s', (database) => {
  const clock = new TestClock()
  let app: TestApp
  let listener: Listening
  let operator: Account
  let accounts = 0
  beforeAll(async () => {
    const env = { PINYON_GATEWAY_URL: `http://${base}`, PINYON_GATEWAY_SUBDOMAINS: base }
    app = await startTestApp({ database, clock, env })
    listener = await listenGateway(app.services)
    operator = await app.setUp()
  })
  afterAll(async () => {
    await listener.close(0)
    await app.close()
  })

  const account = () => app.makeAccount(operator, `eg-${database}-${++accounts}`)
  const get = (path: string, host = 'elsewhere', method = 'GET') =>
    rawAsk(`http://127.0.0.1:${listener.port}`, method, path, { host })
  const setQuota = async ({ accountId }: Account, egressQuotaBytes: number | null) => {
    const json = { egressQuotaBytes }
    const { status, body } = await app.ask('PATCH', `/pinyon/v1/accounts/${accountId}`, { key: operator, json })
    expect([status, body.egressQuotaBytes]).toEqual([200, egressQuotaBytes])
  }
  const usage = async (key: Account) => {
    await app.services.traffic.flush()
    return (await app.ask('GET', '/pinyon/v1/usage', { key })).body.account.egress
  }
  const refused = ({ status, text, headers }: RawAnswer) => {
    expect([status, text]).toEqual([429, expect.stringContaining('It is served again from 2026-03-01 (UTC)')])
    expect(headers).toMatchObject({
      'retry-after': String((Date.UTC(2026, 2) - clock.now()) / 1_000),
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
    })
    expect(headers.etag).toBeUndefined()
  }

  it('count the bytes of an account, refuse all that is its own, and let in again when they are raised', async () => {
    const key = await account()
    const text = 'x'.repeat(5_000)
    const file = await upload(app, key, [['a.txt', `${text} of ${database}`]])
    const folder = await upload(app, key, [['f/leaf.txt', `leaf of ${database}`]])
    const hidden = await upload(app, key, [['h.txt', `hidden of ${database}`]], { network: 'private' })
    const child = String((await get(`/ipfs/${folder.cid}/leaf.txt`)).headers['x-ipfs-roots']).split(',')[1]
    const json = { url: `http://${base}/files/${hidden.cid}`, date: Math.floor(clock.now() / 1_000), expires: 600 }
    const signed = await app.ask('POST', '/v3/files/private/download_link', { key, json: { ...json, method: 'GET' } })
    const link = signed.body.data.slice(`http://${base}`.length)
    await app.ask('POST', '/v3/gateways', { key, json: { domain: `all-${database}` } })
    const own = `all-${database}.${base}`
    const ways = [[`/ipfs/${file.cid}`], [`/ipfs/${child}`], [link, base], [`/ipfs/${file.cid}`, own]] as const
    for (const [path, host] of ways) expect((await get(path, host)).status).toBe(200)
    const { usedBytes, quotaBytes, month, resetsAt } = await usage(key)
    expect([quotaBytes, month, resetsAt]).toEqual([null, '2026-02', '2026-03-01T00:00:00.000Z'])
    expect(usedBytes).toBeGreaterThan(2 * text.length)
    expect(usedBytes).toBeLessThan(4 * text.length)

    await setQuota(key, usedBytes)
    for (const [path, host] of ways) refused(await get(path, host))
    refused(await get(`/ipfs/${file.cid}?format=car`))
    expect((await get(`/ipfs/${file.cid}`, 'elsewhere', 'HEAD')).status).toBe(429)
    expect((await get(`/ipfs/${file.cid}`, own, 'OPTIONS')).status).toBe(204)
    // What others hold as well is theirs to serve.
    const other = await account()
    const shared = await upload(app, other, [['b.txt', `${text} of ${database}`]])
    await expect.poll(async () => (await get(`/ipfs/${shared.cid}`)).status, { timeout: 60_000 }).toBe(200)
    refused(await get(`/ipfs/${file.cid}`, own))
    expect((await usage(key)).usedBytes).toBeGreaterThan(usedBytes)

    await setQuota(key, 10 * text.length)
    for (const [path, host] of ways) expect((await get(path, host)).status).toBe(200)
    await setQuota(key, 0)
    for (const [path, host] of ways.slice(1)) refused(await get(path, host))
    await setQuota(key, null)
    for (const [path, host] of ways) expect((await get(path, host)).status).toBe(200)
  })

  it('refuse in the process that served the last byte before it is written down', async () => {
    const key = await account()
    const file = await upload(app, key, [['n.txt', `${'z'.repeat(3_000)} of ${database}`]])
    const made = await app.ask('POST', '/v3/gateways', { key, json: { domain: `now-${database}` } })
    const host = `now-${database}.${base}`
    const json = { egressQuotaBytes: 5_000 }
    expect((await app.ask('PUT', `/pinyon/v1/gateways/${made.body.data.id}/rules`, { key, json })).status).toBe(200)
    const written = vi.spyOn(app.services.traffic, 'flush').mockResolvedValue()
    try {
      // Two answers of some 4,000 bytes each, with their headers.
      for (const status of [200, 200, 429]) expect((await get(`/ipfs/${file.cid}`, host)).status).toBe(status)
      const more = { egressQuotaBytes: 50_000 }
      await app.ask('PUT', `/pinyon/v1/gateways/${made.body.data.id}/rules`, { key, json: more })
      expect((await get(`/ipfs/${file.cid}`, host)).status).toBe(200)
    } finally {
      written.mockRestore()
    }
  })

  it('of a gateway end what it serves, tell its owner, and begin anew with the month', async () => {
    const key = await account()
    const hook = { url: 'https://hook.example.test/', name: 'n', kinds: ['quota.near', 'quota.reached'] }
    expect((await app.ask('POST', '/pinyon/v1/webhooks', { key, json: hook })).status).toBe(200)
    const file = await upload(app, key, [['g.txt', `${'y'.repeat(2_000)} of ${database}`]])
    const made = await app.ask('POST', '/v3/gateways', { key, json: { domain: `one-${database}` } })
    const { id } = made.body.data
    const rules = `/pinyon/v1/gateways/${id}/rules`
    const host = `one-${database}.${base}`
    const set = (json: unknown) => app.ask('PUT', rules, { key, json })
    const fetched = async () => {
      expect((await get(`/ipfs/${file.cid}`, host)).status).toBe(200)
      await app.services.traffic.flush()
      return (await app.ask('GET', rules, { key })).body.egress.usedBytes
    }
    const once = await fetched()
    expect(once).toBeGreaterThan(2_000)
    const limitBytes = Math.floor(2.4 * once)
    expect((await set({ egressQuotaBytes: limitBytes })).body.egress).toMatchObject({ quotaBytes: limitBytes })
    expect([await fetched(), await fetched()]).toEqual([2 * once, 3 * once])
    refused(await get(`/ipfs/${file.cid}`, host))
    expect((await get(`/ipfs/${file.cid}`)).status).toBe(200)
    const tried = await app.ask('POST', `/pinyon/v1/gateways/${id}/access/try`, {
      key,
      json: { path: `/ipfs/${file.cid}` },
    })
    expect(tried.body).toMatchObject({ served: false, status: 429 })
    const events = await app.services.db.read
      .selectFrom('events')
      .select(['kind', 'data'])
      .where('account_id', '=', key.accountId)
      .where('kind', 'like', 'quota.%')
      .orderBy('id')
      .execute()
    expect(events.map(({ kind }) => kind)).toEqual(['quota.near', 'quota.reached'])
    expect(JSON.parse(events[1]?.data ?? '')).toMatchObject({
      object: { of: 'egress', month: '2026-02', gatewayId: id, limitBytes, usedBytes: 3 * once },
    })

    expect((await set({ egressQuotaBytes: null })).body.egress.quotaBytes).toBe(null)
    expect((await get(`/ipfs/${file.cid}`, host)).status).toBe(200)
    await set({ egressQuotaBytes: 100 })
    refused(await get(`/ipfs/${file.cid}`, host))
    clock.move(Date.UTC(2026, 2) - clock.now())
    await app.services.egressLimits.changed()
    expect((await get(`/ipfs/${file.cid}`, host)).status).toBe(200)
    expect((await app.ask('GET', rules, { key })).body.egress).toMatchObject({ month: '2026-03', usedBytes: 0 })

    expect((await set({ egressQuotaBytes: -1 })).status).toBe(400)
    expect((await set({ html: 'shown' })).status).toBe(400)
    expect((await app.ask('PUT', rules, { json: {} })).status).toBe(401)
    const reader = await app.makeKey(key, { resources: ['org:gateways:read'] })
    expect((await app.ask('GET', rules, { key: reader })).status).toBe(200)
    expect((await app.ask('PUT', rules, { key: reader, json: {} })).status).toBe(403)
    expect((await app.ask('GET', rules, { key: operator })).status).toBe(404)
  })
})
