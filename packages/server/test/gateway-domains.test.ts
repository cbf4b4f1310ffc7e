import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenGateway } from '../src/gateway/server.ts'
import { checkDueDomains } from '../src/gateways/domain-proof.ts'
import type { Listening } from '../src/http/server.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { type DnsServer, startDnsServer } from './support/dns-server.ts'
import { TestClock } from './support/domain.ts'
import { PresetNames } from './support/preset-names.ts'
import { rawAsk } from './support/raw-http.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

describe.each(databases)('domains of gateways on %s', (database) => {
  let app: TestApp
  let dns: DnsServer
  let listener: Listening
  let owner: KeyValues
  let thief: KeyValues
  let ours: Uploaded
  let stolen: Uploaded
  const clock = new TestClock()
  const names = new PresetNames()
  beforeAll(async () => {
    dns = await startDnsServer()
    app = await startTestApp({
      database,
      clock,
      nameSource: names,
      // Nothing but the tests looks at domains, so that each says when.
      env: {
        PINYON_GATEWAY_URL: 'http://gw.example.org',
        PINYON_DNS_SERVERS: dns.address,
        PINYON_DNSLINK: 'hosts',
        ...(database === 'postgres' ? { PINYON_ROLES: 'api,gateway' } : {}),
      },
    })
    listener = await listenGateway(app.services)
    const operator = await app.setUp()
    owner = await app.makeAccount(operator, 'keeper')
    thief = await app.makeAccount(operator, 'thief')
    ours = await upload(app, owner, [['o.txt', `ours on ${database}`]])
    stolen = await upload(app, thief, [['s.txt', `stolen on ${database}`]])
  })
  afterAll(async () => {
    await listener.close(0)
    await app.close()
    await dns.close()
  })

  const read = async (host: string, path: string) =>
    (await rawAsk(`http://127.0.0.1:${listener.port}`, 'GET', path, { host })).status
  const status = async (host: string, cid: string) => read(host, `/ipfs/${cid}`)
  const ask = (key: KeyValues, method: string, path: string, json?: unknown) =>
    app.ask(method, path, { key, ...(json === undefined ? {} : { json }) })
  async function claim(key: KeyValues, name: string, domain: string) {
    const { id } = (await ask(key, 'POST', '/v3/gateways', { domain: name })).body.data
    const added = await ask(key, 'POST', `/v3/gateways/${id}/custom_domain`, { domain })
    expect(added.status).toBe(200)
    const { custom_domain_id: domainId, proof } = added.body.data
    const check = async () => {
      const { status: code, body } = await ask(key, 'POST', `/pinyon/v1/gateways/${id}/domains/${domainId}/check`)
      expect(code).toBe(200)
      return body
    }
    const get = async () => (await ask(key, 'GET', `/v3/gateways/${id}/custom_domain/${domainId}`)).body.data
    return { id, domainId, record: proof.record as { name: string; value: string }, check, get }
  }
  const sweep = async () => {
    await checkDueDomains(app.services, AbortSignal.timeout(30_000))
  }

  it('are served to nobody before a record shows whose they are, and then by its gateway', async () => {
    const domain = 'site.example.com'
    const mine = await claim(owner, 'ours', domain)
    const theirs = await claim(thief, 'stolen', domain)
    // Not proven, so not theirs: the host is one like any other, which shows all that is public.
    expect([await status(domain, ours.cid), await status(domain, stolen.cid)]).toEqual([200, 200])
    expect(await theirs.check()).toMatchObject({
      domain_validation_status: 'pending',
      proof: { problem: `There is no TXT record ${theirs.record.name}.`, provenAt: null },
    })
    dns.set(mine.record.name, ['v=spf1 -all', mine.record.value])
    // Another account cannot use the owner's record.
    expect(await theirs.check()).toMatchObject({
      domain_validation_status: 'pending',
      proof: { problem: expect.stringContaining('does not say') },
    })
    expect(await mine.check()).toMatchObject({
      domain_validation_status: 'active',
      ssl_validation_status: 'external',
      proof: { by: 'dns', problem: null, provenAt: expect.any(String) },
    })
    expect([await status(domain, ours.cid), await status(domain, stolen.cid)]).toEqual([200, 403])
    const actions = (await ask(owner, 'GET', '/pinyon/v1/audit?action=gateway.domain_proven')).body.entries
    expect(actions).toMatchObject([{ actor: { kind: 'machine' }, target: mine.id, detail: { domain } }])
    await ask(owner, 'DELETE', `/v3/gateways/${mine.id}`)
    expect(await status(domain, stolen.cid)).toBe(200)
  })

  it('take no website of a DNSLink from whoever has it', async () => {
    names.setLink('blog.example.com', `/ipfs/${ours.cid}`)
    expect(await read('blog.example.com', '/')).toBe(200)
    const theirs = await claim(thief, 'blog', 'blog.example.com')
    await theirs.check()
    // Served by the claim it would be a 400: `/` is no content path of a gateway (ERR_ID:00004).
    expect(await read('blog.example.com', '/')).toBe(200)
    dns.set(theirs.record.name, [theirs.record.value])
    await theirs.check()
    expect(await read('blog.example.com', '/')).toBe(400)
  })

  it('are looked at again, and lost when the record is missed twice', async () => {
    const domain = 'leaving.example.com'
    const mine = await claim(owner, 'leaving', domain)
    dns.set(mine.record.name, [mine.record.value])
    await sweep()
    expect((await mine.get()).domain_validation_status).toBe('active')
    dns.set(mine.record.name, [])
    clock.move(hourMs)
    await sweep()
    expect(await mine.get()).toMatchObject({
      domain_validation_status: 'failing',
      proof: { problem: `There is no TXT record ${mine.record.name}.` },
    })
    expect(await status(domain, stolen.cid)).toBe(403)
    clock.move(minuteMs)
    await sweep()
    expect((await mine.get()).domain_validation_status).toBe('pending')
    expect(await status(domain, stolen.cid)).toBe(200)
    const lost = (await ask(owner, 'GET', '/pinyon/v1/audit?action=gateway.domain_lost')).body.entries
    expect(lost).toMatchObject([{ target: mine.id, detail: { domain } }])
    dns.set(mine.record.name, [mine.record.value])
    clock.move(hourMs)
    await sweep()
    expect((await mine.get()).domain_validation_status).toBe('active')
  })

  it('stay while the DNS does not answer, for three days', async () => {
    const domain = 'quiet.example.com'
    const mine = await claim(owner, 'quiet', domain)
    dns.set(mine.record.name, [mine.record.value])
    await mine.check()
    dns.set(mine.record.name, 'broken')
    for (const hours of [1, 24, 47]) {
      clock.move(hours * hourMs)
      expect(await mine.check()).toMatchObject({
        domain_validation_status: 'failing',
        proof: { problem: `The DNS did not answer for ${mine.record.name}.` },
      })
      expect(await status(domain, stolen.cid)).toBe(403)
    }
    clock.move(2 * hourMs)
    expect((await mine.check()).domain_validation_status).toBe('pending')
    expect(await status(domain, stolen.cid)).toBe(200)
  })

  it('are checked by nobody but their account', async () => {
    const mine = await claim(owner, 'guarded', 'guarded.example.com')
    const path = `/pinyon/v1/gateways/${mine.id}/domains/${mine.domainId}/check`
    expect((await ask(thief, 'POST', path)).status).toBe(404)
    expect((await app.ask('POST', path)).status).toBe(401)
    const reader = await app.makeKey(owner, { resources: ['org:gateways:read'] })
    expect((await ask(reader, 'POST', path)).status).toBe(403)
  })
})
