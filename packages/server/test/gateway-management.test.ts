import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, type KeyValues, startTestApp, type TestApp } from './support/app.ts'

describe.each(databases)('gateways on %s', (database) => {
  let app: TestApp
  let operator: KeyValues & { accountId: string }
  let key: KeyValues & { accountId: string }
  let other: KeyValues & { accountId: string }

  beforeAll(async () => {
    app = await startTestApp({ database })
    operator = await app.setUp()
    key = await app.makeAccount(operator, 'mine')
    other = await app.makeAccount(operator, 'other')
  })
  afterAll(() => app.close())

  const ask = (method: string, path: string, json?: unknown, as: KeyValues = key) =>
    app.ask(method, `/v3/${path}`, { key: as, ...(json === undefined ? {} : { json }) })
  const make = async (domain: string) => (await ask('POST', 'gateways', { domain })).body.data.id as string

  it('makes, lists, shows and deletes them in the shapes that the SDKs read', async () => {
    const made = await ask('POST', 'gateways', { domain: 'My-Site' })
    const { id } = made.body.data
    expect([made.status, made.body]).toEqual([
      200,
      {
        data: {
          id,
          created_at: expect.any(String),
          domain: 'my-site',
          restrict: false,
          custom_domains: [],
          settings: { restriction_policies: { accessTokens: [], allowedHosts: [], allowedIPAddresses: [] } },
        },
      },
    ])
    const { settings: _settings, ...listed } = made.body.data
    for (const path of ['gateways', 'ipfs/gateways', 'gateways?pageSize=5&page=1'])
      expect((await ask('GET', path)).body).toEqual({ data: { count: 1, rows: [listed] } })
    expect((await ask('GET', 'gateways?page=2')).body).toEqual({ data: { count: 1, rows: [] } })
    expect((await ask('GET', `gateways/${id}`)).body).toEqual(made.body)
    expect((await ask('GET', 'gateways/exists/MY-SITE', undefined, other)).body).toEqual({ data: { exists: true } })
    expect((await ask('GET', 'gateways/exists/free-one')).body).toEqual({ data: { exists: false } })
    expect((await ask('GET', 'gateways/exists/api')).body).toEqual({ data: { exists: true } })
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/access_tokens'],
    ] as const)
      expect((await ask(method, `gateways/${id}${path}`, undefined, other)).status).toBe(404)
    expect((await ask('DELETE', `gateways/${id}`)).body).toEqual({ data: null })
    expect((await ask('GET', `gateways/${id}`)).status).toBe(404)
    expect((await ask('GET', 'gateways/exists/my-site')).body).toEqual({ data: { exists: false } })
  })

  it('keeps names and domains apart, whoever has them', async () => {
    await make('taken')
    const again = await ask('POST', 'gateways', { domain: 'taken' }, other)
    expect([again.status, again.body.error.reason]).toEqual([409, 'CONFLICT'])
    expect((await ask('POST', 'gateways', { domain: 'www' })).status).toBe(409)
    for (const domain of ['', '-a', 'a-', 'a.b', 'a b', 'ä', 'x'.repeat(64)])
      expect([domain, (await ask('POST', 'gateways', { domain })).status]).toEqual([domain, 400])
    const [mine, second] = [await make('first-one'), await make('second-one')]
    const added = await ask('POST', `gateways/${mine}/custom_domain`, { domain: 'IPFS.Example.test.' })
    const domain = {
      domain: 'ipfs.example.test',
      domain_validation_status: 'pending',
      custom_domain_id: added.body.data.custom_domain_id,
      ssl_validation_status: 'initializing',
      proof: expect.objectContaining({
        by: 'dns',
        record: {
          type: 'TXT',
          name: '_pinyon.ipfs.example.test',
          value: expect.stringMatching(/^pinyon-domain=[\w-]{32}$/),
        },
        provenAt: null,
        nextCheckAt: expect.any(String),
      }),
    }
    expect(added.body).toEqual({ data: domain })
    const repeated = await ask('POST', `gateways/${mine}/custom_domain`, { domain: 'ipfs.example.test' })
    expect([repeated.status, repeated.body.error.reason]).toEqual([409, 'CONFLICT'])
    // Asking for it takes it from nobody: only a record in the DNS decides.
    const claimed = await ask('POST', `gateways/${second}/custom_domain`, { domain: 'ipfs.example.test' })
    expect([claimed.status, claimed.body.data.domain_validation_status]).toEqual([200, 'pending'])
    expect(claimed.body.data.proof.record.value).not.toBe(added.body.data.proof.record.value)
    for (const wrong of ['example', '192.0.2.7', 'a..b', 'https://a.b', 'a.b/c', `${'x'.repeat(64)}.test`])
      expect([wrong, (await ask('POST', `gateways/${mine}/custom_domain`, { domain: wrong })).status]).toEqual([
        wrong,
        400,
      ])
    const path = `custom_domain/${domain.custom_domain_id}`
    expect((await ask('GET', `gateways/${mine}/${path}`)).body).toEqual({ data: domain })
    expect((await ask('GET', `gateways/${mine}`)).body.data.custom_domains).toEqual([domain])
    expect((await ask('DELETE', `gateways/${second}/${path}`)).status).toBe(404)
    expect((await ask('DELETE', `gateways/${mine}/${path}`)).body).toEqual({ data: null })
    expect((await ask('GET', `gateways/${mine}/${path}`)).status).toBe(404)
  })

  it('keeps what lets requests in: tokens shown again and stored as hashes, addresses, hosts', async () => {
    const id = await make('guarded')
    const token = (await ask('POST', `gateways/${id}/access_tokens`)).body.data
    expect(token).toEqual({
      id: expect.any(String),
      value: expect.stringMatching(/^pngw_[\w-]{43}$/),
      createdAt: expect.any(String),
    })
    const ip = (await ask('POST', `gateways/${id}/ips`, { ip: '2001:DB8::/32' })).body.data
    const host = (await ask('POST', `gateways/${id}/hosts`, { host: 'https://App.example.test/' })).body.data
    expect([ip.value, host.value]).toEqual(['2001:db8::/32', 'https://app.example.test'])
    const shown = (await ask('GET', `gateways/${id}`)).body.data
    expect([shown.restrict, shown.settings.restriction_policies]).toEqual([
      true,
      { accessTokens: [token], allowedHosts: [host], allowedIPAddresses: [ip] },
    ])
    const stored = await app.services.db.read.selectFrom('gateway_restrictions').selectAll().execute()
    expect(JSON.stringify(stored)).not.toContain(token.value)
    for (const wrong of ['nothing', '300.1.1.1', '10.0.0.0/33', '::1/129', '10.0.0.0/8/8', '1.2.3.4/', 'fe80::1%eth0'])
      expect([wrong, (await ask('POST', `gateways/${id}/ips`, { ip: wrong })).status]).toEqual([wrong, 400])
    for (const wrong of [
      'app.example.test',
      'https://a.test/path',
      'ftp://a.test',
      'https://u:p@a.test',
      'https://a.test?q',
      'null',
    ])
      expect([wrong, (await ask('POST', `gateways/${id}/hosts`, { host: wrong })).status]).toEqual([wrong, 400])
    expect((await ask('POST', `gateways/${id}/ips`, { ip: '2001:db8::/32' })).status).toBe(409)
    expect((await ask('DELETE', `gateways/${id}/hosts/${ip.id}`)).status).toBe(404)
    for (const [path, { id: rid }] of [
      ['access_tokens', token],
      ['ips', ip],
      ['hosts', host],
    ] as const)
      expect((await ask('DELETE', `gateways/${id}/${path}/${rid}`)).body).toEqual({ data: null })
    expect((await ask('GET', `gateways/${id}`)).body.data.restrict).toBe(false)
    const audit = await app.ask('GET', '/pinyon/v1/audit', { key })
    expect(JSON.stringify(audit.body)).not.toContain(token.value)
  })

  it('gives gateways plugins of the marketplace', async () => {
    const id = await make('plugged')
    const market = (await ask('GET', 'gateways/plugins/marketplace')).body.data
    expect(market.map(({ id: number }: { id: number }) => number)).toEqual([1, 2])
    expect((await ask('GET', 'ipfs/plugins_marketplace')).body.data).toEqual(market)
    expect((await ask('GET', 'gateways/plugins/marketplace/2')).body).toEqual({ data: market[1] })
    expect((await ask('GET', 'gateways/plugins/marketplace/9')).status).toBe(404)
    const has = { gateway_id: id, plugin_id: 2 }
    for (let i = 0; i < 2; i++)
      expect((await ask('POST', `gateways/plugins/${id}`, { plugin_id: 2 })).body).toEqual({ data: has })
    expect((await ask('POST', `gateways/plugins/${id}`, { plugin_id: 3 })).status).toBe(400)
    for (const path of [`gateways/plugins/${id}`, `ipfs/gateway_plugins/${id}`, 'gateways/plugins'])
      expect((await ask('GET', path)).body).toEqual({ data: [has] })
    expect((await ask('GET', 'gateways/plugins', undefined, other)).body).toEqual({ data: [] })
    expect((await ask('GET', `gateways/plugins/${id}`, undefined, other)).status).toBe(404)
    expect((await ask('DELETE', `gateways/plugins/${id}/plugin/2`)).body).toEqual({ data: null })
    expect((await ask('DELETE', `gateways/plugins/${id}/plugin/2`)).status).toBe(404)
  })

  it('says clearly what it has not: vectors and payments', async () => {
    for (const [method, path] of [
      ['POST', 'vectorize/files/x'],
      ['POST', 'vectorize/groups/x/query'],
      ['GET', 'x402/payment_instructions'],
      ['PATCH', 'x402/payment_instructions/x'],
      ['PUT', 'x402/payment_instructions/x/cids/y'],
    ] as const) {
      const { status, body } = await ask(method, path, method === 'GET' ? undefined : { text: 'x' })
      expect([status, body.error]).toEqual([
        501,
        { code: 501, reason: 'NOT_SUPPORTED', message: expect.stringContaining('This server') },
      ])
      expect((await app.ask(method, `/v3/${path}`)).status).toBe(401)
    }
  })
})
